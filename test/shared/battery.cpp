// SPDX-License-Identifier: Apache-2.0
#include "test/shared/battery.hpp"

#include <algorithm>
#include <string>
#include <thread>

#include "core/shm/record.hpp"

namespace stickybalancer::test {
namespace {

constexpr std::int64_t kForEverUs = 10'000'000;

void spin(std::uint32_t steps)
{
    for (volatile std::uint32_t step = 0; step < steps;)
        step = step + 1;
}

void write_a_record(const Worker &worker, Random &random)
{
    const auto record = record_number(1 + random.below(1000));
    const shm::RegionLock lock(worker.world.region);
    if (!is_whole(worker.world.region.read_record(lock, worker.world.block, kRecordPlace)))
        ++worker.world.audit.bad_records;
    worker.world.region.write_record(lock, worker.world.block, kRecordPlace, record);
}

// Sleeps; false where nobody has woken it although somebody should have.
bool sleep(const Worker &worker, const capacity::Wait &wait, const capacity::Waiting &waiting)
{
    if (worker.looks_again) {
        sleep_on(wait, wait.until);
        return true;
    }
    const auto last = now().us + kForEverUs;
    return sleep_on(wait, {std::min(waiting.deadline.us, last)}) || waiting.deadline.us < last;
}

void serve(const Worker &worker, const capacity::Entrance &entrance,
           const capacity::Attempt &attempt, std::uint64_t ticket, Random &random)
{
    auto &audit = worker.world.audit;
    const auto place = attempt.place;
    const bool is_limited = kLimits[place].max_connections != 0;
    if (is_limited && !audit.take_token(place, worker.who))
        ++audit.over_the_limit;
    // Alone here: at place 0 there is one token.
    if (place == 0 && ticket != 0 && audit.last_ticket.exchange(ticket) > ticket)
        ++audit.out_of_order;
    ++audit.admitted;
    entrance.gauges().begin_connecting(place);
    spin(random.below(100));
    entrance.gauges().end_connecting(place);
    spin(random.below(1000));
    if (random.below(4) == 0)
        std::this_thread::yield();  // others come meanwhile, and wait
    if (is_limited)
        audit.give_back(place, worker.who);
    wake(entrance.end(attempt));
}

void one_request(const Worker &worker, const capacity::Entrance &entrance, Random &random)
{
    auto &audit = worker.world.audit;
    const auto place = random.below(kPlaces);
    const auto &limits = kLimits[place];
    capacity::Waiting waiting;
    auto admission = entrance.enter(place, limits, now(), waiting);
    const auto ticket = waiting.ticket;
    wake(admission.wake);
    while (admission.verdict == capacity::Verdict::kWait) {
        ++audit.waited;
        if (random.below(16) == 0) {  // the client has gone
            wake(entrance.leave(limits, waiting));
            ++audit.left;
            return;
        }
        if (!sleep(worker, admission.wait, waiting)) {
            ++audit.never_woken;
            audit.is_over = 1;
        }
        admission = entrance.look(limits, now(), waiting);
        wake(admission.wake);
    }
    if (admission.verdict == capacity::Verdict::kAdmitted)
        serve(worker, entrance, admission.attempt, ticket, random);
    else
        ++(admission.verdict == capacity::Verdict::kTimedOut ? audit.timed_out : audit.turned_away);
}

}  // namespace

shm::MemberRecord record_number(std::uint32_t number)
{
    shm::MemberRecord record{};
    record.identity = {number, ~std::uint64_t{number}};
    record.use = shm::PlaceUse::kInUse;
    record.in_force.weight_hundredths = number;
    record.url.assign(std::string(400, static_cast<char>('a' + number % 26)));
    return record;
}

void work(const Worker &worker, std::uint32_t rounds)
{
    Random random{worker.seed * 2 + 1};
    const capacity::Entrance entrance(
        {worker.world.region, worker.world.block, worker.process, true});
    for (std::uint32_t round = 0; round < rounds && worker.world.audit.is_over == 0; ++round) {
        one_request(worker, entrance, random);
        if (random.below(32) == 0)
            write_a_record(worker, random);
    }
}

void end_as_another_comes(const Worker &worker, std::uint32_t rounds)
{
    auto &audit = worker.world.audit;
    Random random{worker.seed * 2 + 1};
    const capacity::Entrance entrance(
        {worker.world.region, worker.world.block, worker.process, true});
    for (std::uint32_t round = 0; round < rounds && audit.is_over == 0; ++round) {
        capacity::Waiting waiting;
        const auto admission = entrance.enter(0, kLimits[0], now(), waiting);
        audit.stage = 2 * round + 1;
        // On one processor the other comes now; on two, about now.
        if (random.below(4) == 0)
            std::this_thread::yield();
        spin(random.below(1000));
        wake(entrance.end(admission.attempt));
        while (audit.stage != 2 * round + 2 && audit.is_over == 0)
            std::this_thread::yield();
    }
}

void come_as_another_ends(const Worker &worker, std::uint32_t rounds)
{
    auto &audit = worker.world.audit;
    Random random{worker.seed * 2 + 1};
    const capacity::Entrance entrance(
        {worker.world.region, worker.world.block, worker.process, true});
    for (std::uint32_t round = 0; round < rounds && audit.is_over == 0; ++round) {
        for (std::uint32_t looks = 1; audit.stage != 2 * round + 1 && audit.is_over == 0; ++looks)
            if (looks % 1024 == 0)
                std::this_thread::yield();
        spin(random.below(200));
        capacity::Waiting waiting;
        auto admission = entrance.enter(0, kLimits[0], now(), waiting);
        while (admission.verdict == capacity::Verdict::kWait) {
            ++audit.waited;
            if (!sleep(worker, admission.wait, waiting)) {
                ++audit.never_woken;
                audit.is_over = 1;
            }
            admission = entrance.look(kLimits[0], now(), waiting);
        }
        entrance.end(admission.attempt);
        audit.stage = 2 * round + 2;
    }
}

bool is_whole(const shm::MemberRecord &record)
{
    if (record.use == shm::PlaceUse::kNever)
        return true;
    const auto good = record_number(record.in_force.weight_hundredths);
    return shm::is_sound(record) && record.identity == good.identity && record.url == good.url;
}

}  // namespace stickybalancer::test
