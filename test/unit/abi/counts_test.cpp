// SPDX-License-Identifier: Apache-2.0
//
// What is counted of a member, behind the C ABI: kinds and lifetimes of session counts, and what outlives what.
#include <boost/test/unit_test.hpp>

#include "core/abi/handles.hpp"
#include "test/unit/support/abi.hpp"
#include "test/unit/support/allocations.hpp"
#include "test/unit/support/clients.hpp"
#include "test/unit/support/table.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;

namespace {

constexpr sb_time_us kNow = kBegin.us;
constexpr sb_geometry kGeometryOfMore{5, 9};

struct Counting : OneMember {
    Counting()
    {
        settings.now_us = kNow;
        BOOST_TEST_REQUIRE(configure() == SB_OK);
    }
    sb_member_sessions sessions(sb_time_us now_us = kNow) const
    {
        sb_member_sessions out{};
        out.struct_size = sizeof(out);
        BOOST_TEST(sb_balancer_member_sessions(balancer, member.place, now_us, &out) == SB_OK);
        return out;
    }
    sb_member_totals totals() const
    {
        sb_member_totals out{};
        out.struct_size = sizeof(out);
        BOOST_TEST(sb_balancer_member_totals(balancer, member.place, &out) == SB_OK);
        return out;
    }
    void come(int client, sb_time_us now_us = kNow)
    {
        const auto name = std::to_string(client);
        sb_balancer_note_client(balancer, member.place,
                                sb_balancer_client(balancer, str(name), str("browser")), now_us);
    }
    std::int64_t lifetime_s()
    {
        BOOST_TEST_REQUIRE(configure() == SB_OK);
        return sessions().lifetime_us / kSecond;
    }
    void count_attempt(std::uint32_t cause, char cookie_state, std::uint32_t fault,
                       std::uint32_t number)
    {
        sb_pick pick{};
        pick.struct_size = sizeof(pick);
        pick.cause = cause;
        pick.cookie_state = cookie_state;
        pick.cookie_fault = fault;
        sb_balancer_count_attempt(balancer, member.place, &pick, number);
    }
};

struct CountingWithTable : Counting {
    TableBytes bytes{sb_table_size(1000)};
    sb_table *table = nullptr;

