// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/health_probe.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "mod_stickybalancer/member_settings.hpp"

namespace stickybalancer {
namespace {

constexpr std::size_t kMostHeaders = 64 << 10;
constexpr std::size_t kMostBody = 64 << 10;
constexpr long kBufferSize = 4096;
constexpr const char *kUserAgent = "mod_stickybalancer";

bool is_secure(const proxy_worker &worker)
{
    for (const char *scheme : {"https", "wss", "h2"})
        if (std::strcmp(worker.s->scheme, scheme) == 0)
            return true;
    return false;
}

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

std::string_view trimmed(std::string_view text)
{
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

bool is_word(std::string_view text, std::string_view word)
{
    return text.size() == word.size() &&
           ap_cstr_casecmpn(text.data(), word.data(), word.size()) == 0;
}

}  // namespace

HealthProbe::HealthProbe(apr_pool_t *pool, const Attached &attached, proxy_worker &worker,
                         std::uint32_t place)
    : worker_(worker),
      place_(place),
      settings_(check_settings(attached.server, *attached.balancer, worker))
{
    if (!settings_)
        return;
    check_ = text_of(pool, settings_);
    if ((easy_ = curl_easy_init()) != nullptr)
        set_up(pool, attached);
}

HealthProbe::~HealthProbe()
{
    curl_easy_cleanup(easy_);
    curl_slist_free_all(headers_);
    curl_slist_free_all(connect_to_);
}

void HealthProbe::set_up(apr_pool_t *pool, const Attached &attached)
{
    const bool speaks_tls = settings_.kind == CheckKind::kTls ||
                            (settings_.kind == CheckKind::kHttp && is_secure(worker_));
    set_up_address(pool, attached, speaks_tls ? "https" : "http");
    if (settings_.kind == CheckKind::kHttp)
        set_up_request(pool);
    else
        curl_easy_setopt(easy_, CURLOPT_CONNECT_ONLY, 1L);
    const auto timeout_ms = static_cast<long>(settings_.timeout_us / 1000);
    curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
    curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, timeout_ms);
    curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
    curl_easy_setopt(easy_, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy_, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy_, CURLOPT_PROXY, "");
    curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(easy_, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    curl_easy_setopt(easy_, CURLOPT_BUFFERSIZE, kBufferSize);
    curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(easy_, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    curl_easy_setopt(easy_, CURLOPT_QUICK_EXIT, 1L);  // never waits for a resolver
#endif
}

// A name in host= is asked for in the TLS handshake, too.
void HealthProbe::set_up_address(apr_pool_t *pool, const Attached &attached, const char *scheme)
{
    const char *host = host_of(pool, worker_);
    const int port = settings_.port != 0 ? settings_.port : static_cast<int>(worker_.s->port);
    const bool has_socket = *worker_.s->uds_path != '\0';
    const char *address = has_socket ? host : apr_psprintf(pool, "%s:%d", host, port);
    if (settings_.host != nullptr && std::strcmp(scheme, "https") == 0 && !has_socket) {
        const char *name = apr_pstrmemdup(pool, settings_.host, std::strcspn(settings_.host, ":"));
        connect_to_ = curl_slist_append(nullptr, apr_pstrcat(pool, "::", address, nullptr));
        curl_easy_setopt(easy_, CURLOPT_CONNECT_TO, connect_to_);
        if (*name != '[')
            address = apr_psprintf(pool, "%s:%d", name, port);
    }
    curl_easy_setopt(easy_, CURLOPT_URL, apr_pstrcat(pool, scheme, "://", address, "/", nullptr));
    if (has_socket)
        curl_easy_setopt(easy_, CURLOPT_UNIX_SOCKET_PATH,
                         ap_runtime_dir_relative(pool, worker_.s->uds_path));
    if (const char *source = source_of(pool, attached, worker_, settings_); source != nullptr)
        curl_easy_setopt(easy_, CURLOPT_INTERFACE, apr_pstrcat(pool, "host!", source, nullptr));
}

void HealthProbe::add_header(const char *line)
{
    if (auto *more = curl_slist_append(headers_, line); more != nullptr)
        headers_ = more;
}

void HealthProbe::set_up_request(apr_pool_t *pool)
{
    if (settings_.host != nullptr)
        add_header(apr_pstrcat(pool, "Host: ", settings_.host, nullptr));
    for (int i = 0; settings_.headers != nullptr && i < settings_.headers->nelts; ++i)
        add_header(APR_ARRAY_IDX(settings_.headers, i, const char *));
    if (std::strcmp(settings_.method, "HEAD") == 0)
        curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
    else if (std::strcmp(settings_.method, "GET") != 0)
        curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, settings_.method);
    curl_easy_setopt(easy_, CURLOPT_REQUEST_TARGET, settings_.uri);
    curl_easy_setopt(
        easy_, CURLOPT_HTTP_VERSION,
        static_cast<long>(settings_.is_http_1_0 ? CURL_HTTP_VERSION_1_0 : CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy_, CURLOPT_USERAGENT, kUserAgent);
    curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
}

bool HealthProbe::begin(CURLM *multi, apr_time_t now)
{
    if (easy_ == nullptr || is_under_way_)
        return false;
    began_at_ = now;
    word_ = Word::kNone;
    has_enough_ = false;
    socket_error_ = 0;
    header_bytes_ = body_bytes_ = 0;
    body_.clear();
    is_under_way_ = curl_multi_add_handle(multi, easy_) == CURLM_OK;
    return is_under_way_;
}

ProbeEnd HealthProbe::end(CURLM *multi, CURLcode code)
{
    const auto result = judge(code);
    abort(multi);
    return result;
}

ProbeEnd HealthProbe::end_late(CURLM *multi, apr_time_t now)
{
    abort(multi);
    return {true, SB_PROBE_FAILED, "no answer before the next check", now - began_at_};
}

void HealthProbe::abort(CURLM *multi)
{
    if (is_under_way_)
        curl_multi_remove_handle(multi, easy_);
    is_under_way_ = false;
}

ProbeEnd HealthProbe::judge(CURLcode code)
{
    if (is_local(code))
        return {false, SB_PROBE_FAILED, failure_text(code), latency_us()};
    if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && has_enough_))
        return failed(failure_text(code));
    if (settings_.kind == CheckKind::kHttp)
        return judge_answer();
    return {true, SB_PROBE_PASSED, settings_.kind == CheckKind::kTls ? "handshake" : "connected",
            latency_us()};
}

ProbeEnd HealthProbe::judge_answer()
{
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    const auto code = static_cast<std::uint32_t>(status);
    apr_snprintf(text_, sizeof(text_), "%ld", status);
    bool drains = settings_.drain_on != nullptr && sb_lists_status(settings_.drain_on, code) != 0;
    const bool is_expected = settings_.expect != nullptr
                                 ? sb_lists_status(settings_.expect, code) != 0
                                 : code >= 200 && code < 400;
    if (!drains && !is_expected)
        return failed(text_);
    // The answer that says that the member drains may have another body.
    if (!drains && settings_.match != nullptr &&
        ap_regexec_len(settings_.match, body_.data(), body_.size(), 0, nullptr, 0) != 0) {
        apr_snprintf(text_, sizeof(text_), "%ld, and the body does not match", status);
        return failed(text_);
    }
    if (word_ != Word::kNone) {
        drains = word_ == Word::kDrain;
        apr_snprintf(text_, sizeof(text_), "%ld, X-Sticky-State: %s", status,
                     drains ? "drain" : "ready");
    }
    return {true, drains ? SB_PROBE_DRAINING : SB_PROBE_PASSED, text_, latency_us()};
}

// What says nothing of the member: no socket, no address to connect from, no resolver. (Curl's "out of memory" is
// said of a line that is too long, too.)
bool HealthProbe::is_local(CURLcode code) const
{
    if (socket_error_ != 0 || code == CURLE_INTERFACE_FAILED || code == CURLE_FAILED_INIT ||
        code == CURLE_COULDNT_RESOLVE_HOST)
        return true;
    long error = 0;
    curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &error);
    return code == CURLE_COULDNT_CONNECT && error == EADDRNOTAVAIL;
}

