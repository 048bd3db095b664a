// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/health_probe.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <string_view>

namespace stickybalancer {
namespace {

constexpr std::size_t kMostHeaders = 64 << 10;
constexpr std::size_t kMostBody = 64 << 10;

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
      settings_(check_settings(attached.server, *attached.balancer, worker)),
      check_(text_of(pool, settings_)),
      transfer_(pool, attached, worker, settings_),
      easy_(transfer_.easy())
{
    if (easy_ == nullptr)
        return;
    curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
    curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(easy_, CURLOPT_SSL_CTX_FUNCTION, begin_handshake);  // of OpenSSL's libcurl
    curl_easy_setopt(easy_, CURLOPT_SSL_CTX_DATA, this);
    curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
}

Question HealthProbe::question(const Attached &attached) const
{
    return {check_lines_of(attached.server, *attached.balancer).line_of(worker_),
            transfer_.target()};
}

bool HealthProbe::begin(CURLM *multi, apr_time_t now)
{
    if (easy_ == nullptr || is_under_way_ || !settings_)
        return false;
    began_at_ = now;
    word_ = Word::kNone;
    has_enough_ = lacks_memory_ = has_begun_tls_ = false;
    socket_error_ = 0;
    header_bytes_ = body_bytes_ = 0;
    body_.clear();
    is_under_way_ = curl_multi_add_handle(multi, easy_) == CURLM_OK;
    return is_under_way_;
}

ProbeEnd HealthProbe::end(CURLM *multi, CURLcode code, bool was_away)
{
    const auto result = judge(code);
    abort(multi);
    return was_away && code == CURLE_OPERATION_TIMEDOUT ? unknown() : result;
}

ProbeEnd HealthProbe::end_late(CURLM *multi, apr_time_t now, bool was_away)
{
    abort(multi);
    if (was_away)
        return unknown();
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
    if (!drains && !settings_.expects(code))
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

// What says nothing of the member: no socket, no address to connect from, no resolver, no memory for the body.
// (Curl's "out of memory" is said of a line that is too long, too.)
bool HealthProbe::is_local(CURLcode code) const
{
    if (socket_error_ != 0 || lacks_memory_ || code == CURLE_INTERFACE_FAILED ||
        code == CURLE_FAILED_INIT || code == CURLE_COULDNT_RESOLVE_HOST)
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
    if (lacks_memory_)
        return "no memory for the body of its answer";
    if (socket_error_ != 0 || (code == CURLE_COULDNT_CONNECT && error != 0)) {
        apr_strerror(static_cast<apr_status_t>(error), text_, sizeof(text_));
        return text_;
    }
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return what_was_late();
    case CURLE_OUT_OF_MEMORY: return "a header that is too long";
    case CURLE_GOT_NOTHING: return "connection closed without an answer";
    case CURLE_INTERFACE_FAILED: return "no connection can be made from source=";
    default: return curl_easy_strerror(code);
    }
}

// Some versions of libcurl call a connection over TLS one when the handshake is over.
const char *HealthProbe::what_was_late() const
{
    curl_off_t connected_us = 0, secured_us = 0;
    curl_easy_getinfo(easy_, CURLINFO_CONNECT_TIME_T, &connected_us);
    curl_easy_getinfo(easy_, CURLINFO_APPCONNECT_TIME_T, &secured_us);
    if (has_begun_tls_ && secured_us == 0)
        return "no handshake in time";
    return connected_us == 0 ? "no connection in time" : "no answer in time";
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

// Called through libcurl, which lets no exception pass.
bool HealthProbe::keep(const char *bytes, std::size_t count) noexcept
{
    try {
        body_.append(bytes, count);
    } catch (const std::exception &) {
        lacks_memory_ = true;
    }
    return !lacks_memory_;
}

std::size_t HealthProbe::take_body(char *bytes, std::size_t size, std::size_t count, void *probe)
{
    auto &self = *static_cast<HealthProbe *>(probe);
    const auto length = size * count;
    const auto wanted = std::min(length, kMostBody - self.body_bytes_);
    if (self.settings_.match != nullptr && !self.keep(bytes, wanted))
        return 0;
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

// Called when there is a connection.
CURLcode HealthProbe::begin_handshake(CURL *, void *, void *probe)
{
    static_cast<HealthProbe *>(probe)->has_begun_tls_ = true;
    return CURLE_OK;
}

}  // namespace stickybalancer