    CountingWithTable()
    {
        const std::uint64_t random[2] = {3, 5};
        std::size_t needed = 0;
        const char *why = nullptr;
        BOOST_TEST_REQUIRE(
            sb_table_format(bytes.bytes.get(), bytes.size_bytes, 1000, {7, 11}, random) == SB_OK);
        BOOST_TEST_REQUIRE(sb_table_open(bytes.bytes.get(), bytes.size_bytes, {7, 11}, &table,
                                         &needed, &why) == SB_OK);
        sb_balancer_use_table(balancer, table, nullptr);
        settings.table_expire_us = 160 * kSecond;
        BOOST_TEST_REQUIRE(configure() == SB_OK);
    }
    ~CountingWithTable() { sb_table_close(table); }
    void learn(int client, sb_time_us now_us)
    {
        const auto name = std::to_string(client);
        sb_session session{};
        BOOST_TEST(sb_balancer_session(balancer, 0, str(name), &session) == SB_OK);
        BOOST_TEST(sb_balancer_learn(balancer, &session, member.place, SB_LEARN_FROM_REQUEST,
                                     now_us) == SB_OK);
    }
};

struct Row {
    char state;
    std::uint32_t fault;
    sb_cookie_outcome outcome;
};
constexpr Row kOutcomes[] = {
    {'N', 0, SB_COOKIE_NONE},    {'U', 0, SB_COOKIE_NONE},   {'V', 0, SB_COOKIE_VALID},
    {'V', 6, SB_COOKIE_VALID},   {'D', 0, SB_COOKIE_VALID},  {'I', 1, SB_COOKIE_INVALID},
    {'I', 5, SB_COOKIE_INVALID}, {'I', 6, SB_COOKIE_FORGED}, {'E', 7, SB_COOKIE_EXPIRED},
    {'O', 8, SB_COOKIE_OLD},
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(counts_test, Counting)

BOOST_AUTO_TEST_CASE(each_cookie_is_counted_by_what_it_was_good_for)
{
    for (const auto &row : kOutcomes) {
        const auto before = totals().by_cookie[row.outcome];
        count_attempt(SB_CAUSE_COOKIE, row.state, row.fault, 1);
        BOOST_TEST(totals().by_cookie[row.outcome] == before + 1, "state " << row.state);
    }
    BOOST_TEST(totals().by_cause[SB_CAUSE_COOKIE] == std::size(kOutcomes));
}

BOOST_AUTO_TEST_CASE(a_later_attempt_is_counted_by_its_cause_and_as_retried)
{
    count_attempt(SB_CAUSE_REDISPATCH, 'V', 0, 2);
    const auto now = totals();
    BOOST_TEST(now.by_cause[SB_CAUSE_REDISPATCH] == 1u);
    BOOST_TEST(now.by_cookie[SB_COOKIE_VALID] == 0u);
    BOOST_TEST(now.retried == 1u);
    sb_member_load load{};
    load.struct_size = sizeof(load);
    BOOST_TEST(sb_balancer_member_load(balancer, member.place, &load) == SB_OK);
    BOOST_TEST(load.placed == 1u);
}

BOOST_AUTO_TEST_CASE(totals_and_clients_outlive_the_processes)
{
    count_attempt(SB_CAUSE_POLICY, 'N', 0, 1);
    for (int client = 0; client < 100; ++client)
        come(client);
    BOOST_TEST(sb_balancer_refresh(balancer, kNow) == 1);
    const auto before = sessions().sessions;
    BOOST_TEST(before >= 95u);
    std::uint32_t dropped = 0;
    BOOST_TEST(sb_region_restart(region, &dropped) == SB_OK);
    BOOST_TEST_REQUIRE(sb_region_claim_process(region, 1000, kNow, &process) == SB_OK);
    settings.now_us = kNow + 60 * kSecond;
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    BOOST_TEST(sessions(settings.now_us).sessions == before);
    BOOST_TEST(totals().by_cause[SB_CAUSE_POLICY] == 1u);
}

BOOST_AUTO_TEST_CASE(a_lifetime_is_maxidle_else_maxage_else_maxlife_else_half_an_hour)
{
    BOOST_TEST(lifetime_s() == 1800);
    settings.cookie_max_life_s = 40'000;
    BOOST_TEST(lifetime_s() == 40'000);
    settings.cookie_max_age_s = 5000;
    BOOST_TEST(lifetime_s() == 5000);
    settings.cookie_max_idle_s = 600;
    BOOST_TEST(lifetime_s() == 600);
    BOOST_TEST(sessions().kind == SB_COUNT_ESTIMATE);
    settings.cookie_max_idle_s = INT64_MAX;
    BOOST_TEST(lifetime_s() == INT64_MAX / kSecond);
    come(1);
    BOOST_TEST(sessions().sessions == 1u);
}

BOOST_AUTO_TEST_CASE(where_nobody_is_kept_nobody_is_counted)
{
    settings.cookie_mode = SB_COOKIE_OFF;
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    come(1);
    const auto none = sessions();
    BOOST_TEST(none.kind == SB_COUNT_NONE);
    BOOST_TEST(none.sessions == 0u);
    BOOST_TEST(none.last_seen_us == 0);
    settings.url_parameter = str(cookie_name);
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    come(1);
    BOOST_TEST(sessions().kind == SB_COUNT_ESTIMATE);
    BOOST_TEST(sessions().sessions == 1u);
}

BOOST_AUTO_TEST_CASE(who_is_not_seen_is_gone_when_it_was_said)
{
    come(1);
    come(2, kNow + 10 * kSecond);
    sb_balancer_refresh(balancer, kNow + 10 * kSecond);
    const auto now = sessions(kNow + 10 * kSecond);
    BOOST_TEST(now.sessions == 2u);
    BOOST_TEST(now.last_seen_us == kNow + 10 * kSecond);
    BOOST_TEST(now.end_us == kNow + 1810 * kSecond);
    BOOST_TEST(sessions(now.end_us).sessions != 0u);
    BOOST_TEST(sessions(now.end_us + 1).sessions == 0u);
    BOOST_TEST(sessions(now.end_us + 1).end_us == 0);
}

BOOST_AUTO_TEST_CASE(clients_differ_by_either_text_and_by_the_secret)
{
    const auto client = [this](const std::string &one, const std::string &other) {
        return sb_balancer_client(balancer, str(one), str(other));
    };
    BOOST_TEST(client("a", "b") == client("a", "b"));
    BOOST_TEST(client("a", "b") != client("b", "a"));
    BOOST_TEST(client("ab", "") != client("a", "b"));
    BOOST_TEST(client("", "ab") != client("ab", ""));
    for (int word = 0; word < 2; ++word) {
        const auto before = client("a", "b");
        memory.header().hash_key[word] ^= 1;
        BOOST_TEST(client("a", "b") != before);
    }
}

BOOST_AUTO_TEST_CASE(what_a_request_counts_allocates_nothing)
{
    const auto before = allocation_count();
    count_attempt(SB_CAUSE_POLICY, 'N', 0, 1);
    sb_balancer_count_failure(balancer, member.place, SB_FAILED_RESET);
    sb_balancer_count_wait(balancer, member.place, 7, 1);
    const std::string name(15, 'n');
    sb_balancer_note_client(balancer, member.place,
                            sb_balancer_client(balancer, {name.data(), name.size()}, {}), kNow);
    BOOST_TEST(allocation_count() == before);
}

BOOST_FIXTURE_TEST_CASE(with_a_table_alone_sessions_are_counted_exactly, CountingWithTable)
{
    settings.cookie_mode = SB_COOKIE_OFF;
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    for (int i = 0; i < 37; ++i) {
        learn(i, kNow + i * kSecond);
        come(1000 + i);  // nobody is kept by that
    }
    const auto all = sessions(kNow + 36 * kSecond);
    BOOST_TEST(all.kind == SB_COUNT_EXACT);
    BOOST_TEST(all.sessions == 37u);
    BOOST_TEST(all.lifetime_us == 160 * kSecond);
    BOOST_TEST(all.last_seen_us == kNow + 36 * kSecond);
    BOOST_TEST(all.end_us == kNow + 196 * kSecond);
    BOOST_TEST(sessions(kNow + 170 * kSecond).sessions == 27u);
    const auto none = sessions(kNow + 197 * kSecond);
    BOOST_TEST(none.sessions == 0u);
    BOOST_TEST(none.end_us == 0);
    BOOST_TEST(none.last_seen_us == kNow + 36 * kSecond);
    BOOST_TEST(sessions(kNow + 170 * kSecond).sessions == 27u);  // the clock was set back
}

// Their cookies live for 1800 s, their sessions in the table for 160.
BOOST_FIXTURE_TEST_CASE(whom_the_cookie_keeps_longer_than_the_table_is_somebody_to_its_end,
                        CountingWithTable)
{
    for (int i = 0; i < 5; ++i)
        learn(i, kNow);
    sb_balancer_note_client_of_table(balancer, member.place, kNow);
    BOOST_TEST(sessions().kind == SB_COUNT_EXACT);
    BOOST_TEST(sessions().sessions == 5u);
    BOOST_TEST(sessions().end_us == kNow + 1800 * kSecond);
    for (const auto later_us : {161 * kSecond, 1799 * kSecond}) {
        BOOST_TEST(sessions(kNow + later_us).kind == SB_COUNT_ESTIMATE);
        BOOST_TEST(sessions(kNow + later_us).sessions == 1u);
        BOOST_TEST(sessions(kNow + later_us).end_us == kNow + 1800 * kSecond);
    }
    BOOST_TEST(sessions(kNow + 1800 * kSecond).sessions == 0u);
    BOOST_TEST(sessions(kNow + 1800 * kSecond).kind == SB_COUNT_EXACT);
}

BOOST_FIXTURE_TEST_CASE(who_is_kept_by_the_cookie_alone_counts_beside_the_table, CountingWithTable)
{
    for (int i = 0; i < 5; ++i)
        learn(i, kNow);
    const auto of_table = sessions();
    BOOST_TEST(of_table.kind == SB_COUNT_EXACT);
    BOOST_TEST(of_table.sessions == 5u);
    BOOST_TEST(of_table.end_us == kNow + 160 * kSecond);
    come(1000, kNow + 7 * kSecond);
    const auto both = sessions(kNow + 7 * kSecond);
    BOOST_TEST(both.kind == SB_COUNT_ESTIMATE);
    BOOST_TEST(both.sessions == 6u);
    BOOST_TEST(both.last_seen_us == kNow + 7 * kSecond);
    BOOST_TEST(both.end_us == kNow + 1807 * kSecond);
    BOOST_TEST(sessions(kNow + 161 * kSecond).sessions == 1u);  // no session is left in the table
    const auto none = sessions(both.end_us + 1);
    BOOST_TEST(none.kind == SB_COUNT_EXACT);
    BOOST_TEST(none.sessions == 0u);
    BOOST_TEST(none.last_seen_us == kNow + 7 * kSecond);
}

// Else stickyctl would tell two servers apart by who is there just now.
BOOST_FIXTURE_TEST_CASE(the_lifetime_is_the_longer_one_whoever_is_there, CountingWithTable)
{
    BOOST_TEST(sessions().lifetime_us == 1800 * kSecond);
    come(1);
    BOOST_TEST(sessions().lifetime_us == 1800 * kSecond);
    settings.cookie_max_idle_s = 60;
    BOOST_TEST(lifetime_s() == 160);
}

BOOST_AUTO_TEST_CASE(a_walk_is_remembered_for_as_long_as_it_was_said)
{
    Table its{1000};
    const auto table = its.table();
    balancer->sessions = stick_table::TablePair(table);
    settings.table_expire_us = 160 * kSecond;
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    const auto learn = [&](int from, int to) {
        for (int i = from; i < to; ++i)
            table.learn(table.key_of(0, std::to_string(i)),
                        balancer->block.slot(member.place).record.identity.low,
                        stick_table::Origin::kApplication, kLimits, {kNow});
    };
    learn(0, 500);
    BOOST_TEST(sessions(kNow).sessions == 500u);
    learn(500, 501);
    BOOST_TEST(sessions(kNow + 100).sessions == 500u);
    BOOST_TEST(sessions(kNow + 5000).sessions == 501u);
    learn(501, 502);
    BOOST_TEST_REQUIRE(configure() == SB_OK);  // other members, other places
    BOOST_TEST(sessions(kNow + 5001).sessions == 501u);
    settings.generation = 1;
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    BOOST_TEST(sessions(kNow + 5002).sessions == 502u);
    balancer->sessions = {};
}

BOOST_AUTO_TEST_CASE(a_lame_duck_is_the_servers_and_survives_a_restart)
{
    BOOST_TEST(sb_region_lame_duck(region) == 0);
    sb_region_set_lame_duck(region, kNow);
    std::uint32_t dropped = 0;
    BOOST_TEST(sb_region_restart(region, &dropped) == SB_OK);
    BOOST_TEST(sb_region_lame_duck(region) == kNow);
    const Memory wider(sb_region_size_for(&kGeometryOfMore, region));
    const std::uint64_t random[2] = {8, 9};
    BOOST_TEST_REQUIRE(
        sb_region_format(wider.bytes.get(), wider.size_bytes, &kGeometryOfMore, random) == SB_OK);
    sb_region *next = nullptr;
    const char *why = nullptr;
    BOOST_TEST_REQUIRE(sb_region_open(wider.bytes.get(), wider.size_bytes, &next, &why) == SB_OK);
    BOOST_TEST(sb_region_carry_over(region, next) == SB_OK);
    BOOST_TEST(sb_region_lame_duck(next) == kNow);
    sb_region_set_lame_duck(next, 0);
    BOOST_TEST(sb_region_lame_duck(next) == 0);
    sb_region_close(next);
}

BOOST_AUTO_TEST_SUITE_END()
