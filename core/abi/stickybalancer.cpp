// SPDX-License-Identifier: Apache-2.0
#include "core/include/stickybalancer/stickybalancer.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/abi/guard.hpp"
#include "core/balance/policy.hpp"
#include "core/base/snapshot_cell.hpp"
#include "core/persistence/cookie_writer.hpp"
#include "core/selection/pick.hpp"
#include "core/shm/region.hpp"

using namespace stickybalancer;
using abi::guard;

namespace {

struct Snapshot {
    selection::View view;
    std::uint64_t generation;
};

}  // namespace

struct sb_balancer {
    explicit sb_balancer(shm::BalancerState &shared_state) : shared(shared_state) {}

    shm::BalancerState &shared;
    base::SnapshotCell<Snapshot> snapshot;
};

namespace {

std::string_view view_of(sb_str text) noexcept { return {text.data, text.len}; }
sb_str str_of(std::string_view text) noexcept { return {text.data(), text.size()}; }
sb_status status_of(base::Status status) noexcept { return static_cast<sb_status>(status); }

members::StateBits bits_of(const sb_state_bits &bits)
{
    return {bits.required, bits.stopped, bits.error, bits.ignore_errors,
            bits.drain,    bits.standby, bits.spare};
}

std::optional<std::vector<members::Member>> members_of(const sb_member *members, size_t count)
{
    std::vector<members::Member> copies;
    copies.reserve(count);
    for (size_t i = 0; i < count; ++i) {
        const auto &m = members[i];
        if (m.handle == 0)
            return std::nullopt;
        copies.push_back({m.handle, std::string(view_of(m.route)), std::string(view_of(m.redirect)),
                          m.weight, m.set,
                          members::LiveState(m.state, m.failed_at_us, m.retry_us)});
    }
    return copies;
}

persistence::Settings settings_of(const sb_settings &settings)
{
    const auto same_site = static_cast<persistence::SameSite>(settings.cookie_same_site);
    persistence::Settings copy;
    copy.mode = static_cast<persistence::CookieMode>(settings.cookie_mode);
    copy.cookie_name = view_of(settings.cookie_name);
    if (!persistence::is_cookie_name(copy.cookie_name) &&
        copy.mode == persistence::CookieMode::kInsert)
        copy.mode = persistence::CookieMode::kPassive;
    copy.url_parameter = view_of(settings.url_parameter);
    copy.separator = static_cast<char>(settings.separator);
    copy.semicolon_ends_value = settings.semicolon_ends_parameter != 0;
    copy.cookie_attributes = persistence::cookie_attributes(
        {view_of(settings.cookie_path), view_of(settings.cookie_domain), settings.cookie_max_age_s,
         settings.cookie_http_only != 0, same_site});
    copy.secure = same_site == persistence::SameSite::kNone
                      ? persistence::SecureMode::kOn
                      : static_cast<persistence::SecureMode>(settings.cookie_secure);
    copy.max_age_s = settings.cookie_max_age_s;
    return copy;
}

bool is_known(const sb_settings &settings) noexcept
{
    return settings.struct_size == sizeof(sb_settings) &&
           settings.cookie_mode <= SB_COOKIE_INSERT && settings.cookie_secure <= SB_SECURE_OFF &&
           settings.cookie_same_site <= SB_SAME_SITE_NONE && settings.separator <= 0xFF &&
           settings.cookie_max_age_s >= 0;
}

selection::PickRequest pick_request_of(const sb_request &request) noexcept
{
    return {{view_of(request.forced_route), view_of(request.cookie_header), view_of(request.path),
             view_of(request.query), request.ignore_persistence != 0},
            {request.tried, request.tried_count},
            {request.now_us}};
}

void write_pick(const selection::Pick &chosen, const selection::View &view, sb_pick &out) noexcept
{
    out.cause = static_cast<uint32_t>(chosen.cause);
    out.handle = chosen.member == members::kNoMember ? 0 : view.members[chosen.member].handle;
    out.number_of_route = out.handle == 0 ? 1 : view.members.number_of_route(chosen.member);
    out.asked_route = str_of(chosen.hint.asked_route);
    out.has_asked = chosen.hint.asked_in != persistence::HintSource::kNone;
    out.asked_in_cookie = chosen.hint.asked_in == persistence::HintSource::kCookie;
    out.moves_route = chosen.moves_route;
    out.recovers_all = chosen.recovers_all;
    out.marks_retry = chosen.marks_retry;
    out.wants_cookie = chosen.wants_cookie;
    out.cookie_state = static_cast<char>(chosen.hint.cookie);
    out.cookie_issued_s = chosen.dates.issued_s;
}

}  // namespace

size_t sb_region_size(uint32_t balancer_count) { return shm::region_size(balancer_count); }

sb_status sb_region_format(void *memory, size_t size_bytes, uint32_t balancer_count)
{
    return status_of(shm::format(memory, size_bytes, balancer_count));
}

