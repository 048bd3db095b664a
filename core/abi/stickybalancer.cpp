// SPDX-License-Identifier: Apache-2.0
#include "core/include/stickybalancer/stickybalancer.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/abi/drains.hpp"
#include "core/abi/guard.hpp"
#include "core/abi/handles.hpp"
#include "core/abi/pins.hpp"
#include "core/balance/placed_sessions.hpp"
#include "core/balance/policy.hpp"
#include "core/counting/sketch.hpp"
#include "core/persistence/answer.hpp"
#include "core/persistence/cookie_reader.hpp"
#include "core/persistence/cookie_value.hpp"
#include "core/persistence/cookie_writer.hpp"
#include "core/persistence/member_cookies.hpp"
#include "core/persistence/set_cookie.hpp"
#include "core/persistence/url_parameter.hpp"
#include "core/selection/pick.hpp"

using namespace stickybalancer;
using abi::guard;
using abi::Reading;
using abi::Snapshot;
using abi::status_of;
using abi::str_of;
using abi::view_of;

namespace {

members::StateBits bits_of(const sb_state_bits &bits)
{
    return {bits.required, bits.stopped, bits.error, bits.ignore_errors,
            bits.drain,    bits.standby, bits.spare, bits.check_failed};
}

members::Member member_of(const sb_member &m, const shm::Block &block, bool has_table)
{
    auto &slot = block.slot(m.place);
    members::Member copy;
    copy.handle = m.handle;
    copy.route = view_of(m.route);
    copy.redirect = view_of(m.redirect);
    copy.weight = m.weight;
    copy.set = m.set;
    copy.live = members::LiveState(m.state, m.failed_at_us, m.retry_us,
                                   m.check_rise != 0 ? &slot.check : nullptr, &slot.actual);
    // Who cannot be bound to the member is no session there.
    copy.max_sessions = m.learns_not != 0 || (m.route.len == 0 && !has_table) ? 0 : m.max_sessions;
    copy.slow_start = members::SlowStart(reinterpret_cast<const std::int64_t *>(&slot.started_us),
                                         {m.slow_start_us});
    copy.failback = static_cast<members::Failback>(m.failback);
    copy.failback_idle_s = m.failback_idle_s;
    copy.drain = members::Drain(&slot.draining_since_us, {m.drain_deadline_us}, m.drain_idle_s,
                                &slot.drain_deadline_us);
    copy.binds_clients = m.learns_not == 0;
    copy.identity = slot.record.identity.low;
    copy.leaf = m.place;
    copy.load = &block.load(m.place);
    return copy;
}

bool has_fit_checks(const sb_member &m) noexcept
{
    return m.check_rise == 0 ||
           (m.check_fall != 0 && m.check_interval_us > 0 && m.check_down_interval_us > 0);
}

// None: a handle, a place or an enumerator is not what it should be.
std::optional<std::vector<members::Member>> members_of(const shm::Block &block,
                                                       const sb_member *members, size_t count,
                                                       bool has_table)
{
    std::vector<members::Member> copies;
    std::vector<bool> is_taken(block.capacity());
    copies.reserve(count);
    for (size_t i = 0; i < count; ++i) {
        const auto &m = members[i];
        if (m.handle == 0 || m.place >= is_taken.size() || is_taken[m.place] ||
            m.failback > SB_FAILBACK_IMMEDIATE || m.max_sessions > balance::kMostSessions ||
            !has_fit_checks(m) || (m.failback == SB_FAILBACK_IDLE && m.failback_idle_s <= 0) ||
            m.drain_deadline_us < 0 || m.drain_idle_s < 0)
            return std::nullopt;
        is_taken[m.place] = true;
        copies.push_back(member_of(m, block, has_table));
    }
    return copies;
}

void drop_session_limits(std::vector<members::Member> &members) noexcept
{
    for (auto &member : members)
        member.max_sessions = 0;
}

capacity::Limits limits_of(const sb_member &m, std::uint64_t full_load) noexcept
{
    return {m.max_connections, m.min_connections, m.max_queue, {m.queue_timeout_us}, full_load};
}

// What was said of a member that is checked no more is not believed when it is checked again.
void add_checks(Snapshot &snapshot, const shm::Block &block, const sb_member &m, bool is_outdated)
{
    auto &slot = block.slot(m.place);
    if (m.check_rise == 0) {
        if (!is_outdated && slot.check.acquire() != 0)
            shm::forget_checks(slot);
        return;
    }
    snapshot.checks[m.place] = {
        {m.check_rise, m.check_fall, m.observe}, {m.check_interval_us}, {m.check_down_interval_us}};
    snapshot.checked_places.push_back(m.place);
}

// What members have by place, and whether somebody needs the load of the balancer as a whole.
void add_places(Snapshot &snapshot, const shm::Block &block, const sb_member *members, size_t count,
                const sb_settings &settings)
{
    std::uint64_t full_load = 0;
    snapshot.counts_whole = settings.balance_factor != 0;
    for (size_t i = 0; i < count; ++i) {
        full_load += members[i].max_connections;
        snapshot.counts_whole |= members[i].min_connections != 0;
    }
    snapshot.members.assign(block.capacity(), members::kNoMember);
    snapshot.limits.assign(block.capacity(), {});
    snapshot.checks.assign(block.capacity(), {});
    for (size_t i = 0; i < count; ++i) {
        snapshot.members[members[i].place] = static_cast<members::MemberIndex>(i);
        snapshot.limits[members[i].place] = limits_of(members[i], full_load);
        add_checks(snapshot, block, members[i], settings.is_outdated != 0);
    }
}

// For how long a client has to have been idle for something to be decided by it; 0: nothing is.
std::int64_t shortest_idle_s(const sb_member *members, size_t count) noexcept
{
    std::int64_t shortest_s = 0;
    const auto add = [&](std::int64_t idle_s) {
        if (idle_s != 0 && (shortest_s == 0 || idle_s < shortest_s))
            shortest_s = idle_s;
    };
    for (size_t i = 0; i < count; ++i) {
        add(members[i].failback == SB_FAILBACK_IDLE ? members[i].failback_idle_s : 0);
        add(members[i].drain_idle_s);
    }
    return shortest_s;
}

// After how long a client that did not come again is taken for gone.
base::DurationUs client_lifetime_of(const sb_settings &settings) noexcept
{
    constexpr std::int64_t kUnknown_s = 1800;
    for (const auto lifetime_s : {settings.cookie_max_idle_s, settings.cookie_max_age_s,
                                  settings.cookie_max_life_s, kUnknown_s})
        if (lifetime_s != 0)
            return {std::min(lifetime_s, INT64_MAX / 1'000'000) * 1'000'000};
    return {};
}

// Of clients that the table does not count.
void count_clients(const shm::Block &block, const sb_member *members, size_t count,
                   base::DurationUs lifetime, base::TimeUs now) noexcept
{
    for (size_t i = 0; i < count; ++i) {
        const counting::Sketch sketch(block, members[i].place);
        if (lifetime.us != 0)
            sketch.count_for(lifetime, now);
        else
            sketch.stop();
    }
}

persistence::CookieAttributes attributes_of(const sb_settings &settings)
{
    return {view_of(settings.cookie_path),
            view_of(settings.cookie_domain),
            settings.cookie_max_age_s,
            settings.cookie_http_only != 0,
            static_cast<persistence::SameSite>(settings.cookie_same_site),
            settings.cookie_partitioned != 0};
}

persistence::CookieMode mode_of(const sb_settings &settings)
{
    const auto mode = static_cast<persistence::CookieMode>(settings.cookie_mode);
    const bool is_fit = persistence::is_cookie_name(view_of(settings.cookie_name));
    return mode == persistence::CookieMode::kInsert && !is_fit ? persistence::CookieMode::kPassive
                                                               : mode;
}

persistence::Settings settings_of(const sb_settings &settings)
{
    persistence::Settings copy;
    copy.mode = mode_of(settings);
    copy.cookie_name = view_of(settings.cookie_name);
    copy.url_parameter = view_of(settings.url_parameter);
    copy.separator = static_cast<char>(settings.separator);
    copy.semicolon_ends_value = settings.semicolon_ends_parameter != 0;
    copy.cookie_attributes = persistence::cookie_attributes(attributes_of(settings));
    copy.expiry_attributes = persistence::expiry_attributes(attributes_of(settings));
    copy.secure = settings.cookie_same_site == SB_SAME_SITE_NONE
                      ? persistence::SecureMode::kOn
                      : static_cast<persistence::SecureMode>(settings.cookie_secure);
    copy.max_age_s = settings.cookie_max_age_s;
    copy.limits = {settings.cookie_max_idle_s, settings.cookie_max_life_s};
    copy.seal = static_cast<persistence::Seal>(settings.cookie_seal);
    copy.accepts_plain = settings.cookie_accept_plain != 0;
    copy.keys = persistence::TokenKeys(view_of(settings.balancer_name));
    copy.hides_cookie = settings.cookie_indirect != 0;
    copy.preserves_cookie = settings.cookie_preserve != 0;
    copy.only_on_post = settings.cookie_post_only != 0;
    copy.no_cache = static_cast<persistence::NoCache>(settings.cookie_no_cache);
    return copy;
}

// False: two of them cannot be told apart, or there are too many.
bool add_keys(persistence::TokenKeys &all, const sb_key *keys, size_t key_count)
{
    for (size_t i = 0; i < key_count; ++i)
        if (!all.add(view_of(keys[i].id), keys[i].secret))
            return false;
    return true;
}

bool is_known(const sb_settings &settings) noexcept
{
    return settings.struct_size == sizeof(sb_settings) &&
           settings.cookie_mode <= SB_COOKIE_PREFIX && settings.cookie_secure <= SB_SECURE_OFF &&
           settings.cookie_same_site <= SB_SAME_SITE_NONE && settings.separator <= 0xFF &&
           settings.cookie_seal <= SB_SEAL_OPAQUE && settings.cookie_no_cache <= SB_NO_CACHE_OFF &&
           settings.cookie_max_age_s >= 0 && settings.cookie_max_idle_s >= 0 &&
           settings.cookie_max_life_s >= 0 && settings.table_expire_us >= 0;
}

// Never 0 for what is something.
std::uint64_t affinity_of(sb_str text) noexcept
{
    return text.len == 0 ? 0 : members::route_digest(view_of(text)) | 1;
}

using SessionKeys = std::array<stick_table::Key, SB_SESSIONS_OF_REQUEST_MAX>;

selection::PickRequest pick_request_of(const sb_request &request, const sb_balancer &balancer,
                                       SessionKeys &keys) noexcept
{
    const auto count = std::min(request.session_count, keys.size());
    for (std::size_t i = 0; i < count; ++i)
        keys[i] = {request.sessions[i].high, request.sessions[i].low};
    return {
        {view_of(request.forced_route), view_of(request.cookie_header), view_of(request.path),
         view_of(request.query), request.ignore_persistence != 0,
         abi::may_be_pinned(balancer, {request.now_us}), balancer.shared.pins_made_from_s.load()},
        {request.tried, request.tried_count},
        {request.now_us},
        affinity_of(request.affinity),
        {balancer.sessions, {keys.data(), count}},
        static_cast<selection::WhenDown>(request.when_down),
        request.may_move != 0};
}

// What the client has sent leads it to this member again.
bool is_client_of(const selection::Pick &chosen, const selection::View &view) noexcept
{
    using persistence::HintSource;
    using selection::Cause;
    const auto source = chosen.hint.source;
    const bool has_led = chosen.cause == Cause::kCookie || chosen.cause == Cause::kPath ||
                         chosen.cause == Cause::kQuery ||
                         (chosen.cause == Cause::kPersist &&
                          (source == HintSource::kCookie || source == HintSource::kPath ||
                           source == HintSource::kQuery));
    return has_led && view.members[chosen.member].binds_clients;
}

void write_pick(const selection::Pick &chosen, const selection::View &view, sb_pick &out) noexcept
{
    out.cause = static_cast<uint32_t>(chosen.cause);
    out.handle = chosen.member == members::kNoMember ? 0 : view.members[chosen.member].handle;
    out.place = out.handle == 0 ? shm::kNoPlace : view.members[chosen.member].leaf;
    out.number_of_route = out.handle == 0 ? 1 : view.members.number_of_route(chosen.member);
    out.asked_route = str_of(chosen.hint.asked_route);
    out.has_asked = chosen.hint.asked_in != persistence::HintSource::kNone;
    out.asked_in_cookie = chosen.hint.asked_in == persistence::HintSource::kCookie;
    out.asked_handle =
        chosen.hint.member == members::kNoMember ? 0 : view.members[chosen.hint.member].handle;
    out.moves_route = chosen.moves_route;
    out.recovers_all = chosen.recovers_all;
    out.marks_retry = chosen.marks_retry;
    out.binds_client = chosen.binds_client;
    out.wants_cookie = chosen.wants_cookie;
    out.cookie_fault = static_cast<uint32_t>(chosen.hint.cookie_fault);
    out.cookie_state = static_cast<char>(chosen.hint.cookie);
    out.cookie_issued_s = chosen.dates.issued_s;
    out.session = chosen.session;
    out.is_client = is_client_of(chosen, view);
    out.client_session = str_of(chosen.hint.session);
}

persistence::AnswerContext context_of(const sb_pick &pick) noexcept
{
    return {pick.binds_client != 0, pick.wants_cookie != 0,
            static_cast<persistence::CookieState>(pick.cookie_state)};
}

persistence::AnswerFacts facts_of(const sb_answer &answer) noexcept
{
    return {answer.sets_our_cookie != 0,
            answer.is_release != 0,
            answer.is_post != 0,
            {answer.is_get_or_head != 0, answer.status,
             static_cast<persistence::Expires>(answer.expires), view_of(answer.cache_control)}};
}

bool may_stand_in_cookie(sb_str route) noexcept
{
    return route.len != 0 && persistence::is_cookie_text(view_of(route));
}

persistence::CookieDates dates_of(const sb_pick &pick, sb_time_us now_us) noexcept
{
    return {pick.cookie_issued_s, now_us / 1'000'000};
}

template <typename Reader>
sb_status first_value(Reader reader, sb_str *value) noexcept
{
    std::string_view found;
    if (!reader.next(found))
        return SB_NOT_FOUND;
    *value = str_of(found);
    return SB_OK;
}

sb_status status_of(const base::BoundedWriter &written, size_t *len) noexcept
{
    *len = written.size_needed();
    return written.fits() ? SB_OK : SB_BUFFER_TOO_SMALL;
}

}  // namespace

