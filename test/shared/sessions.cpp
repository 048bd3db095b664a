// SPDX-License-Identifier: Apache-2.0
#include "test/shared/sessions.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "core/stick_table/table_check.hpp"

namespace stickybalancer::test {
namespace {

using stick_table::Learned;
using stick_table::Origin;

constexpr shm::Identity kOwner{7, 11};
constexpr std::uint32_t kTicksBetweenKeeps = 2;

stick_table::Key client_key(const stick_table::StickTable &table, std::uint64_t number)
{
    return table.key_of(1, {reinterpret_cast<const char *>(&number), sizeof(number)});
}

constexpr std::uint64_t client_member(std::uint64_t number)
{
    return (std::uint64_t{1} << 63) | number;
}

bool may_be_absent(std::uint64_t done_before, std::uint64_t begun_after)
{
    for (auto state = done_before; state <= begun_after; ++state)
        if (is_absent(state))
            return true;
    return false;
}

void one_client(const SessionWorker &worker, Random &random, base::TimeUs now)
{
    const auto table = worker.world.table();
    const auto number = random.below(static_cast<std::uint32_t>(table.session_count() * 2));
    const auto key = client_key(table, number);
    auto &audit = worker.world.audit;
    switch (random.below(4)) {
    case 0: audit.forgotten += table.forget(key) ? 1 : 0; return;
    case 1:
        if (const auto found = table.find(key, kSessionLimits.expire, now);
            found && found->member != client_member(number))
            ++audit.mixed;
        return;
    default:
        if (table.learn(key, client_member(number), Origin::kClient, kSessionLimits, now) ==
            Learned::kBroken)
            ++audit.broken;
    }
}

// Its owner says again what it is.
void use_own(const SessionWorker &worker, std::uint32_t booked, base::TimeUs now)
{
    const auto state = worker.world.done(booked);
    if (!is_absent(state) &&
        worker.world.table().learn(worker.world.key(booked), member_in(booked, state),
                                   Origin::kApplication, kSessionLimits, now) != Learned::kKnown)
        ++worker.world.audit.missed;
}

void one_round(const SessionWorker &worker, Random &random)
{
    const auto &world = worker.world;
    const auto now = world.read_clock(worker.who);
    const auto any = random.below(world.booked_count());
    const auto own = any / worker.workers * worker.workers + worker.who;
    const auto what = random.below(16);
    if (what < 6 && own < world.booked_count())
        world.next_state(own, now);
    else if (what < 7 && own < world.booked_count())
        use_own(worker, own, now);
    else if (what < 8)
        world.keep(any, now);
    else if (what < 12)
        world.look(any, now);
    else
        one_client(worker, random, now);
    if (random.below(64) == 0)
        std::this_thread::yield();
}

std::uint64_t difference(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; }

}  // namespace

SessionWorld::SessionWorld(std::uint64_t session_count, std::uint32_t booked_count)
    : memory_(stick_table::Plan(session_count).size_bytes),
      audit_memory_(sizeof(SessionAudit)),
      booked_count_(booked_count),
      audit(*new (audit_memory_.bytes()) SessionAudit())
{
    if (stick_table::format(memory_.bytes(), memory_.size_bytes(), session_count, kOwner, {3, 5}) !=
        stick_table::TableFault::kNone)
        throw std::runtime_error("no table");
    audit.clock_us = 1000 * kTickUs;
    for (auto &seen : audit.seen_us)
        seen = kIdle;
    for (std::uint32_t booked = 0; booked < booked_count; ++booked)
        keys_.push_back(table().key_of(0, "booked " + std::to_string(booked)));
}

stick_table::StickTable SessionWorld::table() const
{
    return stick_table::StickTable(
        stick_table::attach(memory_.bytes(), memory_.size_bytes(), kOwner).memory);
}

base::TimeUs SessionWorld::read_clock(std::uint32_t who) const
{
    const std::int64_t now_us = audit.clock_us;
    audit.seen_us[who] = now_us;
    return {now_us};
}

bool SessionWorld::is_somebody_here() const
{
    return std::any_of(std::begin(audit.seen_us), std::end(audit.seen_us),
                       [](const auto &seen) { return seen != kIdle; });
}

void SessionWorld::try_tick() const
{
    const std::int64_t before_us = audit.clock_us;
    for (const auto &seen : audit.seen_us)
        if (seen != kIdle && seen != before_us)
            return;
    const base::TimeUs now{before_us + kTickUs};
    audit.clock_us = now.us;
    table().upkeep(kSessionLimits.expire, now);
    if (now.us / kTickUs % kTicksBetweenKeeps == 0)
        for (std::uint32_t booked = 0; booked < booked_count_; ++booked)
            keep(booked, now);
}

void SessionWorld::judge(std::uint32_t booked, std::uint64_t done_before,
                         std::uint64_t member) const
{
    const std::uint64_t begun_after = audit.books[booked].begun;
    ++audit.looks;
    if (member == 0) {
        audit.missed += may_be_absent(done_before, begun_after) ? 0 : 1;
        return;
    }
    const auto state = member & ((std::uint64_t{1} << 40) - 1);
    if (member != member_in(booked, state) || is_absent(state) || state > begun_after)
        ++audit.mixed;
    else if (state < done_before)
        ++audit.outdated;
}

void SessionWorld::look(std::uint32_t booked, base::TimeUs now) const
{
    const auto before = done(booked);
    const auto found = table().find(keys_[booked], kSessionLimits.expire, now);
    judge(booked, before, found ? found->member : 0);
}

void SessionWorld::keep(std::uint32_t booked, base::TimeUs now) const
{
    const auto before = done(booked);
    if (!table().keep(keys_[booked], kSessionLimits, now))
        judge(booked, before, 0);
}

void SessionWorld::next_state(std::uint32_t booked, base::TimeUs now) const
{
    auto &book = audit.books[booked];
    const auto state = book.done + 1;
    book.begun = state;
    if (is_absent(state)) {
        if (!table().forget(keys_[booked]))
            ++audit.missed;
        ++audit.forgotten;
    } else if (const auto expected = is_absent(state - 1) ? Learned::kLearned : Learned::kKnown;
               table().learn(keys_[booked], member_in(booked, state), Origin::kApplication,
                             kSessionLimits, now) != expected) {
        ++audit.broken;
    }
    book.done = state;
    ++audit.changes;
}

void SessionWorld::lock_each_shard() const
{
    const auto memory = table().memory();
    for (std::uint64_t index = 0; index < memory.plan().shard_count; ++index)
        memory.shard(index).expire(0, 0, kSessionLimits.expire, {audit.clock_us});
}

void SessionWorld::settle(std::uint32_t who, std::uint32_t workers) const
{
    leave(who);
    lock_each_shard();
    for (auto booked = who; booked < booked_count_; booked += workers) {
        auto &book = audit.books[booked];
        if (book.begun == book.done)
            continue;
        ++audit.interrupted;
        const auto found = table().find(keys_[booked], kSessionLimits.expire, {audit.clock_us});
        judge(booked, book.done, found ? found->member : 0);
        const bool is_begun =
            found ? found->member == member_in(booked, book.begun) : is_absent(book.begun);
        (is_begun ? book.done : book.begun) = is_begun ? book.begun.load() : book.done.load();
    }
}

std::string SessionWorld::what_is_wrong(std::uint64_t kills) const
{
    std::string wrong;
    const auto add = [&wrong](const char *what, std::uint64_t count) {
        if (count != 0)
            wrong += std::string(what) + " " + std::to_string(count) + "; ";
    };
    lock_each_shard();
    for (std::uint32_t booked = 0; booked < booked_count_; ++booked)
        look(booked, {audit.clock_us});
    add("missed", audit.missed);
    add("outdated, or forgotten and back", audit.outdated);
    add("another's", audit.mixed);
    add("broken", audit.broken);
    const auto numbers = table().numbers();
    add("damaged", numbers.damaged);
    // A killed one may have done something and not have counted it, once in each world.
    const auto gone = numbers.evicted + numbers.expired + audit.forgotten;
    if (const auto off = difference(numbers.learned, numbers.sessions + gone); off > 2 * kills)
        add("numbers off by", off);
    return wrong + table_check(table());
}

void work(const SessionWorker &worker, std::uint32_t rounds)
{
    Random random{worker.seed * 2 + 1};
    for (std::uint32_t round = 0; round < rounds; ++round)
        one_round(worker, random);
    worker.world.leave(worker.who);
}

void only_look(const SessionWorker &worker, std::uint32_t rounds)
{
    for (std::uint32_t round = 0; round < rounds; ++round)
        worker.world.look(0, worker.world.read_clock(worker.who));
    worker.world.leave(worker.who);
}

void carry_again_and_again(const SessionWorld &world, std::uint32_t who)
{
    const auto count = world.table().session_count();
    std::vector<std::uint64_t> done(world.booked_count());
    do {
        const auto now = world.read_clock(who);
        const SharedMemory memory(stick_table::Plan(count).size_bytes);
        stick_table::format(memory.bytes(), memory.size_bytes(), count, kOwner, {9, 9});
        stick_table::StickTable into(
            stick_table::attach(memory.bytes(), memory.size_bytes(), kOwner).memory);
        for (std::uint32_t booked = 0; booked < world.booked_count(); ++booked)
            done[booked] = world.done(booked);
        world.audit.carried += carry_over(world.table(), into, kSessionLimits.expire, now).moved;
        for (std::uint32_t booked = 0; booked < world.booked_count(); ++booked) {
            const auto found = into.find(world.key(booked), kSessionLimits.expire, now);
            world.judge(booked, done[booked], found ? found->member : 0);
        }
        if (!table_check(into).empty())
            ++world.audit.broken;
        world.leave(who);
    } while (world.is_somebody_here());
}

}  // namespace stickybalancer::test
