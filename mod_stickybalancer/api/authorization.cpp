// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/authorization.hpp"

#include <mod_ssl.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <span>

namespace stickybalancer::api {
namespace {

// Of networks that are for documentation, by family: where some of a family are let in, the configuration is a
// document's; where all are, that family is.
using Addresses = std::span<const char *const>;
constexpr const char *kAddresses4[] = {"192.0.2.1", "198.51.100.1", "203.0.113.1"};
constexpr const char *kAddresses6[] = {"2001:db8::1", "3fff::1"};

bool has_certificate(request_rec *r)
{
    const auto ask = APR_RETRIEVE_OPTIONAL_FN(ssl_var_lookup);
    char name[] = "SSL_CLIENT_VERIFY";
    const char *verified =
        ask != nullptr ? ask(r->pool, r->server, r->connection, r, name) : nullptr;
    return verified != nullptr && std::strcmp(verified, "SUCCESS") == 0;
}

// What each browser sends when somebody opens a page, but for the host.
struct Header {
    const char *name, *value;
};
using Headers = std::span<const Header>;
constexpr Header kOfAnyBrowser[] = {
    {"Accept-Encoding", "gzip, deflate, br, zstd"},
    {"Connection", "keep-alive"},
    {"Upgrade-Insecure-Requests", "1"},
    {"Sec-Fetch-Dest", "document"},
    {"Sec-Fetch-Mode", "navigate"},
    {"Sec-Fetch-Site", "none"},
    {"Sec-Fetch-User", "?1"},
};
constexpr Header kFirefox[] = {
    {"User-Agent",
     "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"},
    {"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
    {"Accept-Language", "en-US,en;q=0.5"},
};
constexpr Header kChromium[] = {
    {"User-Agent",
     "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/128.0.0.0 Safari/537.36"},
    {"Accept",
     "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;"
     "q=0.8,application/signed-exchange;v=b3;q=0.7"},
    {"Accept-Language", "en-US,en;q=0.9"},
    {"sec-ch-ua", "\"Chromium\";v=\"128\", \"Not;A=Brand\";v=\"24\""},
    {"sec-ch-ua-mobile", "?0"},
    {"sec-ch-ua-platform", "\"Windows\""},
};
// Who names nothing of himself, and who names what anybody's browser does.
const Headers kManners[] = {{}, kFirefox, kChromium};

apr_table_t *headers_of(apr_pool_t *pool, request_rec *r, Headers manner)
{
    auto *headers =
        apr_table_make(pool, static_cast<int>(std::size(kOfAnyBrowser) + manner.size()) + 1);
    if (manner.empty())
        return headers;
    const char *host = apr_table_get(r->headers_in, "Host");
    apr_table_setn(headers, "Host",
                   host != nullptr ? host
                                   : ap_construct_server(pool, r->server->server_hostname,
                                                         ap_get_server_port(r), r));
    for (const auto &some : {manner, Headers(kOfAnyBrowser)})
        for (const auto &[name, value] : some)
            apr_table_setn(headers, name, value);
    return headers;
}

// The hook of this name that mod_setenvif has; null: it has none.
template <typename Link>
auto hook_of_setenvif(const apr_array_header_t *hooks) -> decltype(Link::pFunc)
{
    for (int i = 0; hooks != nullptr && i < hooks->nelts; ++i) {
        const auto &link = APR_ARRAY_IDX(hooks, i, Link);
        if (std::strcmp(link.szName, "mod_setenvif.c") == 0)
            return link.pFunc;
    }
    return nullptr;
}

// Somebody who asks for the same. Nothing of what is done to it reaches the request; its log is silent, because
// nobody was refused anything.
class Stranger {
public:
    Stranger(request_rec *r, Headers manner) : request_(*r), connection_(*r->connection)
    {
        apr_pool_create(&pool_, r->pool);
        silence_.level = -1;
        request_.pool = connection_.pool = pool_;
        request_.log = connection_.log = &silence_;
        request_.connection = &connection_;
        request_.headers_in = headers_of(pool_, r, manner);
        request_.headers_out = apr_table_make(pool_, 1);
        request_.err_headers_out = apr_table_make(pool_, 1);
        request_.notes = apr_table_make(pool_, 1);
        request_.request_config = copy_of(r->request_config);
        request_.user = request_.ap_auth_type = nullptr;
        // No name of the address is looked up.
        request_.double_reverse = connection_.double_reverse = -1;
        request_.useragent_host = connection_.remote_host = apr_pstrdup(pool_, "");
        connection_.remote_logname = nullptr;
        if (has_certificate(r))
            forget_certificate();
    }
    ~Stranger() { apr_pool_destroy(pool_); }
    Stranger(const Stranger &) = delete;
    Stranger &operator=(const Stranger &) = delete;

    bool is_let_in(const char *address)
    {
        apr_sockaddr_t *from = nullptr;
        if (apr_sockaddr_info_get(&from, address, APR_UNSPEC, 0, 0, pool_) != APR_SUCCESS)
            return false;
        request_.useragent_addr = connection_.client_addr = from;
        request_.useragent_ip = connection_.client_ip = apr_pstrdup(pool_, address);
        set_environment();
        const bool is_passed = ap_run_access_checker(&request_) == OK;
        const bool is_enough = ap_satisfies(&request_) == SATISFY_ANY;
        if (is_passed == is_enough)
            return is_passed;
        return ap_run_access_checker_ex(&request_) == OK && ap_run_force_authn(&request_) != OK;
    }

private:
    // What checkers put there is in the stranger's pool.
    ap_conf_vector_t *copy_of(const ap_conf_vector_t *config) const
    {
        auto *copy = ap_create_request_config(pool_);
        for (auto **loaded = ap_loaded_modules; *loaded != nullptr; ++loaded)
            ap_set_module_config(copy, *loaded, ap_get_module_config(config, *loaded));
        return copy;
    }

    // What SetEnvIf and its kin make of him, first those of the server, then those of the location: a Require env is
    // no guard where they say it of everybody. Other modules' hooks are not run; they may do more than look.
    void set_environment()
    {
        request_.subprocess_env = apr_table_make(pool_, 1);
        const auto *setenvif = ap_find_linked_module("mod_setenvif.c");
        if (setenvif == nullptr)
            return;
        ap_set_module_config(request_.request_config, setenvif, nullptr);  // it begins anew
        if (const auto of_server =
                hook_of_setenvif<ap_LINK_post_read_request_t>(ap_hook_get_post_read_request());
            of_server != nullptr)
            of_server(&request_);
        if (const auto of_location =
                hook_of_setenvif<ap_LINK_header_parser_t>(ap_hook_get_header_parser());
            of_location != nullptr)
            of_location(&request_);
    }

    // mod_ssl finds it by what it keeps of the connection.
    void forget_certificate()
    {
        connection_.conn_config = ap_create_conn_config(pool_);
        connection_.master = nullptr;
    }

    apr_pool_t *pool_ = nullptr;
    ap_logconf silence_{};
    request_rec request_;
    conn_rec connection_;
};

}  // namespace

bool is_anybody_let_in(request_rec *r)
{
    for (const auto manner : kManners) {
        Stranger stranger(r, manner);
        const auto are_let_in = [&](Addresses addresses) {
            return std::all_of(addresses.begin(), addresses.end(),
                               [&](const char *address) { return stranger.is_let_in(address); });
        };
        if (are_let_in(kAddresses4) || are_let_in(kAddresses6))
            return true;
    }
    return false;
}

}  // namespace stickybalancer::api
