// SPDX-License-Identifier: Apache-2.0
//
// What the StickyCheck lines of one balancer say, member by member. A line with member= stands for that member
// in place of the general one, with nothing of it; of two for the same, the later section's counts. Which member
// a line means is found once, as for StickyMember.
//
// Thread safety: made while the server starts, read-only afterwards. Lifetime: the pool's.
#pragma once

#include <apr_hash.h>

#include <cstdint>

#include "mod_stickybalancer/config.hpp"

namespace stickybalancer {

enum class CheckKind : std::uint8_t { kOff = 0, kHttp = 1, kTcp = 2, kTls = 3 };

// Of one member, defaults filled in. Where it is off, nothing else means anything.
struct CheckSettings {
    CheckKind kind;
    const char *method;
    const char *uri;
    const char *host;                   // null: of what is checked
    const apr_array_header_t *headers;  // of const char *; null: none
    bool is_http_1_0;
    int port;  // 0: the member's
    std::int64_t interval_us;
    std::int64_t down_interval_us;
    std::int64_t timeout_us;
    std::uint32_t rise;
    std::uint32_t fall;
    std::uint32_t observe;
    const sb_status_list *expect;    // null: 200 to 399
    const sb_status_list *drain_on;  // null: none
    const ap_regex_t *match;         // null: any body
    const char *source;              // null: it does not say

    explicit operator bool() const { return kind != CheckKind::kOff; }
    bool expects(std::uint32_t status) const;
};

// "HEAD /running", "tcp", "tls".
const char *text_of(apr_pool_t *pool, const CheckSettings &settings);

// One line, and the section that it stands in.
struct CheckLine {
    const Options *options;
    const Section *section;
    const proxy_worker *member;  // null: no member= , or it names nobody

    const char *name() const { return options->check_member.value_or(nullptr); }
};

class CheckLines {
public:
    CheckLines(apr_pool_t *pool, const ServerConfig &server, const proxy_balancer &balancer);

    // The line that counts for the member; null: none. Cost: one look-up by address.
    const Options *line_of(const proxy_worker &member) const;
    CheckSettings settings_of(const proxy_worker &member) const;

    int count() const { return lines_->nelts; }
    const CheckLine &operator[](int i) const { return APR_ARRAY_IDX(lines_, i, CheckLine); }

private:
    apr_array_header_t *lines_;  // of CheckLine, in the order in which they stand
    const Options *general_ = nullptr;
    apr_hash_t *named_;  // a member's address to const Options *
};

// Why this check cannot be made of the member; null: it can.
const char *unfit_check(const CheckSettings &settings, const proxy_worker &member);

// Null, or what is wrong with a line by itself.
const char *check_check_line(const cmd_parms *cmd, const Options &line);

// [check_config] For every balancer of every server.
void resolve_check_lines(apr_pool_t *pconf, server_rec *main_server);
// Afterwards, any time: of this balancer, whoever's copy of it that is.
const CheckLines &check_lines_of(const server_rec *s, const proxy_balancer &balancer);
// Off, too, where the check cannot be made.
CheckSettings check_settings(const server_rec *s, const proxy_balancer &balancer,
                             const proxy_worker &member);

}  // namespace stickybalancer
