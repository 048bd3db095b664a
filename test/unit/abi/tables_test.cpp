// SPDX-License-Identifier: Apache-2.0
//
// Session tables behind the C ABI. The core's own tests say what a table does; these, that the calls pass it on.
#include <boost/test/unit_test.hpp>

#include "test/unit/support/abi.hpp"
#include "test/unit/support/table.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;

namespace {

constexpr sb_identity kBalancerId{7, 11};
constexpr sb_time_us kNow = 1000 * kSecond;

struct AbiTable : TableBytes {
    sb_table *table = nullptr;

    explicit AbiTable(std::uint64_t sessions = 100) : TableBytes(sb_table_size(sessions))
    {
        const std::uint64_t random[2] = {3, 5};
        BOOST_TEST_REQUIRE(
            sb_table_format(bytes.get(), size_bytes, sessions, kBalancerId, random) == SB_OK);
        BOOST_TEST_REQUIRE(open(size_bytes) == SB_OK);
    }
    ~AbiTable() { sb_table_close(table); }
    AbiTable(const AbiTable &) = delete;
    AbiTable &operator=(const AbiTable &) = delete;

    sb_status open(std::size_t size, sb_identity owner = kBalancerId)
    {
        return sb_table_open(bytes.get(), size, owner, &table, &needed, &why);
    }
    sb_table_numbers numbers() const
    {
        sb_table_numbers out{};
        out.struct_size = sizeof(out);
        BOOST_TEST(sb_table_count(table, &out) == SB_OK);
        return out;
    }
    std::size_t needed = 0;
    const char *why = nullptr;
};

struct Learning : OneMember {
    AbiTable its;

