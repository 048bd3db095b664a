// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "core/abi/guard.hpp"
#include "core/abi/handles.hpp"
#include "core/counting/sketch.hpp"
#include "core/stick_table/table_page.hpp"

using namespace stickybalancer;
using abi::guard;
using abi::Reading;
using abi::view_of;

namespace {

shm::Identity identity_of(const sb_identity &identity) noexcept
{
    return {identity.high, identity.low};
}

stick_table::Key key_of(const sb_session &session) noexcept { return {session.high, session.low}; }

// It is at a member other than this one, which can serve it.
bool stays_elsewhere(const sb_balancer &balancer, const selection::View &view,
                     const stick_table::Key &key, members::MemberIndex here,
                     base::TimeUs now) noexcept
{
    const auto known = balancer.sessions.find(key, view.session_limits.expire, now);
    const auto there = known ? view.members.with_identity(known->member) : members::kNoMember;
    return there != members::kNoMember && there != here && view.accepts_bound(there, now);
}

void write_info(const stick_table::Session &session, const selection::View &view,
                sb_session_info &out) noexcept
{
    const auto index = view.members.with_identity(session.member);
    const bool has_member = index != members::kNoMember;
    out.place = has_member ? view.members[index].leaf : shm::kNoPlace;
    out.handle = has_member ? view.members[index].handle : 0;
    out.learned_us = session.learned_us;
    out.used_us = session.used_us;
    // A time of use may be damaged.
    if (__builtin_add_overflow(session.used_us, view.session_limits.expire.us, &out.expires_us))
        out.expires_us = session.used_us;
    out.requests = session.requests;
    out.is_application = session.origin == stick_table::Origin::kApplication;
}

sb_status status_of(stick_table::Learned learned) noexcept
{
    switch (learned) {
    case stick_table::Learned::kLearned:
    case stick_table::Learned::kKnown: return SB_OK;
    case stick_table::Learned::kNoRoom: return SB_TABLE_FULL;
    case stick_table::Learned::kBroken: break;
    }
    return SB_INTERNAL;
}

}  // namespace

size_t sb_table_size(uint64_t session_count)
{
    return session_count < stick_table::kFewestSessions ||
                   session_count > stick_table::kMostSessions
               ? 0
               : stick_table::Plan(session_count).size_bytes;
}

sb_status sb_table_format(void *memory, size_t size_bytes, uint64_t session_count,
                          sb_identity balancer, const uint64_t random[2])
{
    const auto fault = stick_table::format(memory, size_bytes, session_count, identity_of(balancer),
                                           {random[0], random[1]});
    if (fault == stick_table::TableFault::kNoLock)
        return SB_INTERNAL;
    return fault == stick_table::TableFault::kNone ? SB_OK : SB_INVALID_ARGUMENT;
}

sb_status sb_table_open(void *memory, size_t size_bytes, sb_identity balancer, sb_table **out,
                        size_t *needed, const char **why)
{
    return guard([&] {
        const auto attached = stick_table::attach(memory, size_bytes, identity_of(balancer));
        const bool is_good = attached.fault == stick_table::TableFault::kNone;
        *why = is_good ? nullptr : stick_table::fault_name(attached.fault);
        if (attached.fault == stick_table::TableFault::kTruncated) {
            *needed = attached.memory.plan().size_bytes;
            return SB_BUFFER_TOO_SMALL;
        }
        if (!is_good)
            return SB_LAYOUT_MISMATCH;
        *out = std::make_unique<sb_table>(sb_table{stick_table::StickTable(attached.memory)})
                   .release();
        return SB_OK;
    });
}

void sb_table_close(sb_table *table) { delete table; }

sb_status sb_table_restart(sb_table *table)
{
    return table->table.memory().restart() ? SB_OK : SB_INTERNAL;
}

uint64_t sb_table_session_count(const sb_table *table) { return table->table.session_count(); }

sb_status sb_table_carry_over(const sb_table *earlier, sb_table *table, int64_t expire_us,
                              sb_time_us now_us, uint64_t *moved, uint64_t *left_out)
{
    const auto carried =
        stick_table::carry_over(earlier->table, table->table, {expire_us}, {now_us});
    *moved = carried.moved;
    *left_out = carried.left_out;
    return SB_OK;
}

int sb_table_upkeep(sb_table *table, int64_t expire_us, sb_time_us now_us)
{
    return table->table.upkeep({expire_us}, {now_us});
}

sb_status sb_table_count(const sb_table *table, sb_table_numbers *out)
{
    if (out->struct_size != sizeof(sb_table_numbers))
        return SB_INVALID_ARGUMENT;
    const auto numbers = table->table.numbers();
    out->sessions = numbers.sessions;
    out->learned = numbers.learned;
    out->evicted = numbers.evicted;
    out->refused = numbers.refused;
    out->expired = numbers.expired;
    out->damaged = numbers.damaged;
    return SB_OK;
}