sb_status sb_balancer_create(sb_region *region, uint64_t block, uint32_t process, sb_balancer **out)
{
    return guard([&] {
        shm::Block its_block;
        if (!region->region.block_at(block, its_block) ||
            process >= region->region.geometry().process_count ||
            !region->region.is_claimed(process))
            return SB_NOT_FOUND;
        *out = std::make_unique<sb_balancer>(region->region, its_block, process).release();
        return SB_OK;
    });
}

void sb_balancer_destroy(sb_balancer *balancer) { delete balancer; }

sb_status sb_balancer_configure(sb_balancer *balancer, const sb_settings *settings,
                                const sb_member *members, size_t member_count)
{
    return guard([&] {
        if (!is_known(*settings) ||
            (balancer->sessions.is_there() && settings->table_expire_us == 0))
            return SB_INVALID_ARGUMENT;
        auto copies =
            members_of(balancer->block, members, member_count, balancer->sessions.is_there());
        const auto *policy = balance::find_policy(view_of(settings->policy));
        if (!copies || (policy == nullptr && settings->policy.len != 0))
            return SB_INVALID_ARGUMENT;
        const selection::Failover failover{settings->last_resort != 0};
        auto in_force = settings_of(*settings);
        if (!add_keys(in_force.keys, settings->keys, settings->key_count) ||
            (in_force.is_sealed() && in_force.keys.empty()))
            return SB_INVALID_ARGUMENT;
        in_force.pins = abi::pin_keys_of(*balancer, *settings);
        if (!in_force.keeps_clients() && !balancer->sessions.is_there())
            drop_session_limits(*copies);
        in_force.member_idle_s = shortest_idle_s(members, member_count);
        const auto &block = balancer->block;
        const selection::Placement placement{policy,
                                             shm::kCursorCount,
                                             {block.tree(), block.capacity()},
                                             &block.state().total_active,
                                             block.state().serving_weights,
                                             settings->balance_factor};
        members::MemberTable table(std::move(*copies), bits_of(settings->state_bits));
        auto next = std::make_unique<Snapshot>(
            Snapshot{{std::move(in_force), failover, std::move(table), placement},
                     {},
                     {},
                     false,
                     settings->generation});
        add_places(*next, block, members, member_count, *settings);
        if (next->view.settings.keeps_clients())
            next->client_lifetime = client_lifetime_of(*settings);
        next->view.session_limits = {{settings->table_expire_us},
                                     settings->table_refuses != 0,
                                     {next->view.settings.member_idle_s * 1'000'000}};
        if (settings->is_outdated == 0)
            abi::note_drains(*balancer, next->view, {settings->now_us});
        next->view.refresh({settings->now_us});
        balancer->salt.store(settings->random);
        const auto lifetime = next->client_lifetime;
        if (!balancer->snapshot.replace_locked(std::move(next)))
            return SB_BUSY;
        balancer->next_probe_us.store(0);
        if (settings->is_outdated == 0)
            count_clients(block, members, member_count, lifetime, {settings->now_us});
        return SB_OK;
    });
}

