// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/health_transfer.hpp"

#include <cstring>

#include "mod_stickybalancer/member_scheme.hpp"
#include "mod_stickybalancer/member_settings.hpp"

namespace stickybalancer {
namespace {

constexpr long kBufferSize = 4096;
constexpr const char *kUserAgent = "mod_stickybalancer";

const char *host_of(apr_pool_t *pool, const proxy_worker &worker)
{
    const char *host = worker.s->hostname_ex;
    return std::strchr(host, ':') != nullptr ? apr_pstrcat(pool, "[", host, "]", nullptr)
                                             : apr_pstrdup(pool, host);
}

// Where httpd itself would connect from; null: wherever the system likes.
const char *source_of(apr_pool_t *pool, const Attached &attached, const proxy_worker &worker,
                      const CheckSettings &settings)
{
    if (settings.source != nullptr)
        return settings.source;
    if (*worker.s->uds_path != '\0')
        return nullptr;
    const auto its = member_settings(attached.server, *attached.balancer, worker);
    if (*its.source != '\0')
        return its.source;
    auto *address = proxy_config_of(attached.server)->source_address;
    char *text = nullptr;
    return address != nullptr && apr_sockaddr_ip_get(&text, address) == APR_SUCCESS
               ? apr_pstrdup(pool, text)
               : nullptr;
}

}  // namespace

HealthTransfer::HealthTransfer(apr_pool_t *pool, const Attached &attached,
                               const proxy_worker &worker, const CheckSettings &settings)
    : easy_(curl_easy_init()), is_whole_(easy_ != nullptr)
{
    if (easy_ == nullptr)
        return;
    set_up(settings);
    set_up_address(pool, attached, worker, settings);
    if (settings.kind == CheckKind::kHttp)
        set_up_request(pool, settings);
    else
        set(CURLOPT_CONNECT_ONLY, 1L);
}

HealthTransfer::~HealthTransfer()
{
    curl_easy_cleanup(easy_);
    curl_slist_free_all(headers_);
    curl_slist_free_all(connect_to_);
}

void HealthTransfer::set_up(const CheckSettings &settings)
{
    const auto timeout_ms = static_cast<long>(settings.timeout_us / 1000);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TIMEOUT_MS, timeout_ms);
    set(CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
    set(CURLOPT_FRESH_CONNECT, 1L);
    set(CURLOPT_FORBID_REUSE, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_SSL_VERIFYPEER, 0L);
    set(CURLOPT_SSL_VERIFYHOST, 0L);
    set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    set(CURLOPT_BUFFERSIZE, kBufferSize);
#if LIBCURL_VERSION_NUM >= 0x075500
    set(CURLOPT_PROTOCOLS_STR, "http,https");
#else
    set(CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    set(CURLOPT_QUICK_EXIT, 1L);  // never waits for a resolver
#endif
}

// A name in host= is asked for in the TLS handshake, too.
void HealthTransfer::set_up_address(apr_pool_t *pool, const Attached &attached,
                                    const proxy_worker &worker, const CheckSettings &settings)
{
    const bool uses_tls = settings.kind == CheckKind::kTls ||
                          (settings.kind == CheckKind::kHttp && speaks_tls(worker));
    const char *host = host_of(pool, worker);
    const int port = settings.port != 0 ? settings.port : static_cast<int>(worker.s->port);
    const bool has_socket = *worker.s->uds_path != '\0';
    const char *address = has_socket ? host : apr_psprintf(pool, "%s:%d", host, port);
    if (settings.host != nullptr && uses_tls && !has_socket) {
        const char *name = apr_pstrmemdup(pool, settings.host, std::strcspn(settings.host, ":"));
        append(connect_to_, apr_pstrcat(pool, "::", address, nullptr));
        set(CURLOPT_CONNECT_TO, connect_to_);
        if (*name != '[')
            address = apr_psprintf(pool, "%s:%d", name, port);
    }
    const char *url = apr_pstrcat(pool, uses_tls ? "https://" : "http://", address, "/", nullptr);
    set(CURLOPT_URL, url);
    if (has_socket)
        set(CURLOPT_UNIX_SOCKET_PATH, ap_runtime_dir_relative(pool, worker.s->uds_path));
    const char *source = source_of(pool, attached, worker, settings);
    if (source != nullptr)
        set(CURLOPT_INTERFACE, apr_pstrcat(pool, "host!", source, nullptr));
    target_ = apr_psprintf(pool, "%s %s:%d %s %s", url, host, port, worker.s->uds_path,
                           source != nullptr ? source : "");
}

void HealthTransfer::set_up_request(apr_pool_t *pool, const CheckSettings &settings)
{
    if (settings.host != nullptr)
        append(headers_, apr_pstrcat(pool, "Host: ", settings.host, nullptr));
    for (int i = 0; settings.headers != nullptr && i < settings.headers->nelts; ++i)
        append(headers_, APR_ARRAY_IDX(settings.headers, i, const char *));
    if (std::strcmp(settings.method, "HEAD") == 0)
        set(CURLOPT_NOBODY, 1L);
    else if (std::strcmp(settings.method, "GET") != 0)
        set(CURLOPT_CUSTOMREQUEST, settings.method);
    set(CURLOPT_REQUEST_TARGET, settings.uri);
    set(CURLOPT_HTTP_VERSION,
        static_cast<long>(settings.is_http_1_0 ? CURL_HTTP_VERSION_1_0 : CURL_HTTP_VERSION_1_1));
    set(CURLOPT_USERAGENT, kUserAgent);
    set(CURLOPT_HTTPHEADER, headers_);
}

void HealthTransfer::append(curl_slist *&list, const char *line)
{
    auto *more = curl_slist_append(list, line);
    is_whole_ &= more != nullptr;
    list = more != nullptr ? more : list;
}

}  // namespace stickybalancer
