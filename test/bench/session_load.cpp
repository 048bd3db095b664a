// SPDX-License-Identifier: Apache-2.0
#include "test/bench/session_load.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <string_view>
#include <thread>

#include "core/balance/mix.hpp"

namespace stickybalancer::bench {
namespace {

constexpr base::TimeUs kNow{1'700'000'000'000'000};
constexpr stick_table::Limits kLimits{{1'800'000'000}, false};
constexpr std::uint64_t kMember = 0x9E3779B97F4A7C15;

std::array<char, 32> text_of(std::uint64_t number)
{
    std::array<char, 32> text;
    auto bits = balance::mixed(number);
    for (auto &letter : text) {
        letter = "0123456789abcdef"[bits & 15];
        bits = bits >> 4 | bits << 60;
        bits = &letter - text.data() == 15 ? balance::mixed(bits ^ number) : bits;
    }
    return text;
}

stick_table::Key key_of(const stick_table::StickTable &table, const std::array<char, 32> &text)
{
    return table.key_of(0, {text.data(), text.size()});
}

void learn(const stick_table::StickTable &table, const stick_table::Key &key)
{
    const auto learned = table.learn(key, kMember, stick_table::Origin::kClient, kLimits, kNow);
    if (learned != stick_table::Learned::kLearned)
        fail("a session was not learned");
}

double processor_ns()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// 0 where it did not have a processor to itself all the while.
double undisturbed_time_of(const SessionLoad &load)
{
    const auto start = now_ns(), processor_start = processor_ns();
    load.run();
    const auto spent = now_ns() - start;
    return processor_ns() - processor_start > 0.95 * spent ? spent : 0;
}

// Of two workers, in memory that both have.
struct Meeting {
    std::atomic<int> arrived;
    double times[2];

    // Until both have come so often.
    void wait(int &times_here)
    {
        arrived.fetch_add(1);
        for (++times_here; arrived.load() < 2 * times_here;)
            std::this_thread::yield();
    }
};

// A process that was just forked has none of the table's pages mapped.
void touch(const stick_table::StickTable &table)
{
    const auto &plan = table.memory().plan();
    const auto *bytes = reinterpret_cast<const volatile char *>(&table.memory().shard(0).header());
    for (std::size_t at = 0; at < plan.shard_count * plan.shard_bytes; at += stick_table::kPage)
        (void)bytes[at];
}

// In each round the first works alone, then both at once. How much faster two were, where nobody disturbed.
std::vector<double> work(SessionLoad load, std::uint64_t first, int rounds, Meeting &meeting,
                         int who)
{
    std::vector<double> speeds;
    touch(load.table());
    for (int round = 0, here = 0; round < rounds; ++round) {
        const auto own = first + static_cast<std::uint64_t>(3 * round + who);
        double alone = 0;
        if (who == 0) {
            load.draw(own + 2);
            alone = undisturbed_time_of(load);
            load.undo();
        }
        load.draw(own);
        meeting.wait(here);
        meeting.times[who] = undisturbed_time_of(load);
        meeting.wait(here);
        const auto mine = meeting.times[0], other = meeting.times[1];
        if (alone > 0 && mine > 0 && other > 0)
            speeds.push_back(4 * alone / (mine + other));
        meeting.wait(here);
        load.undo();
    }
    return speeds;
}

}  // namespace

void Sessions::fill_to(std::uint64_t wanted)
{
    for (; count < wanted; ++count)
        learn(table, key_of(table, text_of(count)));
}

SessionLoad::SessionLoad(const Sessions &sessions, Ask ask, bool with_digest, int calls)
    : sessions_(sessions),
      ask_(ask),
      with_digest_(with_digest),
      texts_(static_cast<std::size_t>(calls)),
      keys_(static_cast<std::size_t>(calls))
{
}

void SessionLoad::draw(std::uint64_t round)
{
    constexpr std::uint64_t kNobodys = std::uint64_t{1} << 63;
    for (std::size_t call = 0; call < texts_.size(); ++call) {
        const auto number = balance::mixed((round << 32) + call);
        texts_[call] = text_of(ask_ == Ask::kHit ? number % sessions_.count : number | kNobodys);
        keys_[call] = key_of(sessions_.table, texts_[call]);
    }
}

stick_table::Key SessionLoad::key(std::size_t call) const
{
    return with_digest_ ? key_of(sessions_.table, texts_[call]) : keys_[call];
}

void SessionLoad::run() const
{
    const bool is_there = ask_ == Ask::kHit;
    for (std::size_t call = 0; call < keys_.size(); ++call)
        if (ask_ == Ask::kLearn)
            learn(sessions_.table, key(call));
        else if (sessions_.table.find(key(call), kLimits.expire, kNow).has_value() != is_there)
            fail("found what is not there, or did not find what is");
}

void SessionLoad::undo() const
{
    if (ask_ == Ask::kLearn && sessions_.count < sessions_.table.session_count())
        for (const auto &key : keys_)
            sessions_.table.forget(key);
}

double time_of(const Effort &effort, SessionLoad &load)
{
    std::vector<double> times;
    static std::uint64_t rounds = 0;
    for (int round = 0; round < effort.rounds; ++round) {
        load.draw(++rounds);
        const auto before = allocation_count();
        const auto start = processor_ns();
        load.run();
        const auto spent = processor_ns() - start;
        if (allocation_count() != before)
            fail("what is measured allocated memory");
        times.push_back(spent / effort.calls);
        load.undo();
    }
    return median_of(times);
}

double speed_of_two(const Effort &effort, const Sessions &sessions, Ask ask, Workers workers)
{
    auto *memory =
        mmap(nullptr, sizeof(Meeting), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        fail("no memory");
    auto &meeting = *new (memory) Meeting();
    // Short, so that some rounds are undisturbed.
    const SessionLoad load(sessions, ask, false, effort.calls / 50);
    const auto rounds = 20 * effort.rounds;
    static std::uint64_t first = 1 << 20;  // numbers that nobody has had
    first += static_cast<std::uint64_t>(3 * rounds);
    std::vector<double> speeds;
    if (workers == Workers::kThreads) {
        std::thread other([&] { work(load, first, rounds, meeting, 1); });
        speeds = work(load, first, rounds, meeting, 0);
        other.join();
    } else {
        const auto child = fork();
        if (child < 0)
            fail("no process");
        if (child == 0) {
            work(load, first, rounds, meeting, 1);
            _exit(0);
        }
        speeds = work(load, first, rounds, meeting, 0);
        waitpid(child, nullptr, 0);
    }
    munmap(memory, sizeof(Meeting));
    return speeds.empty() ? 0 : median_of(speeds);
}

}  // namespace stickybalancer::bench