uint64_t sb_balancer_generation(const sb_balancer *balancer)
{
    return balancer->shared.generation.acquire();
}

void sb_balancer_mark_changed(sb_balancer *balancer) { balancer->shared.generation.publish_add(1); }

int sb_balancer_is_stale(const sb_balancer *balancer)
{
    const Reading current(balancer->snapshot);
    return !current || current->generation != balancer->shared.generation.acquire();
}

int sb_balancer_is_news(sb_balancer *balancer, uint64_t fact)
{
    return balancer->shared.last_fact.exchange(fact) != fact;
}

sb_status sb_balancer_pick(sb_balancer *balancer, const sb_request *request, sb_pick *out)
{
    if (request->struct_size != sizeof(sb_request) || out->struct_size != sizeof(sb_pick) ||
        request->when_down > SB_WHEN_DOWN_FORBID)
        return SB_INVALID_ARGUMENT;
    const Reading current(balancer->snapshot);
    if (!current)
        return SB_NOT_FOUND;
    SessionKeys keys;
    const auto chosen = selection::pick(pick_request_of(*request, *balancer, keys), current->view,
                                        balancer->shared.cursors);
    if (!chosen)
        return status_of(chosen.status());
    write_pick(*chosen, current->view, *out);
    if (out->cookie_fault != 0 && request->tried_count == 0)
        balancer->shared.refused_cookies[out->cookie_fault].fetch_add(1);
    return SB_OK;
}

