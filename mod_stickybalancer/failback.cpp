// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/failback.hpp"

#include "mod_stickybalancer/option_words.hpp"

namespace stickybalancer {
namespace {

constexpr Failback kNever{FailbackMode::kNever, 0};
constexpr Failback kImmediate{FailbackMode::kImmediate, 0};
constexpr std::int64_t kLeastIdle_us = apr_time_from_sec(1);
constexpr std::int64_t kMostIdle_us = apr_time_from_sec(30 * 86400LL);

}  // namespace

const char *parse_failback(cmd_parms *cmd, const char *text, const Failback *&failback)
{
    if (ap_cstr_casecmp(text, "never") == 0) {
        failback = &kNever;
        return nullptr;
    }
    if (ap_cstr_casecmp(text, "immediate") == 0) {
        failback = &kImmediate;
        return nullptr;
    }
    if (ap_cstr_casecmpn(text, "idle:", 5) != 0)
        return "is not known";
    std::int64_t idle_us = 0;
    if (!parse_duration(text + 5, idle_us))
        return "has no duration behind idle:";
    if (idle_us < kLeastIdle_us || idle_us > kMostIdle_us)
        return idle_us < kLeastIdle_us ? "is too short" : "is too long";
    auto *idle = static_cast<Failback *>(apr_palloc(cmd->pool, sizeof(Failback)));
    *idle = {FailbackMode::kIdle, idle_us};
    failback = idle;
    return nullptr;
}

}  // namespace stickybalancer
