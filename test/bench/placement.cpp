// SPDX-License-Identifier: Apache-2.0
#include "test/bench/placement.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <thread>
#include <vector>

#include "core/balance/mix.hpp"

namespace stickybalancer::bench {
namespace {

constexpr std::uint32_t kMostMembers = 10'000;
constexpr base::TimeUs kNow{1'700'000'000'000'000};

template <typename T>
T *map_shared()
{
    void *memory =
        mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        fail("no memory");
    return static_cast<T *>(memory);
}

persistence::Settings insert_route_id()
{
    persistence::Settings settings;
    settings.mode = persistence::CookieMode::kInsert;
    settings.cookie_name = "ROUTEID";
    settings.url_parameter = "ROUTEID";
    return settings;
}

double processor_ns()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

constexpr int kStride = 100;  // picks between two looks at the other worker

struct alignas(64) Worker {
    std::atomic<int> strides;
    double time;  // 0: it was disturbed by others, or not by the other worker
};

// Both begin together, and go on until both are done with their calls, so that each disturbs the other
// all the time.
struct Meeting {
    std::atomic<int> arrived, done;
    Worker workers[2];
};

void stride(const Placement &placement, std::uint64_t seed)
{
    for (int i = 0; i < kStride; ++i)
        placement.pick({}, balance::mixed(seed + static_cast<std::uint64_t>(i)), kNow);
}

// Time of so many picks; 0 where the worker did not have a processor to itself all the while.
template <typename AfterStride>
double time_of_picks(const Placement &placement, int calls, const AfterStride &after_stride)
{
    const auto start = now_ns(), processor_start = processor_ns();
    for (int i = 0; i < calls; i += kStride) {
        stride(placement, static_cast<std::uint64_t>(i));
        after_stride();
    }
    const auto spent = now_ns() - start;
    return processor_ns() - processor_start > 0.9 * spent ? spent : 0;
}

void work(const Placement &placement, int calls, Meeting &meeting, int who)
{
    auto &me = meeting.workers[who], &other = meeting.workers[1 - who];
    meeting.arrived.fetch_add(1);
    while (meeting.arrived.load() < 2)
        std::this_thread::yield();
    const auto before = other.strides.load();
    me.time = time_of_picks(placement, calls, [&] { me.strides.fetch_add(1); });
    const auto met = other.strides.load() - before;
    if (met * kStride < calls / 2)
        me.time = 0;
    meeting.done.fetch_add(1);
    while (meeting.done.load() < 2) {
        stride(placement, 0);
        me.strides.fetch_add(1);
    }
}

double time_of_two(const Placement &placement, int calls, Workers workers, Meeting &meeting)
{
    meeting.arrived.store(0);
    meeting.done.store(0);
    if (workers == Workers::kThreads) {
        std::thread other([&] { work(placement, calls, meeting, 1); });
        work(placement, calls, meeting, 0);
        other.join();
    } else {
        const auto child = fork();
        if (child == 0) {
            work(placement, calls, meeting, 1);
            _exit(0);
        }
        if (child < 0)
            fail("no process");
        work(placement, calls, meeting, 0);
        waitpid(child, nullptr, 0);
    }
    const auto mine = meeting.workers[0].time, other = meeting.workers[1].time;
    return mine > 0 && other > 0 ? (mine + other) / 2 : 0;
}

}  // namespace

struct Placement::Shared {
    alignas(64) balance::Cursor cursors[shm::kCursorCount];
    alignas(64) base::Relaxed<std::uint64_t> total_active;
    base::Relaxed<std::uint64_t> serving_weight;
    shm::MemberLoad loads[kMostMembers];
    alignas(64) balance::LoadTree::Word words[balance::LoadTree::word_count(kMostMembers)];
};

Placement::Placement(std::string_view policy, std::uint32_t member_count)
    : shared_(map_shared<Shared>())
{
    static constexpr std::uint32_t kUp = 1;
    static constexpr std::int64_t kZero = 0;
    std::vector<members::Member> members(member_count);
    for (std::uint32_t i = 0; i < member_count; ++i) {
        members[i].handle = i + 1;
        members[i].route = "member" + std::to_string(i);
        members[i].weight = 100;
        members[i].live = members::LiveState(&kUp, &kZero, &kZero);
        members[i].leaf = i;
        members[i].load = &shared_->loads[i];
    }
    const balance::LoadTree tree(shared_->words, member_count);
    tree.reset();
    const selection::Placement how{balance::find_policy(policy),
                                   shm::kCursorCount,
                                   tree,
                                   &shared_->total_active,
                                   {&shared_->serving_weight, 1}};
    view_ = std::make_unique<const selection::View>(
        insert_route_id(), selection::Failover{},
        members::MemberTable(std::move(members), {.required = 1, .stopped = 2, .error = 4}), how);
    view_->refresh(kNow);
}

Placement::~Placement() { munmap(shared_, sizeof(Shared)); }

members::MemberIndex Placement::pick(std::string_view cookie_header, std::uint64_t key,
                                     base::TimeUs now) const
{
    const auto chosen = selection::pick(
        {{{}, cookie_header, "/shop/cart", {}, false}, {}, now, key}, *view_, shared_->cursors);
    if (!chosen || chosen->member == members::kNoMember)
        fail("nobody was picked");
    return chosen->member;
}

void Placement::begin(members::MemberIndex index, base::TimeUs now) const
{
    shared_->loads[index].active.fetch_add(1);
    shared_->total_active.fetch_add(1);
    view_->begun(index, true, now);
}

void Placement::end(members::MemberIndex index, base::TimeUs now) const
{
    shared_->loads[index].active.fetch_add(~0U);
    shared_->total_active.fetch_add(~std::uint64_t{0});
    view_->ended(index, {{1000}, true}, now);
}

double speed_of_two(const Effort &effort, const Placement &placement, Workers workers)
{
    auto *meeting = map_shared<Meeting>();
    const auto calls =
        std::max(kStride, effort.calls / 10);  // short, so that some rounds are undisturbed
    std::vector<double> speeds;
    for (int round = 0; round < 20 * effort.rounds; ++round) {
        const auto alone = time_of_picks(placement, calls, [] {});
        const auto both = time_of_two(placement, calls, workers, *meeting);
        if (alone > 0 && both > 0)
            speeds.push_back(2 * alone / both);
    }
    munmap(meeting, sizeof(Meeting));
    return speeds.empty() ? 0 : median_of(speeds);
}

}  // namespace stickybalancer::bench