int sb_balancer_accepts_new(const sb_balancer *balancer, uint32_t member_count, sb_time_us now_us)
{
    const Reading current(balancer->snapshot);
    return current && current->view.accepts_unbound_at(member_count, {now_us});
}

sb_status sb_balancer_member_cookies(const sb_balancer *balancer, sb_str header, char *out,
                                     size_t *len)
{
    const Reading current(balancer->snapshot);
    base::BoundedWriter writer({out, *len});
    if (!current || !write_member_cookies(writer, view_of(header), current->view.settings))
        return SB_NOT_FOUND;
    return status_of(writer, len);
}

sb_status sb_balancer_plan_answer(const sb_balancer *balancer, const sb_pick *pick,
                                  const sb_answer *answer, sb_answer_plan *out)
{
    if (pick->struct_size != sizeof(sb_pick) || answer->struct_size != sizeof(sb_answer) ||
        out->struct_size != sizeof(sb_answer_plan) || answer->expires > SB_EXPIRES_FUTURE)
        return SB_INVALID_ARGUMENT;
    const Reading current(balancer->snapshot);
    if (!current)
        return SB_NOT_FOUND;
    const auto plan =
        persistence::plan_answer(context_of(*pick), facts_of(*answer), current->view.settings);
    out->ours = static_cast<uint32_t>(plan.ours);
    out->application = static_cast<uint32_t>(plan.application);
    out->makes_private = plan.makes_private;
    out->letter = plan.letter;
    return SB_OK;
}