sb_status sb_table_losses_to_tell(sb_table *table, int64_t at_most_every_us, sb_time_us now_us,
                                  sb_table_losses *out)
{
    if (out->struct_size != sizeof(sb_table_losses))
        return SB_INVALID_ARGUMENT;
    const auto losses = table->table.losses_to_tell({at_most_every_us}, {now_us});
    if (!losses)
        return SB_NOT_FOUND;
    out->evicted = losses->evicted;
    out->refused = losses->refused;
    out->damaged = losses->damaged;
    return SB_OK;
}

void sb_balancer_use_table(sb_balancer *balancer, sb_table *table, sb_table *earlier)
{
    balancer->sessions =
        stick_table::TablePair(table->table, earlier != nullptr ? &earlier->table : nullptr);
}

sb_status sb_balancer_session(const sb_balancer *balancer, uint32_t kind, sb_str key,
                              sb_session *out)
{
    if (!balancer->sessions.is_there())
        return SB_NOT_FOUND;
    const auto digest = balancer->sessions.table().key_of(kind, view_of(key));
    *out = {digest.high, digest.low};
    return SB_OK;
}

sb_status sb_balancer_learn(sb_balancer *balancer, const sb_session *session, uint32_t place,
                            uint32_t learn, sb_time_us now_us)
{
    const Reading current(balancer->snapshot);
    if (!balancer->sessions.is_there() || !current)
        return SB_NOT_FOUND;
    const auto index = current->member_at(place);
    const auto how = learn & ~uint32_t{SB_LEARN_PLACED};
    if (index == members::kNoMember || how > SB_LEARN_FROM_RESPONSE)
        return SB_INVALID_ARGUMENT;
    const auto &view = current->view;
    const auto &member = view.members[index];
    const auto key = key_of(*session);
    if (!member.binds_clients)
        return SB_NOT_FOUND;
    counting::note_seen(balancer->block.sketch(place).last_of_table_us, {1'000'000}, {now_us});
    if (learn < SB_LEARN_FROM_RESPONSE && stays_elsewhere(*balancer, view, key, index, {now_us}))
        return SB_NOT_FOUND;
    if (how == SB_LEARN_NOT)
        return balancer->sessions.note_use(key, member.identity, view.session_limits, {now_us})
                   ? SB_OK
                   : SB_NOT_FOUND;
    const auto origin = how == SB_LEARN_FROM_RESPONSE ? stick_table::Origin::kApplication
                                                      : stick_table::Origin::kClient;
    return status_of(
        balancer->sessions.learn(key, member.identity, origin, view.session_limits, {now_us}));
}

sb_status sb_balancer_keep_session(sb_balancer *balancer, const sb_session *session,
                                   sb_time_us now_us)
{
    const Reading current(balancer->snapshot);
    return current &&
                   balancer->sessions.keep(key_of(*session), current->view.session_limits, {now_us})
               ? SB_OK
               : SB_NOT_FOUND;
}

sb_status sb_balancer_forget_session(sb_balancer *balancer, const sb_session *session)
{
    return balancer->sessions.forget(key_of(*session)) ? SB_OK : SB_NOT_FOUND;
}

sb_status sb_balancer_find_session(const sb_balancer *balancer, const sb_session *session,
                                   sb_time_us now_us, sb_session_info *out)
{
    if (out->struct_size != sizeof(sb_session_info))
        return SB_INVALID_ARGUMENT;
    const Reading current(balancer->snapshot);
    if (!current)
        return SB_NOT_FOUND;
    const auto expire = current->view.session_limits.expire;
    const auto found = balancer->sessions.find(key_of(*session), expire, {now_us});
    if (!found)
        return SB_NOT_FOUND;
    write_info(*found, current->view, *out);
    return SB_OK;
}

sb_status sb_balancer_list_sessions(const sb_balancer *balancer, sb_time_us now_us,
                                    sb_session_list *list)
{
    if (list->struct_size != sizeof(sb_session_list))
        return SB_INVALID_ARGUMENT;
    const Reading current(balancer->snapshot);
    if (!current || !balancer->sessions.is_there())
        return SB_NOT_FOUND;
    list->count = 0;
    stick_table::TablePage page(balancer->sessions, current->view.session_limits.expire, {now_us});
    list->next = page.read(list->from, list->room, [&](const stick_table::Session &session) {
        const auto number = list->count++;
        list->sessions[number] = {session.key.high, session.key.low};
        list->infos[number].struct_size = sizeof(sb_session_info);
        write_info(session, current->view, list->infos[number]);
    });
    return SB_OK;
}
