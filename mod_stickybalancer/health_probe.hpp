// SPDX-License-Identifier: Apache-2.0
//
// The checks of one member, one at a time, and what they come to; at most 64k of headers and of the body are read.
//
// Thread safety: the thread that drives the multi handle.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <string>

#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/health_lines.hpp"
#include "mod_stickybalancer/health_transfer.hpp"

namespace stickybalancer {

// How a check ended.
struct ProbeEnd {
    bool
        is_counted;  // false: it says nothing of the member; the text says what was wrong here, if anything
    sb_probe_result result;
    const char *text;  // until the next check begins; null: nothing was wrong
    std::int64_t latency_us;
};

// What a check asks, and whom: the same for members that are one server under two names.
struct Question {
    const Options *line;
    std::string target;
    auto operator<=>(const Question &) const = default;
};

class HealthProbe {
public:
    // Texts are made in `pool`.
    HealthProbe(apr_pool_t *pool, const Attached &attached, proxy_worker &worker,
                std::uint32_t place);
    HealthProbe(const HealthProbe &) = delete;
    HealthProbe &operator=(const HealthProbe &) = delete;

    // False: there is no memory for it.
    bool begin(CURLM *multi, apr_time_t now);
    // `was_away`: nobody has looked for long, so that an answer may have come in time.
    ProbeEnd end(CURLM *multi, CURLcode code, bool was_away);
    // It has taken too long; it has failed.
    ProbeEnd end_late(CURLM *multi, apr_time_t now, bool was_away);
    void abort(CURLM *multi);

    bool is_under_way() const { return is_under_way_; }
    std::uint32_t place() const { return place_; }
    proxy_worker &worker() const { return worker_; }
    const char *check() const { return check_; }
    Question question(const Attached &attached) const;
    const CheckSettings &settings() const { return settings_; }

private:
    ProbeEnd judge(CURLcode code);
    ProbeEnd judge_answer();
    ProbeEnd failed(const char *text) const { return {true, SB_PROBE_FAILED, text, latency_us()}; }
    static ProbeEnd unknown() { return {false, SB_PROBE_FAILED, nullptr, 0}; }
    const char *failure_text(CURLcode code);
    const char *what_was_late() const;
    bool is_local(CURLcode code) const;
    std::int64_t latency_us() const;
    bool keep(const char *bytes, std::size_t count) noexcept;

    static std::size_t take_header(char *bytes, std::size_t size, std::size_t count, void *probe);
    static std::size_t take_body(char *bytes, std::size_t size, std::size_t count, void *probe);
    static curl_socket_t open_socket(void *probe, curlsocktype purpose, curl_sockaddr *address);
    static CURLcode begin_handshake(CURL *easy, void *context, void *probe);

    enum class Word : std::uint8_t { kNone, kDrain, kReady };

    proxy_worker &worker_;
    const std::uint32_t place_;
    const CheckSettings settings_;
    const char *check_;
    HealthTransfer transfer_;
    CURL *easy_;  // null: there was no memory

    // Of the check that is under way, or was the last.
    bool is_under_way_ = false;
    apr_time_t began_at_ = 0;
    Word word_ = Word::kNone;  // of X-Sticky-State
    bool has_enough_ = false;  // of the body
    bool lacks_memory_ = false;
    bool has_begun_tls_ = false;
    int socket_error_ = 0;
    std::size_t header_bytes_ = 0;
    std::size_t body_bytes_ = 0;
    std::string body_;
    char text_[160] = "";
};

}  // namespace stickybalancer