sb_status sb_balancer_cookie(sb_balancer *balancer, const sb_pick *pick, sb_str route,
                             int client_is_secure, sb_time_us now_us, char *out, size_t *len)
{
    if (pick->struct_size != sizeof(sb_pick))
        return SB_INVALID_ARGUMENT;
    const Reading current(balancer->snapshot);
    if (!current || !current->view.settings.inserts_cookie() || !may_stand_in_cookie(route))
        return SB_NOT_FOUND;
    base::BoundedWriter writer({out, *len});
    write_set_cookie(writer, current->view.settings, view_of(route), dates_of(*pick, now_us),
                     balancer->salt.fetch_add(1), client_is_secure != 0);
    return status_of(writer, len);
}

sb_status sb_balancer_edited_cookie(sb_balancer *balancer, const sb_pick *pick, sb_str set_cookie,
                                    sb_str route, sb_time_us now_us, char *out, size_t *len)
{
    if (pick->struct_size != sizeof(sb_pick))
        return SB_INVALID_ARGUMENT;
    const Reading current(balancer->snapshot);
    if (!current || !current->view.settings.edits_cookie() || !may_stand_in_cookie(route))
        return SB_NOT_FOUND;
    base::BoundedWriter writer({out, *len});
    write_edited_cookie(writer, view_of(set_cookie), current->view.settings, view_of(route),
                        dates_of(*pick, now_us), balancer->salt.fetch_add(1));
    return status_of(writer, len);
}

