// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <string>

#include "core/abi/handles.hpp"
#include "test/unit/support/abi.hpp"

using namespace stickybalancer;
using test::number;

namespace {

constexpr std::int64_t kInterval_us = 2'000'000;

struct OneChecked : test::OneMember {
    sb_time_us now_us = 1'700'000'000'000'000;
    sb_due_probe probes[4] = {};
    sb_time_us next_us = 0;

    OneChecked()
    {
        member.check_rise = 2;
        member.check_fall = 3;
        member.check_interval_us = member.check_down_interval_us = kInterval_us;
        state = 0;
        BOOST_TEST_REQUIRE(configure() == SB_OK);
    }
    sb_status claim(size_t &count)
    {
        return sb_balancer_claim_probes(balancer, now_us, probes, &count, &next_us);
    }
    // The number of checks that are due within one interval, with a look every 100 ms.
    size_t claims_of_one_interval()
    {
        size_t all = 0;
        for (int i = 0; i < 20; ++i) {
            size_t count = 4;
            BOOST_TEST(claim(count) == SB_OK);
            all += count;
            now_us += 100'000;
        }
        return all;
    }
    uint32_t note(sb_probe_result result, const std::string &text = {})
    {
        return sb_balancer_note_probe(balancer, member.place, result, 1234, test::str(text),
                                      now_us);
    }
    sb_member_check check()
    {
        sb_member_check check{};
        check.struct_size = sizeof(check);
        BOOST_TEST(sb_balancer_member_check(balancer, member.place, &check) == SB_OK);
        return check;
    }
    std::string found() { return check().text; }
    sb_status pick()
    {
        sb_request request{};
        request.struct_size = sizeof(request);
        request.now_us = now_us;
        sb_pick pick{};
        pick.struct_size = sizeof(pick);
        return sb_balancer_pick(balancer, &request, &pick);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(checks_test, OneChecked)

BOOST_AUTO_TEST_CASE(a_member_is_handed_out_once_an_interval_by_its_handle)
{
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(claims_of_one_interval() == 1u);
    BOOST_TEST(probes[0].handle == member.handle);
    BOOST_TEST(probes[0].place == member.place);
    BOOST_TEST(check().due_us >= now_us);
}

BOOST_AUTO_TEST_CASE(another_process_gets_none)
{
    size_t count = 4;
    BOOST_TEST(claim(count) == SB_OK);
    uint32_t second = 0;
    BOOST_TEST_REQUIRE(sb_region_claim_process(region, 2000, 1, &second) == SB_OK);
    sb_balancer *other = nullptr;
    BOOST_TEST_REQUIRE(sb_balancer_create(region, block, second, &other) == SB_OK);
    BOOST_TEST(sb_balancer_configure(other, &settings, &member, 1) == SB_OK);
    count = 4;
    BOOST_TEST(sb_balancer_claim_probes(other, now_us, probes, &count, &next_us) == SB_BUSY);
    BOOST_TEST(sb_balancer_note_probe(other, member.place, SB_PROBE_FAILED, 0, {}, now_us) == 0u);
    BOOST_TEST(check().failed == 0u);
    sb_balancer_yield_probes(balancer);
    BOOST_TEST(sb_balancer_claim_probes(other, now_us, probes, &count, &next_us) == SB_OK);
    sb_balancer_destroy(other);
}

BOOST_AUTO_TEST_CASE(no_more_are_handed_out_than_there_is_room_for)
{
    size_t count = 4;
    claim(count);
    now_us += kInterval_us;
    count = 0;
    BOOST_TEST(claim(count) == SB_OK);
    BOOST_TEST(count == 0u);
    BOOST_TEST(next_us <= now_us);
    count = 4;
    claim(count);
    BOOST_TEST(count == 1u);
}

// A look at all members costs; before the time that it told nothing is due.
BOOST_AUTO_TEST_CASE(members_are_not_looked_at_before_the_time_that_was_told)
{
    claims_of_one_interval();
    size_t count = 4;
    claim(count);
    BOOST_TEST_REQUIRE(next_us > now_us);
    const auto told_us = next_us;
    balancer->block.slot(member.place).probe_due_us.store(now_us);
    now_us = told_us - 1;
    count = 4;
    BOOST_TEST(claim(count) == SB_OK);
    BOOST_TEST(count == 0u);
    BOOST_TEST(next_us == told_us);
    now_us = told_us;
    count = 4;
    claim(count);
    BOOST_TEST(count == 1u);
}

BOOST_AUTO_TEST_CASE(
    members_are_looked_at_when_they_were_configured_and_when_the_clock_was_stepped_back)
{
    claims_of_one_interval();
    size_t count = 4;
    claim(count);
    auto &due_us = balancer->block.slot(member.place).probe_due_us;
    due_us.store(now_us);
    BOOST_TEST(configure() == SB_OK);
    count = 4;
    claim(count);
    BOOST_TEST(count == 1u);
    count = 4;
    claim(count);
    now_us -= 3'600'000'000;
    due_us.store(now_us);
    count = 4;
    claim(count);
    BOOST_TEST(count == 1u);
}

BOOST_AUTO_TEST_CASE(
    who_was_configured_without_checks_forgets_them_but_not_for_a_later_configuration)
{
    claims_of_one_interval();
    note(SB_PROBE_FAILED);
    member.check_rise = 0;
    settings.is_outdated = 1;
    BOOST_TEST(configure() == SB_OK);
    BOOST_TEST(check().is_down == 1u);
    settings.is_outdated = 0;
    BOOST_TEST(configure() == SB_OK);
    BOOST_TEST(check().is_down == 0u);
}

BOOST_AUTO_TEST_CASE(who_is_down_by_checks_gets_nobody_and_comes_back_by_them)
{
    claims_of_one_interval();
    BOOST_TEST(pick() == SB_OK);
    BOOST_TEST(note(SB_PROBE_FAILED) == number(SB_CHECK_DOWN));  // the first one
    BOOST_TEST(pick() == SB_NO_USABLE_MEMBER);
    BOOST_TEST(note(SB_PROBE_PASSED) == 0u);
    BOOST_TEST(pick() == SB_NO_USABLE_MEMBER);
    BOOST_TEST(note(SB_PROBE_PASSED) == number(SB_CHECK_UP));
    BOOST_TEST(pick() == SB_OK);
    BOOST_TEST(check().passed == 2u);
    BOOST_TEST(check().failed == 1u);
    BOOST_TEST(check().latency_us == 1234);
}

BOOST_AUTO_TEST_CASE(who_drains_by_checks_gets_no_new_clients)
{
    claims_of_one_interval();
    BOOST_TEST(note(SB_PROBE_DRAINING) == number(SB_CHECK_DRAINING));
    BOOST_TEST(check().is_draining == 1u);
    BOOST_TEST(pick() == SB_NO_USABLE_MEMBER);
    BOOST_TEST(note(SB_PROBE_PASSED) == number(SB_CHECK_READY));
    BOOST_TEST(pick() == SB_OK);
}

BOOST_AUTO_TEST_CASE(a_result_of_one_that_hung_counts_for_nothing)
{
    claims_of_one_interval();
    now_us += 10 * kInterval_us;
    BOOST_TEST(note(SB_PROBE_FAILED) == 0u);
    BOOST_TEST(check().is_known == 0u);
}

BOOST_AUTO_TEST_CASE(a_failed_request_keeps_everybody_out_until_checks_pass)
{
    claims_of_one_interval();
    settings.state_bits.error = 1;
    settings.last_resort = 1;
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    note(SB_PROBE_PASSED);
    state = 1;  // and retry_us is 0: without checks it would be tried again
    BOOST_TEST(pick() == SB_NO_USABLE_MEMBER);
    BOOST_TEST(sb_balancer_note_outcome(balancer, member.place, SB_OUTCOME_OUT_OF_USE, now_us) ==
               number(SB_CHECK_DOWN));
    state = 0;
    BOOST_TEST(pick() == SB_NO_USABLE_MEMBER);
    note(SB_PROBE_PASSED);
    BOOST_TEST(note(SB_PROBE_PASSED) == number(SB_CHECK_UP));
    BOOST_TEST(pick() == SB_OK);
}

BOOST_AUTO_TEST_CASE(what_the_last_check_found_is_told)
{
    claims_of_one_interval();
    BOOST_TEST(found() == "");
    note(SB_PROBE_FAILED, "Connection refused");
    BOOST_TEST(found() == "Connection refused");
    note(SB_PROBE_PASSED, "200");
    BOOST_TEST(found() == "200");
    const std::string most(sizeof(sb_member_check::text) - 1, 'x');
    note(SB_PROBE_FAILED, most + "y");
    BOOST_TEST(found() == most);
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    BOOST_TEST(found() == most);  // another configuration with checks
    member.check_rise = 0;
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    BOOST_TEST(found() == "");
}

BOOST_AUTO_TEST_CASE(what_was_found_by_one_that_hung_is_not_told)
{
    claims_of_one_interval();
    note(SB_PROBE_PASSED, "200");
    now_us += 10 * kInterval_us;
    note(SB_PROBE_FAILED, "500");
    BOOST_TEST(found() == "200");
}

BOOST_AUTO_TEST_CASE(a_damaged_text_is_told_as_question_marks)
{
    for (auto &word : balancer->block.slot(member.place).check_text)
        word.store(0xffc3'1bff'8000'0aff);
    BOOST_TEST(found() == "??");
    for (auto &word : balancer->block.slot(member.place).check_text)
        word.store(~std::uint64_t{0});
    BOOST_TEST(found() == std::string(sizeof(sb_member_check::text) - 1, '?'));
}

BOOST_AUTO_TEST_CASE(observed_failures_take_it_down)
{
    member.observe = 2;
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    const auto fail = [&] {
        return sb_balancer_note_outcome(balancer, member.place, SB_OUTCOME_FAILED, now_us);
    };
    BOOST_TEST(fail() == 0u);
    sb_balancer_note_outcome(balancer, member.place, SB_OUTCOME_ANSWERED, now_us);
    BOOST_TEST(fail() == 0u);
    BOOST_TEST(fail() == number(SB_CHECK_DOWN));
}

BOOST_AUTO_TEST_CASE(what_checks_said_is_forgotten_when_there_are_none)
{
    claims_of_one_interval();
    note(SB_PROBE_FAILED);
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    BOOST_TEST(check().is_down == 1u);  // another configuration with checks
    member.check_rise = 0;
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    BOOST_TEST(check().has_checks == 0u);
    BOOST_TEST(check().is_down == 0u);
    BOOST_TEST(pick() == SB_OK);
    size_t count = 4;
    BOOST_TEST(claim(count) == SB_NOT_FOUND);
    BOOST_TEST(sb_balancer_note_outcome(balancer, member.place, SB_OUTCOME_OUT_OF_USE, now_us) ==
               0u);
}

BOOST_AUTO_TEST_CASE(arguments_that_mean_nothing_are_refused)
{
    member.check_fall = 0;
    BOOST_TEST(configure() == SB_INVALID_ARGUMENT);
    member.check_fall = 1;
    member.check_interval_us = 0;
    BOOST_TEST(configure() == SB_INVALID_ARGUMENT);
    member.check_interval_us = 1;
    member.check_down_interval_us = 0;
    BOOST_TEST(configure() == SB_INVALID_ARGUMENT);
    claims_of_one_interval();
    BOOST_TEST(sb_balancer_note_probe(balancer, 99, SB_PROBE_FAILED, 0, {}, now_us) == 0u);
    BOOST_TEST(note(static_cast<sb_probe_result>(3)) == 0u);
    BOOST_TEST(
        sb_balancer_note_outcome(balancer, member.place, static_cast<sb_outcome>(3), now_us) == 0u);
    sb_member_check out{};
    BOOST_TEST(sb_balancer_member_check(balancer, member.place, &out) == SB_INVALID_ARGUMENT);
    out.struct_size = sizeof(out);
    BOOST_TEST(sb_balancer_member_check(balancer, 99, &out) == SB_NOT_FOUND);
}

BOOST_AUTO_TEST_CASE(statuses_are_read_and_found)
{
    sb_status_list list{};
    BOOST_TEST(sb_read_status_list(test::str("200-399,404"), &list) == SB_OK);
    BOOST_TEST(sb_lists_status(&list, 404) == 1);
    BOOST_TEST(sb_lists_status(&list, 403) == 0);
    BOOST_TEST(sb_read_status_list(test::str("4xx"), &list) == SB_INVALID_ARGUMENT);
}

BOOST_AUTO_TEST_SUITE_END()