const char *HealthProbe::failure_text(CURLcode code)
{
    long error = socket_error_;
    if (error == 0)
        curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &error);
    if (header_bytes_ > kMostHeaders)
        return "too many headers";
    if (socket_error_ != 0 || (code == CURLE_COULDNT_CONNECT && error != 0)) {
        apr_strerror(static_cast<apr_status_t>(error), text_, sizeof(text_));
        return text_;
    }
    curl_off_t connected_us = 0;
    curl_easy_getinfo(easy_, CURLINFO_CONNECT_TIME_T, &connected_us);
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return connected_us == 0 ? "no connection in time" : "no answer in time";
    case CURLE_OUT_OF_MEMORY: return "a header that is too long";
    case CURLE_GOT_NOTHING: return "connection closed without an answer";
    case CURLE_INTERFACE_FAILED: return "no connection can be made from source=";
    default: return curl_easy_strerror(code);
    }
}

std::int64_t HealthProbe::latency_us() const
{
    curl_off_t us = 0;
    curl_easy_getinfo(easy_, CURLINFO_TOTAL_TIME_T, &us);
    return us;
}

std::size_t HealthProbe::take_header(char *bytes, std::size_t size, std::size_t count, void *probe)
{
    auto &self = *static_cast<HealthProbe *>(probe);
    const std::string_view line(bytes, size * count);
    self.header_bytes_ += line.size();
    if (self.header_bytes_ > kMostHeaders)
        return 0;
    if (line.starts_with("HTTP/"))
        self.word_ = Word::kNone;  // of an interim answer
    const auto colon = line.find(':');
    if (colon != line.npos && is_word(line.substr(0, colon), "X-Sticky-State")) {
        const auto value = trimmed(line.substr(colon + 1));
        if (is_word(value, "drain"))
            self.word_ = Word::kDrain;
        else if (is_word(value, "ready"))
            self.word_ = Word::kReady;
    }
    return line.size();
}

std::size_t HealthProbe::take_body(char *bytes, std::size_t size, std::size_t count, void *probe)
{
    auto &self = *static_cast<HealthProbe *>(probe);
    const auto length = size * count;
    const auto wanted = std::min(length, kMostBody - self.body_bytes_);
    if (self.settings_.match != nullptr)
        self.body_.append(bytes, wanted);
    self.body_bytes_ += wanted;
    self.has_enough_ = self.body_bytes_ == kMostBody;
    return self.has_enough_ ? 0 : length;
}

curl_socket_t HealthProbe::open_socket(void *probe, curlsocktype, curl_sockaddr *address)
{
    const int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd < 0 && errno != EAFNOSUPPORT)
        static_cast<HealthProbe *>(probe)->socket_error_ = errno;
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

}  // namespace stickybalancer
