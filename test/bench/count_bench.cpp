// SPDX-License-Identifier: Apache-2.0
//
// What it takes to count a request and its client, on the request's path; to read what was counted of 1000 members;
// to sweep their sketches; and to walk over a table. Fails when what a request does allocates.
//
//   sb_count_bench [--quick]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>

#include "test/bench/core_bench.hpp"

using namespace stickybalancer::bench;

namespace {

constexpr sb_time_us kNow = 1'700'000'000'000'000;
constexpr sb_time_us kSecond = 1'000'000;
constexpr std::uint32_t kMembers = 1000;
const std::string kBrowser =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 "
    "Safari/537.36";

sb_str address_of(const int &number)
{
    return {reinterpret_cast<const char *>(&number), sizeof(number)};
}

sb_settings at(sb_time_us now_us)
{
    auto settings = insert_settings();
    settings.now_us = now_us;
    return settings;
}

sb_member_sessions sessions_of(const sb_balancer *core, std::uint32_t place, sb_time_us now_us)
{
    sb_member_sessions sessions{};
    sessions.struct_size = sizeof(sessions);
    if (sb_balancer_member_sessions(core, place, now_us, &sessions) != SB_OK)
        fail("no sessions");
    return sessions;
}

void show(const char *what, double ns) { std::printf("%-58s %12.1f ns\n", what, ns); }

void count_requests(const Effort &effort)
{
    const BenchBalancer balancer(4, at(kNow));
    auto *core = balancer.core();
    const auto cookie = balancer.cookie_of(1, kNow);
    const auto pick = balancer.pick(str_of(cookie), kNow);
    show("a request's totals",
         measure(effort, [&](int) { sb_balancer_count_attempt(core, pick.place, &pick, 1); }));
    show("a client's digest: address and browser", measure(effort, [&](int i) {
             if (sb_balancer_client(core, address_of(i), str_of(kBrowser)) == 0)
                 fail("a digest of nothing");
         }));
    show("its session, digest included, 1000 clients again and again", measure(effort, [&](int i) {
             const int client = i % 1000;
             sb_balancer_note_client(core, pick.place,
                                     sb_balancer_client(core, address_of(client), str_of(kBrowser)),
                                     kNow);
         }));
    show("the same, each client a new one", measure(effort, [&](int i) {
             sb_balancer_note_client(
                 core, pick.place, sb_balancer_client(core, address_of(i), str_of(kBrowser)), kNow);
         }));
}

void read_members(const Effort &effort)
{
    const BenchBalancer balancer(kMembers, at(kNow));
    auto *core = balancer.core();
    for (std::uint32_t place = 0; place < kMembers; ++place)
        for (int client = 0; client < 1000; ++client)
            sb_balancer_note_client(core, place, sb_balancer_client(core, address_of(client), {}),
                                    kNow);
    auto now_us = kNow;
    std::vector<double> times;
    for (int round = 0; round < effort.rounds; ++round) {
        const auto start = now_ns();
        sb_balancer_refresh(core, now_us += kSecond);
        times.push_back(now_ns() - start);
    }
    show("what is due once a second, 1000 members of 1000 clients", median_of(times));
    const Effort few{effort.rounds, 10};
    show("sessions and totals of 1000 members", measure(few, [&](int) {
             for (std::uint32_t place = 0; place < kMembers; ++place) {
                 sb_member_totals totals{};
                 totals.struct_size = sizeof(totals);
                 sb_balancer_member_totals(core, place, &totals);
                 sessions_of(core, place, now_us);
             }
         }));
}

// A walk is long enough for others to come in between: what counts is the processor's time of this thread.
double processor_ns()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// The processor's memory forgets the table: its largest one here is 260 MB.
void push_out()
{
    std::vector<char> other(std::size_t{300} << 20);
    for (std::size_t at = 0; at < other.size(); at += 64)
        other[at] = static_cast<char>(at);
    if (other[other.size() - 64] != static_cast<char>(other.size() - 64))
        fail("memory forgets");
}

struct Walked {
    double ns, remembered_ns;
    std::uint64_t counted;
};
Walked walk_some(const sb_balancer *core, std::uint32_t place, sb_time_us from_us, int walks,
                 bool is_cold)
{
    std::uint64_t counted = 0;
    std::vector<double> walked, remembered;
    for (int walk = 0; walk < walks; ++walk) {
        const auto now_us = from_us + walk * 10 * kSecond;  // the walk before is too old by then
        if (is_cold)
            push_out();
        const auto start = processor_ns();
        counted = sessions_of(core, place, now_us).sessions;
        const auto end = processor_ns();
        sessions_of(core, place, now_us);
        walked.push_back(end - start);
        remembered.push_back(processor_ns() - end);
    }
    return {median_of(walked), median_of(remembered), counted};
}

void walk_table(int sessions, bool is_quick)
{
    const auto size = sb_table_size(static_cast<std::uint64_t>(sessions));
    const std::unique_ptr<void, decltype(&std::free)> memory(
        std::aligned_alloc(4096, (size + 4095) / 4096 * 4096), &std::free);
    std::memset(memory.get(), 0, size);
    const std::uint64_t random[2] = {3, 5};
    sb_table *table = nullptr;
    std::size_t needed = 0;
    const char *why = nullptr;
    if (sb_table_format(memory.get(), size, static_cast<std::uint64_t>(sessions), {1, 1}, random) !=
            SB_OK ||
        sb_table_open(memory.get(), size, {1, 1}, &table, &needed, &why) != SB_OK)
        fail("no table");
    auto settings = at(kNow);
    settings.table_expire_us = 1800 * kSecond;
    const BenchBalancer with_table(4, settings, table);
    auto *core = with_table.core();
    const auto place = with_table.pick({}, kNow).place;
    for (int i = 0; i < sessions; ++i) {
        sb_session session{};
        sb_balancer_session(core, 0, address_of(i), &session);
        sb_balancer_learn(core, &session, place, SB_LEARN_FROM_REQUEST, kNow);
    }
    const auto warm = walk_some(core, place, kNow, 9, false);
    std::printf(
        "a walk over %9d sessions: %10.0f us, %5.1f ns each; %llu counted; remembered: %.0f ns\n",
        sessions, warm.ns / 1000, warm.ns / sessions, static_cast<unsigned long long>(warm.counted),
        warm.remembered_ns);
    if (!is_quick) {
        const auto cold = walk_some(core, place, kNow + 100 * kSecond, 5, true);
        std::printf("  where the processor has forgotten it: %10.0f us, %5.1f ns each\n",
                    cold.ns / 1000, cold.ns / sessions);
    }
    sb_table_close(table);
}

}  // namespace

int main(int argc, char **argv)
{
    const auto effort = effort_of(argc, argv);
    count_requests(effort);
    read_members(effort);
    const bool is_quick = effort.rounds <= 3;
    for (const int sessions : {1000, 10'000, 100'000})
        walk_table(sessions, is_quick);
    if (!is_quick)
        for (const int sessions : {1'000'000, 4'000'000})
            walk_table(sessions, false);
    return 0;
}
