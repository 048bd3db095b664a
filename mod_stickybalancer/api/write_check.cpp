// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/write_check.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>

#include "mod_stickybalancer/api/answer.hpp"
#include "mod_stickybalancer/core_settings.hpp"

namespace stickybalancer::api {
namespace {

constexpr std::size_t kLongestBody = 65536;
constexpr char kTooLong[] = "the body has more than 65536 bytes";

// HOST:PORT, however the port is written: left out, empty, or with zeros before it.
struct Authority {
    std::string_view host;  // of IPv6 with its brackets
    std::uint32_t port;
};

std::optional<Authority> authority_of(std::string_view text, bool is_https)
{
    const auto bracket = text.starts_with('[') ? text.find(']') : 0;
    const auto colon = std::min(text.find(':', std::min(bracket, text.size())), text.size());
    Authority authority{text.substr(0, colon), is_https ? 443U : 80U};
    const auto port = text.substr(std::min(colon + 1, text.size()));
    if (port.empty())
        return authority;
    const auto *end = port.data() + port.size();
    const auto [last, error] = std::from_chars(port.data(), end, authority.port);
    return error == std::errc() && last == end ? std::optional(authority) : std::nullopt;
}

bool is_alike(std::string_view one, std::string_view other)
{
    return one.size() == other.size() &&
           ap_cstr_casecmpn(one.data(), other.data(), one.size()) == 0;
}

// A front end may have spoken TLS for us; none takes it away.
bool is_same_origin(const request_rec *r, std::string_view origin)
{
    const char *host = apr_table_get(r->headers_in, "Host");
    const bool is_https = origin.starts_with("https://");
    const bool is_clear = origin.starts_with("http://");
    if (host == nullptr || (!is_https && !is_clear) ||
        (is_clear && std::strcmp(ap_http_scheme(r), "https") == 0))
        return false;
    origin.remove_prefix(origin.find("://") + 3);
    const auto page = authority_of(origin, is_https), server = authority_of(host, is_https);
    return page && server && page->port == server->port && is_alike(page->host, server->host);
}

// Of HOST:PORT; an IPv6 address without its brackets.
const char *host_of(apr_pool_t *pool, std::string_view authority)
{
    if (authority.starts_with('['))
        authority = authority.substr(1, authority.find(']') - 1);
    else
        authority = authority.substr(0, authority.find(':'));
    if (authority.ends_with('.'))
        authority.remove_suffix(1);
    return apr_pstrmemdup(pool, authority.data(), authority.size());
}

bool is_address(const char *host)
{
    in6_addr bytes;
    return inet_pton(AF_INET, host, &bytes) == 1 || inet_pton(AF_INET6, host, &bytes) == 1;
}

bool is_one_of(const char *host, const apr_array_header_t *names, bool is_wild)
{
    for (int i = 0; names != nullptr && i < names->nelts; ++i) {
        const char *name = APR_ARRAY_IDX(names, i, const char *);
        if (name != nullptr &&
            (is_wild ? ap_strcasecmp_match(host, name) == 0 : ap_cstr_casecmp(host, name) == 0))
            return true;
    }
    return false;
}

// A name that anybody can let lead to this server's address is no name of this server: a page from there is of the
// same origin for the browser, and still not ours.
bool is_name_of_this_server(const request_rec *r, const char *host)
{
    const auto &server = *r->server;
    return is_address(host) || ap_cstr_casecmp(host, "localhost") == 0 ||
           ap_cstr_casecmp(host, server.server_hostname) == 0 ||
           is_one_of(host, server.names, false) || is_one_of(host, server.wild_names, true);
}

// Says so where it is not.
bool is_json(request_rec *r)
{
    constexpr std::string_view kJson = "application/json";
    const char *type = apr_table_get(r->headers_in, "Content-Type");
    if (type != nullptr && ap_cstr_casecmpn(type, kJson.data(), kJson.size()) == 0 &&
        std::strchr(" \t;", type[kJson.size()]) != nullptr)
        return true;
    refuse(r, HTTP_UNSUPPORTED_MEDIA_TYPE, "the body must be Content-Type: application/json");
    return false;
}

}  // namespace

bool is_of_this_origin(request_rec *r)
{
    const char *origin = apr_table_get(r->headers_in, "Origin");
    const char *site = apr_table_get(r->headers_in, "Sec-Fetch-Site");
    const bool is_foreign_site =
        site != nullptr && std::strcmp(site, "same-origin") != 0 && std::strcmp(site, "none") != 0;
    if (is_foreign_site || (origin != nullptr && !is_same_origin(r, origin))) {
        refuse(r, HTTP_FORBIDDEN, "a page of another server may change nothing here (Origin)");
        return false;
    }
    if (origin == nullptr ||
        is_name_of_this_server(r, host_of(r->pool, std::strstr(origin, "://") + 3)))
        return true;
    refuse(r, HTTP_FORBIDDEN,
           "the page's address (Origin) has a name that is not this server's: give it in "
           "ServerName or ServerAlias");
    return false;
}

bool is_of_this_generation(request_rec *r)
{
    if (!is_outdated_child())
        return true;
    refuse(r, HTTP_SERVICE_UNAVAILABLE, "the server was restarted meanwhile: ask again");
    return false;
}

std::optional<std::string> read_json_body(request_rec *r)
{
    if (!is_json(r))
        return std::nullopt;
    const int begun = ap_setup_client_block(r, REQUEST_CHUNKED_DECHUNK);
    if (begun == HTTP_REQUEST_ENTITY_TOO_LARGE) {  // than LimitRequestBody
        refuse(r, begun, kTooLong);
        return std::nullopt;
    }
    if (begun != OK) {
        refuse(r, HTTP_BAD_REQUEST,
               "the body's length cannot be told: give Content-Length, or send it in chunks");
        return std::nullopt;
    }
    std::string body;
    bool is_too_long = r->remaining > static_cast<apr_off_t>(kLongestBody);
    long count = 0;
    if (!is_too_long && ap_should_client_block(r) != 0) {
        char bytes[4096];
        while ((count = ap_get_client_block(r, bytes, sizeof(bytes))) > 0 && !is_too_long) {
            body.append(bytes, static_cast<std::size_t>(count));
            is_too_long = body.size() > kLongestBody;
        }
    }
    if (is_too_long)
        refuse(r, HTTP_REQUEST_ENTITY_TOO_LARGE, kTooLong);
    else if (count < 0)
        refuse(r, HTTP_BAD_REQUEST, "the body did not come as a whole");
    else
        return body;
    return std::nullopt;
}

}  // namespace stickybalancer::api
