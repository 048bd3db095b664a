// SPDX-License-Identifier: Apache-2.0
//
// How Boost.Test prints what the core's enumerations say.
#pragma once

#include <concepts>
#include <ostream>
#include <string>
#include <type_traits>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/capacity/admission.hpp"
#include "core/members/member_state.hpp"
#include "core/persistence/answer.hpp"
#include "core/persistence/cookie_dates.hpp"
#include "core/persistence/cookie_value.hpp"
#include "core/persistence/hint.hpp"
#include "core/persistence/token.hpp"
#include "core/selection/pick.hpp"
#include "core/shm/actual_state.hpp"
#include "core/shm/region.hpp"

namespace stickybalancer::base {
inline std::ostream &operator<<(std::ostream &out, Status status)
{
    return out << "Status " << +static_cast<int>(status);
}
inline std::ostream &operator<<(std::ostream &out, TimeUs time) { return out << time.us << " us"; }
inline std::ostream &operator<<(std::ostream &out, DurationUs span)
{
    return out << span.us << " us";
}
}  // namespace stickybalancer::base

namespace stickybalancer::shm {
inline std::ostream &operator<<(std::ostream &out, RegionFault fault)
{
    return out << fault_name(fault);
}
inline std::ostream &operator<<(std::ostream &out, Actual actual) { return out << name_of(actual); }
inline std::ostream &operator<<(std::ostream &out, Reason reason) { return out << name_of(reason); }
inline std::ostream &operator<<(std::ostream &out, Requested requested)
{
    return out << name_of(requested);
}
inline std::ostream &operator<<(std::ostream &out, PlaceUse use)
{
    return out << "use " << static_cast<std::uint32_t>(use);
}
}  // namespace stickybalancer::shm

namespace stickybalancer::capacity {
inline std::ostream &operator<<(std::ostream &out, Verdict verdict)
{
    static constexpr const char *kNames[] = {"admitted", "wait", "queue full", "timed out",
                                             "refused"};
    return out << kNames[static_cast<int>(verdict)];
}
}  // namespace stickybalancer::capacity

namespace stickybalancer::members {
inline std::ostream &operator<<(std::ostream &out, Readiness readiness)
{
    static constexpr const char *kNames[] = {"usable", "retry due", "failed", "stopped",
                                             "check failed"};
    return out << kNames[static_cast<int>(readiness)];
}
}  // namespace stickybalancer::members

namespace stickybalancer::persistence {
inline std::ostream &operator<<(std::ostream &out, HintSource source)
{
    static constexpr const char *kNames[] = {"none", "cookie", "path", "query", "forced"};
    return out << kNames[static_cast<int>(source)];
}
inline std::ostream &operator<<(std::ostream &out, CookieState state)
{
    return out << static_cast<char>(state);
}
inline std::ostream &operator<<(std::ostream &out, Seal seal)
{
    static constexpr const char *kNames[] = {"plain", "signed", "opaque"};
    return out << kNames[static_cast<int>(seal)];
}
inline std::ostream &operator<<(std::ostream &out, CookieFault fault)
{
    static constexpr const char *kNames[] = {"none",      "unknown route", "plain",
                                             "malformed", "unknown key",   "foreign",
                                             "forged",    "expired",       "old"};
    return out << kNames[static_cast<int>(fault)];
}
inline std::ostream &operator<<(std::ostream &out, TokenFault fault)
{
    static constexpr const char *kNames[] = {"none", "malformed", "unknown key", "foreign",
                                             "forged"};
    return out << kNames[static_cast<int>(fault)];
}
inline std::ostream &operator<<(std::ostream &out, CookieAge age)
{
    static constexpr const char *kNames[] = {"good", "idle too long", "too old"};
    return out << kNames[static_cast<int>(age)];
}
inline std::ostream &operator<<(std::ostream &out, const CookieDates &dates)
{
    return out << dates.issued_s << '-' << dates.seen_s;
}
inline bool operator==(const CookieDates &a, const CookieDates &b)
{
    return a.issued_s == b.issued_s && a.seen_s == b.seen_s;
}
inline std::ostream &operator<<(std::ostream &out, Caching caching)
{
    static constexpr const char *kNames[] = {"none", "maybe", "shared"};
    return out << kNames[static_cast<int>(caching)];
}
}  // namespace stickybalancer::persistence

namespace stickybalancer::selection {
inline std::ostream &operator<<(std::ostream &out, Cause cause)
{
    static constexpr const char *kNames[] = {"policy",     "cookie", "path",  "query",  "forced",
                                             "redispatch", "hash",   "table", "persist"};
    return out << kNames[static_cast<int>(cause)];
}
}  // namespace stickybalancer::selection

namespace stickybalancer::test {

// Any bytes, so that a row of a table can be told from the next.
inline std::string printable(std::string_view text)
{
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string safe;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7F)
            safe += c;
        else
            safe.append("\\x").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
    }
    return safe;
}

}  // namespace stickybalancer::test