sb_status sb_balancer_expired_cookie(const sb_balancer *balancer, int client_is_secure, char *out,
                                     size_t *len)
{
    const Reading current(balancer->snapshot);
    if (!current || !current->view.settings.inserts_cookie())
        return SB_NOT_FOUND;
    base::BoundedWriter writer({out, *len});
    write_expiry(writer, current->view.settings, client_is_secure != 0);
    return status_of(writer, len);
}

sb_status sb_private_cache_control(sb_str cache_control, char *out, size_t *len)
{
    base::BoundedWriter writer({out, *len});
    persistence::write_private(writer, view_of(cache_control));
    return status_of(writer, len);
}

uint64_t sb_balancer_refused_cookies(const sb_balancer *balancer, uint32_t fault)
{
    return fault < shm::kRefusalCount ? balancer->shared.refused_cookies[fault].load() : 0;
}

const char *sb_policy_name(size_t index)
{
    const auto all = balance::policies();
    return index < all.size() ? all[index].name.data() : nullptr;
}

const char *sb_cause_name(uint32_t cause)
{
    static constexpr std::array kNames{"policy",     "cookie", "path",  "query",  "forced",
                                       "redispatch", "hash",   "table", "persist"};
    return cause < kNames.size() ? kNames[cause] : "unknown";
}

const char *sb_fault_name(uint32_t fault)
{
    static constexpr std::array<const char *, persistence::kCookieFaultCount> kNames{
        nullptr,   "unknown_route", "plain",   "malformed", "unknown_key",
        "foreign", "forged",        "expired", "old"};
    return fault < kNames.size() ? kNames[fault] : nullptr;
}

const char *sb_status_name(sb_status status)
{
    switch (status) {
    case SB_OK: return "SB_OK";
    case SB_NOT_FOUND: return "SB_NOT_FOUND";
    case SB_NO_USABLE_MEMBER: return "SB_NO_USABLE_MEMBER";
    case SB_INVALID_ARGUMENT: return "SB_INVALID_ARGUMENT";
    case SB_BUFFER_TOO_SMALL: return "SB_BUFFER_TOO_SMALL";
    case SB_TABLE_FULL: return "SB_TABLE_FULL";
    case SB_LAYOUT_MISMATCH: return "SB_LAYOUT_MISMATCH";
    case SB_NO_MEMORY: return "SB_NO_MEMORY";
    case SB_INTERNAL: return "SB_INTERNAL";
    case SB_BUSY: return "SB_BUSY";
    case SB_FAILOVER_FORBIDDEN: return "SB_FAILOVER_FORBIDDEN";
    case SB_SESSIONS_FULL: return "SB_SESSIONS_FULL";
    }
    return "unknown";
}

int sb_sets_cookie(sb_str set_cookie, sb_str name)
{
    return persistence::sets_cookie_named(view_of(set_cookie), view_of(name));
}

sb_status sb_read_cookie_set(sb_str set_cookie, sb_str name, sb_cookie_set *out)
{
    if (out->struct_size != sizeof(*out))
        return SB_INVALID_ARGUMENT;
    if (!persistence::sets_cookie_named(view_of(set_cookie), view_of(name)))
        return SB_NOT_FOUND;
    const auto set = persistence::read_cookie_set(view_of(set_cookie), view_of(name));
    out->ends = set.ends;
    out->value = {set.value.data(), set.value.size()};
    out->expires = {set.expires.data(), set.expires.size()};
    return SB_OK;
}

sb_status sb_find_cookie(sb_str header, sb_str name, sb_str *value)
{
    return first_value(persistence::CookieReader(view_of(header), view_of(name)), value);
}

sb_status sb_find_path_parameter(sb_str path, sb_str name, sb_str *value)
{
    return first_value(persistence::PathParameter(view_of(path), view_of(name), true), value);
}

sb_status sb_find_query_parameter(sb_str query, sb_str name, sb_str *value)
{
    return first_value(persistence::QueryParameter(view_of(query), view_of(name), false), value);
}

sb_status sb_check_keys(const sb_key *keys, size_t key_count)
{
    return guard([&] {
        persistence::TokenKeys all({});
        return add_keys(all, keys, key_count) ? SB_OK : SB_INVALID_ARGUMENT;
    });
}

int sb_is_cookie_name(sb_str text) { return persistence::is_cookie_name(view_of(text)); }

int sb_is_cookie_text(sb_str text) { return persistence::is_cookie_text(view_of(text)); }