    Learning()
    {
        sb_balancer_use_table(balancer, its.table, nullptr);
        BOOST_TEST(configure() == SB_INVALID_ARGUMENT);  // it must expire some time
        settings.table_expire_us = 160 * kSecond;
        settings.cookie_mode = SB_COOKIE_OFF;
        BOOST_TEST_REQUIRE(configure() == SB_OK);
    }
    sb_session session(const std::string &key, std::uint32_t kind = 0) const
    {
        sb_session out{};
        BOOST_TEST(sb_balancer_session(balancer, kind, str(key), &out) == SB_OK);
        return out;
    }
    sb_status learn(const sb_session &session, std::uint32_t how, sb_time_us now = kNow)
    {
        return sb_balancer_learn(balancer, &session, member.place, how, now);
    }
    sb_session_info find(const sb_session &session, sb_status expected = SB_OK,
                         sb_time_us now = kNow) const
    {
        sb_session_info info{};
        info.struct_size = sizeof(info);
        BOOST_TEST(sb_balancer_find_session(balancer, &session, now, &info) == expected);
        return info;
    }
    sb_pick pick(const sb_session &session)
    {
        sb_request request{};
        request.struct_size = sizeof(request);
        request.now_us = kNow;
        request.sessions = &session;
        request.session_count = 1;
        sb_pick out{};
        out.struct_size = sizeof(out);
        BOOST_TEST(sb_balancer_pick(balancer, &request, &out) == SB_OK);
        return out;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(tables_test)

BOOST_AUTO_TEST_CASE(limits_are_the_cores)
{
    BOOST_TEST(SB_TABLE_SESSIONS_MIN == stick_table::kFewestSessions);
    BOOST_TEST(SB_TABLE_SESSIONS_MAX == stick_table::kMostSessions);
    BOOST_TEST(SB_TABLE_FULL == number(base::Status::kTableFull));
    BOOST_TEST(SB_CAUSE_TABLE == number(selection::Cause::kTable));
    BOOST_TEST(sb_cause_name(SB_CAUSE_TABLE) == "table");
    BOOST_TEST(sb_table_size(SB_TABLE_SESSIONS_MIN - 1) == 0U);
    BOOST_TEST(sb_table_size(SB_TABLE_SESSIONS_MAX + 1) == 0U);
    BOOST_TEST(sb_table_size(1'000'000) == stick_table::Plan(1'000'000).size_bytes);
}

BOOST_FIXTURE_TEST_CASE(what_is_no_table_of_this_balancer, AbiTable)
{
    sb_table_close(table);
    table = nullptr;
    BOOST_TEST(open(size_bytes, {1, 1}) == SB_LAYOUT_MISMATCH);
    BOOST_TEST(why == "balancer");
    BOOST_TEST(open(2 * stick_table::kPage) == SB_BUFFER_TOO_SMALL);
    BOOST_TEST(needed == size_bytes);
    BOOST_TEST(why == "truncated");
    BOOST_TEST(table == nullptr);
    const std::uint64_t random[2] = {3, 5};
    BOOST_TEST(sb_table_format(bytes.get(), size_bytes, 15, kBalancerId, random) ==
               SB_INVALID_ARGUMENT);
    BOOST_TEST_REQUIRE(open(size_bytes) == SB_OK);
    BOOST_TEST(sb_table_session_count(table) == 100U);
    BOOST_TEST(sb_table_restart(table) == SB_OK);
    BOOST_TEST(sb_table_upkeep(table, kSecond, kNow) == 0);
}

BOOST_FIXTURE_TEST_CASE(a_session_is_learned_found_kept_and_forgotten, Learning)
{
    const auto mine = session("abc");
    BOOST_TEST(pick(mine).cause == SB_CAUSE_POLICY);
    BOOST_TEST(learn(mine, SB_LEARN_NOT) == SB_NOT_FOUND);
    BOOST_TEST(learn(mine, SB_LEARN_FROM_REQUEST) == SB_OK);
    BOOST_TEST(pick(mine).cause == SB_CAUSE_TABLE);
    BOOST_TEST(pick(mine).session == 1U);
    BOOST_TEST(learn(mine, SB_LEARN_NOT, kNow + kSecond) == SB_OK);
    auto info = find(mine);
    BOOST_TEST(info.place == member.place);
    BOOST_TEST(info.handle == member.handle);
    BOOST_TEST(info.learned_us == kNow);
    BOOST_TEST(info.expires_us == kNow + 160 * kSecond);
    BOOST_TEST(info.requests == 2U);
    BOOST_TEST(info.is_application == 0U);
    BOOST_TEST(learn(mine, SB_LEARN_FROM_RESPONSE) == SB_OK);
    BOOST_TEST(find(mine).is_application == 1U);
    BOOST_TEST(sb_balancer_keep_session(balancer, &mine, kNow + 100 * kSecond) == SB_OK);
    BOOST_TEST(find(mine, SB_OK, kNow + 250 * kSecond).used_us == kNow + 100 * kSecond);
    BOOST_TEST(sb_balancer_forget_session(balancer, &mine) == SB_OK);
    BOOST_TEST(sb_balancer_forget_session(balancer, &mine) == SB_NOT_FOUND);
    BOOST_TEST(sb_balancer_keep_session(balancer, &mine, kNow) == SB_NOT_FOUND);
    find(mine, SB_NOT_FOUND);
    BOOST_TEST(its.numbers().learned == 1U);
    BOOST_TEST(its.numbers().sessions == 0U);
}

BOOST_FIXTURE_TEST_CASE(kinds_are_kept_apart, Learning)
{
    BOOST_TEST(learn(session("10.0.0.1", 1), SB_LEARN_FROM_REQUEST) == SB_OK);
    find(session("10.0.0.1", 0), SB_NOT_FOUND);
}

BOOST_FIXTURE_TEST_CASE(a_full_table_says_so, Learning)
{
    settings.table_refuses = 1;
    BOOST_TEST(configure() == SB_OK);
    sb_status status = SB_OK;
    for (int i = 0; i < 101 && status == SB_OK; ++i)
        status = learn(session(std::to_string(i)), SB_LEARN_FROM_REQUEST);
    BOOST_TEST(status == SB_TABLE_FULL);
    BOOST_TEST(its.numbers().refused == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_member_that_learns_not_gets_no_entry, Learning)
{
    member.learns_not = 1;
    BOOST_TEST(configure() == SB_OK);
    BOOST_TEST(learn(session("abc"), SB_LEARN_FROM_RESPONSE) == SB_NOT_FOUND);
}

BOOST_FIXTURE_TEST_CASE(a_session_whose_member_is_gone_is_a_miss, Learning)
{
    const auto mine = session("abc");
    BOOST_TEST(learn(mine, SB_LEARN_FROM_REQUEST) == SB_OK);
    member.place = claim("http://b:2");
    BOOST_TEST(configure() == SB_OK);
    BOOST_TEST(pick(mine).cause == SB_CAUSE_POLICY);
    BOOST_TEST(find(mine).handle == 0U);
    // It comes back at another place.
    BOOST_TEST(learn(mine, SB_LEARN_FROM_REQUEST) == SB_OK);
    BOOST_TEST(pick(mine).cause == SB_CAUSE_TABLE);
}

BOOST_FIXTURE_TEST_CASE(wrong_arguments, Learning)
{
    const auto mine = session("abc");
    BOOST_TEST(learn(mine, 3) == SB_INVALID_ARGUMENT);
    BOOST_TEST(sb_balancer_learn(balancer, &mine, 99, SB_LEARN_FROM_REQUEST, kNow) ==
               SB_INVALID_ARGUMENT);
    sb_session_info info{};
    BOOST_TEST(sb_balancer_find_session(balancer, &mine, kNow, &info) == SB_INVALID_ARGUMENT);
    sb_table_numbers numbers{};
    BOOST_TEST(sb_table_count(its.table, &numbers) == SB_INVALID_ARGUMENT);
}

BOOST_FIXTURE_TEST_CASE(a_balancer_without_a_table_knows_no_sessions, OneMember)
{
    sb_session mine{1, 2};
    BOOST_TEST(sb_balancer_session(balancer, 0, str("abc"), &mine) == SB_NOT_FOUND);
    BOOST_TEST(sb_balancer_learn(balancer, &mine, member.place, SB_LEARN_FROM_REQUEST, kNow) ==
               SB_NOT_FOUND);
    BOOST_TEST(sb_balancer_keep_session(balancer, &mine, kNow) == SB_NOT_FOUND);
    BOOST_TEST(sb_balancer_forget_session(balancer, &mine) == SB_NOT_FOUND);
}

BOOST_FIXTURE_TEST_CASE(
    another_size_takes_sessions_over_and_finds_what_is_learned_in_the_earlier_one, Learning)
{
    const auto mine = session("abc"), late = session("late");
    BOOST_TEST(learn(mine, SB_LEARN_FROM_REQUEST) == SB_OK);
    const AbiTable larger(1000);
    std::uint64_t moved = 0, left_out = 0;
    BOOST_TEST(sb_table_carry_over(its.table, larger.table, settings.table_expire_us, kNow, &moved,
                                   &left_out) == SB_OK);
    BOOST_TEST(moved == 1U);
    BOOST_TEST(left_out == 0U);
    BOOST_TEST(learn(late, SB_LEARN_FROM_REQUEST) == SB_OK);
    sb_balancer_use_table(balancer, larger.table, its.table);
    BOOST_TEST(pick(mine).cause == SB_CAUSE_TABLE);
    BOOST_TEST(pick(late).cause == SB_CAUSE_TABLE);
    BOOST_TEST(larger.numbers().sessions == 1U);
    BOOST_TEST(learn(late, SB_LEARN_NOT) == SB_OK);
    BOOST_TEST(larger.numbers().sessions == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
