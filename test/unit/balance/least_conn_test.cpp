// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numeric>
#include <random>
#include <thread>

#include "test/unit/support/choosing.hpp"

using namespace stickybalancer;
using test::Choosing;
using test::Weights;

namespace {

// (active + 1) / weight of a is less than b's.
bool is_better(const Choosing &choosing, std::uint32_t a, std::uint32_t b)
{
    const auto &all = choosing.setup.candidates;
    return (choosing.active(a) + 1ULL) * all[b].weight <
           (choosing.active(b) + 1ULL) * all[a].weight;
}

bool is_best(const Choosing &choosing, std::uint32_t chosen)
{
    for (std::uint32_t other = 0; other < choosing.loads.size(); ++other)
        if (is_better(choosing, other, chosen))
            return false;
    return true;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(least_conn_test)

BOOST_AUTO_TEST_CASE(the_schedule_of_the_worked_example)
{
    Choosing choosing("leastconn", {2, 1});
    std::string taken;
    for (int i = 0; i < 6; ++i)
        taken += static_cast<char>('a' + choosing.place());
    BOOST_TEST(taken == "abaaba");
}

BOOST_AUTO_TEST_CASE(idle_members_of_one_weight_take_turns_exactly)
{
    for (const std::uint32_t count : {1U, 3U, 10U, 100U, 777U}) {
        Choosing choosing("leastconn", Weights(count, 100));
        for (std::uint32_t i = 0; i < 3 * count; ++i) {
            const auto place = choosing.place();
            BOOST_TEST_REQUIRE(place == i % count);
            choosing.end(place);
        }
    }
}

BOOST_AUTO_TEST_CASE(each_pick_is_the_best_by_exact_comparison_while_attempts_come_and_go)
{
    std::mt19937 random(20240131);
    for (int round = 0; round < 30; ++round) {
        Weights weights(2 + random() % 40);
        for (auto &weight : weights)
            weight = 1 + static_cast<std::uint32_t>(random() % (round % 2 ? 25'600 : 5));
        Choosing choosing("leastconn", weights);
        std::vector<std::uint32_t> under_way;
        for (int i = 0; i < 400; ++i) {
            if (random() % 3 == 0 && !under_way.empty()) {
                std::swap(under_way[random() % under_way.size()], under_way.back());
                choosing.end(under_way.back());
                under_way.pop_back();
            }
            const auto place = choosing.propose();
            BOOST_TEST_REQUIRE(is_best(choosing, place));
            choosing.begin(place);
            under_way.push_back(place);
        }
    }
}

BOOST_AUTO_TEST_CASE(weights_that_differ_in_the_last_of_25600_are_told_apart)
{
    Choosing choosing("leastconn", {25'599, 25'600});
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(choosing.propose() == 1u);
}

BOOST_AUTO_TEST_CASE(held_attempts_are_within_one_of_the_shares_of_equal_members_and_by_weight)
{
    Choosing choosing("leastconn", {100, 200, 300, 400});
    for (int i = 0; i < 1000; ++i)
        choosing.place();
    for (std::uint32_t place = 0; place < 4; ++place)
        BOOST_TEST(std::abs(static_cast<double>(choosing.active(place)) - 100.0 * (place + 1)) <=
                   1.0);
}

BOOST_AUTO_TEST_CASE(bound_clients_count_as_load_and_take_no_turn)
{
    Choosing choosing("leastconn", {1, 1, 1});
    choosing.begin(0, false);
    BOOST_TEST(choosing.proposals(4) == "bcbc");
    choosing.end(0);
    BOOST_TEST(choosing.proposals(3) == "abc");
}

BOOST_AUTO_TEST_CASE(a_refused_member_is_not_proposed_again_and_nobody_is_nobody)
{
    Choosing choosing("leastconn", {1, 1, 1});
    const balance::Leaf two[] = {1, 0}, all[] = {0, 1, 2};
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(choosing.propose(0, two) == 2u);
    BOOST_TEST(choosing.propose(0, all) == balance::kNobody);
}

BOOST_AUTO_TEST_CASE(a_member_set_aside_stays_so_until_it_is_said_to_serve)
{
    Choosing choosing("leastconn", {1, 1});
    BOOST_TEST(choosing.policy->update(0, false, choosing.now));
    BOOST_TEST(!choosing.policy->update(0, false, choosing.now));
    BOOST_TEST(choosing.proposals(3) == "bbb");
    choosing.begin(0, false);  // a bound client of it
    choosing.end(0);
    BOOST_TEST(choosing.proposals(3) == "bbb");
    BOOST_TEST(choosing.policy->update(0, true, choosing.now));
    BOOST_TEST(!choosing.policy->update(0, true, choosing.now));
    BOOST_TEST(choosing.proposals(2) == "ab");
}

BOOST_AUTO_TEST_CASE(a_starting_member_gets_its_share_of_its_weight)
{
    Choosing choosing("leastconn", {100, 100});
    std::int64_t started_us = choosing.now.us - 500'000;
    choosing.setup.candidates[0].slow_start = members::SlowStart(&started_us, {1'000'000});
    choosing.make("leastconn");
    for (int i = 0; i < 300; ++i)
        choosing.place();
    BOOST_TEST(choosing.active(0) == 100u);  // half of the other's
    started_us = 0;
    choosing.refresh();
    for (int i = 0; i < 100; ++i)
        choosing.place();
    BOOST_TEST(choosing.active(0) == 200u);
}

BOOST_AUTO_TEST_CASE(any_number_of_attempts_is_good)
{
    Choosing choosing("leastconn", {1, 1});
    choosing.loads[0].active.store(0xFFFF'FFFF);
    choosing.loads[1].active.store(0xFFFF'FFFE);
    choosing.refresh();
    BOOST_TEST(choosing.propose() < 2u);
    choosing.loads[1].active.store(0);
    choosing.refresh();
    BOOST_TEST(choosing.propose() == 1u);
}

BOOST_AUTO_TEST_CASE(processes_that_begin_and_end_at_once_leave_the_load_as_it_is)
{
    Choosing choosing("leastconn", Weights(20, 1));
    std::vector<std::thread> threads;
    for (std::uint32_t seed = 1; seed <= 4; ++seed)
        threads.emplace_back([&choosing, seed] {
            std::mt19937 random(seed);
            for (int i = 0; i < 10'000; ++i) {
                const auto place = choosing.place();
                choosing.begin(static_cast<std::uint32_t>(random() % 20));
                choosing.end(place);
            }
        });
    for (auto &thread : threads)
        thread.join();
    choosing.setup.tree.repair();  // the inner keys only
    for (int i = 0; i < 20; ++i)
        BOOST_TEST(is_best(choosing, choosing.place()));
}

BOOST_AUTO_TEST_SUITE_END()
