/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks of members.
 */
#include "test/abi/c_abi.h"

enum { INTERVAL = 2000000, ROOM = 4 };

static sb_due_probe probes[ROOM];
static sb_time_us next_us;

static void check_members(void)
{
    for (int i = 0; i < MEMBERS; ++i) {
        members[i].check_rise = 2;
        members[i].check_fall = 3;
        members[i].check_interval_us = INTERVAL;
        members[i].check_down_interval_us = INTERVAL;
        members[i].observe = 2;
    }
    CHECK(configure(plain_settings()) == SB_OK);
}

/* How many are due within an interval; a look each tenth of it. The time of the last look. */
static size_t claim_all(sb_time_us *time_us)
{
    size_t all = 0;
    for (int i = 0; i < 10; ++i) {
        size_t count = ROOM;
        *time_us += INTERVAL / 10;
        CHECK(sb_balancer_claim_probes(balancer, *time_us, probes, &count, &next_us) == SB_OK);
        CHECK(next_us > *time_us && next_us <= *time_us + INTERVAL);
        for (size_t n = 0; n < count; ++n)
            CHECK(probes[n].handle == (probes[n].place == members[0].place ? 11u : 22u));
        all += count;
    }
    return all;
}

static sb_member_check check_of(uint32_t place)
{
    sb_member_check found;
    memset(&found, 0, sizeof(found));
    found.struct_size = sizeof(found);
    CHECK(sb_balancer_member_check(balancer, place, &found) == SB_OK);
    return found;
}

static void each_member_is_due_once_an_interval(void)
{
    sb_time_us time_us = now_us;
    check_members();
    for (int i = 0; i < 3; ++i)
        CHECK(claim_all(&time_us) == MEMBERS);
    sb_balancer_yield_probes(balancer);
    CHECK(check_of(members[0].place).has_checks == 1 && check_of(members[0].place).is_known == 0);
}

static void nobody_is_due_without_checks(void)
{
    size_t count = ROOM;
    CHECK(configure(plain_settings()) == SB_OK);
    CHECK(sb_balancer_claim_probes(balancer, now_us, probes, &count, &next_us) == SB_NOT_FOUND);
    CHECK(check_of(members[0].place).has_checks == 0);
}

static void results_take_a_member_down_and_bring_it_back(void)
{
    const uint32_t place = members[0].place;
    sb_time_us time_us = now_us;
    check_members();
    claim_all(&time_us);
    CHECK(sb_balancer_note_probe(balancer, place, SB_PROBE_FAILED, 5, str("Connection refused"),
                                 time_us) == SB_CHECK_DOWN);
    CHECK(check_of(place).is_down == 1 && check_of(place).failed == 1);
    CHECK(strcmp(check_of(place).text, "Connection refused") == 0);
    CHECK(check_of(place).latency_us == 5 && check_of(place).results == 1);
    CHECK(sb_balancer_note_probe(balancer, place, SB_PROBE_PASSED, 6, str("200"), time_us) == 0);
    CHECK(sb_balancer_note_probe(balancer, place, SB_PROBE_DRAINING, 7, str("404"), time_us) ==
          (SB_CHECK_UP | SB_CHECK_DRAINING));
    CHECK(check_of(place).is_draining == 1);
    CHECK(sb_balancer_note_probe(balancer, place, SB_PROBE_PASSED, 8, str("200"), time_us) ==
          SB_CHECK_READY);
    CHECK(check_of(place).passed == 3);
    CHECK(strcmp(check_of(place).text, "200") == 0);
}

static void requests_take_a_member_down(void)
{
    const uint32_t place = members[1].place;
    check_members();
    CHECK(sb_balancer_note_outcome(balancer, place, SB_OUTCOME_FAILED, now_us) == 0);
    CHECK(sb_balancer_note_outcome(balancer, place, SB_OUTCOME_ANSWERED, now_us) == 0);
    CHECK(sb_balancer_note_outcome(balancer, place, SB_OUTCOME_FAILED, now_us) == 0);
    CHECK(sb_balancer_note_outcome(balancer, place, SB_OUTCOME_FAILED, now_us) == SB_CHECK_DOWN);
    CHECK(sb_balancer_note_outcome(balancer, members[0].place, SB_OUTCOME_OUT_OF_USE, now_us) ==
          SB_CHECK_DOWN);
    CHECK(check_of(place).is_down == 1 && check_of(members[0].place).is_down == 1);
}

static void statuses_are_listed(void)
{
    sb_status_list list;
    CHECK(sb_read_status_list(str("200-399,404"), &list) == SB_OK);
    CHECK(sb_lists_status(&list, 200) == 1 && sb_lists_status(&list, 404) == 1);
    CHECK(sb_lists_status(&list, 403) == 0 && sb_lists_status(&list, 0xFFFFFFFF) == 0);
    CHECK(sb_read_status_list(str("4xx"), &list) == SB_INVALID_ARGUMENT);
}

const test check_tests[] = {
    each_member_is_due_once_an_interval,
    nobody_is_due_without_checks,
    results_take_a_member_down_and_bring_it_back,
    requests_take_a_member_down,
    statuses_are_listed,
    NULL,
};
