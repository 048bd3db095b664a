// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/write_check.hpp"

#include <cstring>
#include <string_view>

#include "mod_stickybalancer/api/answer.hpp"

namespace stickybalancer::api {
namespace {

constexpr std::size_t kLongestBody = 65536;

// HOST:PORT without the port that the scheme has anyway.
std::string_view without_default_port(std::string_view authority, bool is_https)
{
    const std::string_view port = is_https ? ":443" : ":80";
    if (authority.ends_with(port))
        authority.remove_suffix(port.size());
    return authority;
}

bool is_alike(std::string_view one, std::string_view other)
{
    return one.size() == other.size() &&
           ap_cstr_casecmpn(one.data(), other.data(), one.size()) == 0;
}

// A front end may have spoken TLS for us, so that only the host can be compared.
bool is_same_host(std::string_view origin, const char *host)
{
    const bool is_https = origin.starts_with("https://");
    if (host == nullptr || (!is_https && !origin.starts_with("http://")))
        return false;
    origin.remove_prefix(origin.find("://") + 3);
    return is_alike(without_default_port(origin, is_https), without_default_port(host, is_https));
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
    if (!is_foreign_site &&
        (origin == nullptr || is_same_host(origin, apr_table_get(r->headers_in, "Host"))))
        return true;
    refuse(r, HTTP_FORBIDDEN, "a page of another server may change nothing here (Origin)");
    return false;
}

std::optional<std::string> read_json_body(request_rec *r)
{
    if (!is_json(r))
        return std::nullopt;
    if (ap_setup_client_block(r, REQUEST_CHUNKED_DECHUNK) != OK) {
        refuse(r, HTTP_BAD_REQUEST, "the body's length cannot be told");
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
        refuse(r, HTTP_REQUEST_ENTITY_TOO_LARGE, "the body has more than 65536 bytes");
    else if (count < 0)
        refuse(r, HTTP_BAD_REQUEST, "the body did not come as a whole");
    else
        return body;
    return std::nullopt;
}

}  // namespace stickybalancer::api