sb_status sb_balancer_create(void *region, size_t size_bytes, uint32_t index, sb_balancer **out)
{
    return guard([&] {
        const auto shared = shm::attach(region, size_bytes, index);
        if (!shared)
            return status_of(shared.status());
        *out = std::make_unique<sb_balancer>(**shared).release();
        return SB_OK;
    });
}

void sb_balancer_destroy(sb_balancer *balancer) { delete balancer; }

sb_status sb_balancer_configure(sb_balancer *balancer, const sb_settings *settings,
                                const sb_member *members, size_t member_count)
{
    return guard([&] {
        auto copies = members_of(members, member_count);
        const auto *policy = balance::find_policy(view_of(settings->policy));
        if (!is_known(*settings) || !copies || (policy == nullptr && settings->policy.len != 0))
            return SB_INVALID_ARGUMENT;
        const selection::Failover failover{settings->forbid_failover != 0,
                                           settings->last_resort != 0};
        members::MemberTable table(std::move(*copies), bits_of(settings->state_bits));
        auto next = std::make_unique<const Snapshot>(Snapshot{
            {settings_of(*settings), failover, std::move(table), policy, shm::kCursorCount},
            settings->generation});
        return balancer->snapshot.replace_locked(std::move(next)) ? SB_OK : SB_BUSY;
    });
}

uint64_t sb_balancer_generation(const sb_balancer *balancer)
{
    return balancer->shared.generation.acquire();
}

void sb_balancer_mark_changed(sb_balancer *balancer) { balancer->shared.generation.publish_add(1); }

int sb_balancer_is_stale(const sb_balancer *balancer)
{
    const base::SnapshotCell<Snapshot>::Reading current(balancer->snapshot);
    return !current || current->generation != balancer->shared.generation.acquire();
}

int sb_balancer_is_news(sb_balancer *balancer, uint64_t fact)
{
    return balancer->shared.last_fact.exchange(fact) != fact;
}

sb_status sb_balancer_pick(sb_balancer *balancer, const sb_request *request, sb_pick *out)
{
    if (request->struct_size != sizeof(sb_request) || out->struct_size != sizeof(sb_pick))
        return SB_INVALID_ARGUMENT;
    const base::SnapshotCell<Snapshot>::Reading current(balancer->snapshot);
    if (!current)
        return SB_NOT_FOUND;
    const auto chosen =
        selection::pick(pick_request_of(*request), current->view, balancer->shared.cursors);
    if (!chosen)
        return status_of(chosen.status());
    write_pick(*chosen, current->view, *out);
    return SB_OK;
}

sb_status sb_balancer_cookie(const sb_balancer *balancer, const sb_pick *pick, sb_str route,
                             int client_is_secure, sb_time_us now_us, char *out, size_t *len)
{
    if (pick->struct_size != sizeof(sb_pick))
        return SB_INVALID_ARGUMENT;
    const base::SnapshotCell<Snapshot>::Reading current(balancer->snapshot);
    if (!current || !current->view.settings.sets_cookie() || route.len == 0 ||
        !persistence::is_cookie_text(view_of(route)))
        return SB_NOT_FOUND;
    base::BoundedWriter writer({out, *len});
    write_set_cookie(writer, current->view.settings, view_of(route),
                     {pick->cookie_issued_s, now_us / 1'000'000}, client_is_secure != 0);
    *len = writer.size_needed();
    return writer.fits() ? SB_OK : SB_BUFFER_TOO_SMALL;
}

const char *sb_policy_name(size_t index)
{
    const auto all = balance::policies();
    return index < all.size() ? all[index].name.data() : nullptr;
}

const char *sb_cause_name(uint32_t cause)
{
    static constexpr std::array kNames{"policy", "cookie", "path", "query", "forced", "redispatch"};
    return cause < kNames.size() ? kNames[cause] : "unknown";
}

const char *sb_status_name(sb_status status)
{
    switch (status) {
    case SB_OK: return "SB_OK";
    case SB_NOT_FOUND: return "SB_NOT_FOUND";
    case SB_NO_USABLE_MEMBER: return "SB_NO_USABLE_MEMBER";
    case SB_INVALID_ARGUMENT: return "SB_INVALID_ARGUMENT";
    case SB_BUFFER_TOO_SMALL: return "SB_BUFFER_TOO_SMALL";
    case SB_LAYOUT_MISMATCH: return "SB_LAYOUT_MISMATCH";
    case SB_NO_MEMORY: return "SB_NO_MEMORY";
    case SB_INTERNAL: return "SB_INTERNAL";
    case SB_BUSY: return "SB_BUSY";
    case SB_FAILOVER_FORBIDDEN: return "SB_FAILOVER_FORBIDDEN";
    }
    return "unknown";
}

int sb_is_cookie_name(sb_str text) { return persistence::is_cookie_name(view_of(text)); }

int sb_is_cookie_text(sb_str text) { return persistence::is_cookie_text(view_of(text)); }
