/* SPDX-License-Identifier: Apache-2.0
 *
 * What is counted of a member: totals, sessions; deadlines that are asked for, and the lame duck.
 */
#include "test/abi/c_abi.h"

enum { SECOND = 1000000 };

static sb_member_totals totals_of(uint32_t place)
{
    sb_member_totals totals;
    memset(&totals, 0xFF, sizeof(totals));
    totals.struct_size = sizeof(totals);
    CHECK(sb_balancer_member_totals(balancer, place, &totals) == SB_OK);
    return totals;
}

static sb_member_sessions sessions_of(uint32_t place, sb_time_us at_us)
{
    sb_member_sessions sessions;
    memset(&sessions, 0xFF, sizeof(sessions));
    sessions.struct_size = sizeof(sessions);
    CHECK(sb_balancer_member_sessions(balancer, place, at_us, &sessions) == SB_OK);
    return sessions;
}

static sb_pick pick_with(const char *cookie)
{
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    request.cookie_header = str(cookie);
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    return pick;
}

static void an_attempt_is_counted_at_its_member(void)
{
    const sb_pick bound = pick_with("ROUTEID=.b"), unknown = pick_with("ROUTEID=.nobody");
    sb_member_totals totals;
    sb_member_load load;
    CHECK(bound.place == members[1].place);
    sb_balancer_count_attempt(balancer, bound.place, &bound, 1);
    sb_balancer_count_attempt(balancer, bound.place, &unknown, 2);
    sb_balancer_count_failure(balancer, bound.place, SB_FAILED_TIMEOUT);
    sb_balancer_count_wait(balancer, bound.place, 1500, 0);
    sb_balancer_count_wait(balancer, bound.place, 0, 1);
    totals = totals_of(bound.place);
    CHECK(totals.by_cause[SB_CAUSE_COOKIE] == 1 && totals.by_cause[SB_CAUSE_POLICY] == 1);
    CHECK(totals.by_cookie[SB_COOKIE_VALID] == 1 && totals.by_cookie[SB_COOKIE_INVALID] == 0);
    CHECK(totals.retried == 1 && totals.failures[SB_FAILED_TIMEOUT] == 1);
    CHECK(totals.queue_waits == 1 && totals.queue_us == 1500 && totals.queue_lost == 1);
    totals = totals_of(members[0].place);
    CHECK(totals.by_cause[SB_CAUSE_COOKIE] == 0 && totals.queue_lost == 0);
    memset(&load, 0, sizeof(load));
    load.struct_size = sizeof(load);
    CHECK(sb_balancer_member_load(balancer, bound.place, &load) == SB_OK && load.placed == 2);
}

static void what_is_none_is_not_counted(void)
{
    sb_pick pick = pick_with("ROUTEID=.b");
    sb_member_totals totals;
    sb_member_sessions sessions;
    sb_totals all;
    sb_balancer_count_attempt(balancer, CAPACITY, &pick, 1);
    sb_balancer_count_failure(balancer, CAPACITY, SB_FAILED_RESET);
    sb_balancer_count_failure(balancer, pick.place, (sb_failure)SB_FAILURE_COUNT);
    sb_balancer_count_wait(balancer, CAPACITY, 1, 1);
    sb_balancer_note_client(balancer, CAPACITY, 7, now_us);
    sb_balancer_note_client_of_table(balancer, CAPACITY, now_us);
    pick.cause = SB_CAUSE_COUNT;
    sb_balancer_count_attempt(balancer, pick.place, &pick, 1);
    totals = totals_of(pick.place);
    CHECK(totals.by_cookie[SB_COOKIE_VALID] == 0 && totals.queue_waits == 0);
    CHECK(sb_balancer_member_totals(balancer, CAPACITY, &totals) == SB_NOT_FOUND);
    ++totals.struct_size;
    CHECK(sb_balancer_member_totals(balancer, 0, &totals) == SB_INVALID_ARGUMENT);
    all.struct_size = sizeof(all);
    CHECK(sb_balancer_totals(balancer, &all) == SB_OK);
    CHECK(all.requests.by_cookie[SB_COOKIE_VALID] == 0 && all.requests.queue_waits == 0);
    ++all.struct_size;
    CHECK(sb_balancer_totals(balancer, &all) == SB_INVALID_ARGUMENT);
    sessions.struct_size = sizeof(sessions);
    CHECK(sb_balancer_member_sessions(balancer, CAPACITY, now_us, &sessions) == SB_NOT_FOUND);
    --sessions.struct_size;
    CHECK(sb_balancer_member_sessions(balancer, 0, now_us, &sessions) == SB_INVALID_ARGUMENT);
}

static void a_pick_says_who_is_the_members_client(void)
{
    sb_settings settings = plain_settings();
    sb_pick pick = pick_with("ROUTEID=.b");
    CHECK(pick.is_client && pick.client_session.len == 0); /* the value is ours */
    CHECK(!pick_with("").is_client && !pick_with("ROUTEID=.nobody").is_client);
    settings.cookie_mode = SB_COOKIE_PASSIVE;
    CHECK(configure(settings) == SB_OK);
    pick = pick_with("ROUTEID=id7.b");
    CHECK(pick.is_client && is_str(pick.client_session, "id7.b"));
    settings.cookie_mode = SB_COOKIE_PREFIX;
    CHECK(configure(settings) == SB_OK);
    pick = pick_with("ROUTEID=b~id~7");
    CHECK(pick.is_client && is_str(pick.client_session, "id~7"));
    members[1].learns_not = 1;
    CHECK(configure(settings) == SB_OK);
    CHECK(!pick_with("ROUTEID=b~id~7").is_client);
}

static void clients_are_counted_until_their_lifetime_is_over(void)
{
    const uint32_t place = members[0].place;
    sb_member_sessions sessions;
    sb_settings settings = plain_settings();
    int i;
    settings.cookie_max_idle_s = 600;
    CHECK(configure(settings) == SB_OK);
    sessions = sessions_of(place, now_us);
    CHECK(sessions.kind == SB_COUNT_ESTIMATE && sessions.sessions == 0);
    CHECK(sessions.lifetime_us == INT64_C(600) * SECOND);
    CHECK(sessions.last_seen_us == 0 && sessions.end_us == 0);
    for (i = 0; i < 20; ++i) {
        const sb_str number = {(const char *)&i, sizeof(i)};
        sb_balancer_note_client(balancer, place, sb_balancer_client(balancer, number, str("x")),
                                now_us);
    }
    CHECK(sessions_of(place, now_us).sessions >= 1);
    CHECK(sb_balancer_refresh(balancer, now_us + SECOND));
    sessions = sessions_of(place, now_us + SECOND);
    CHECK(sessions.sessions >= 19 && sessions.sessions <= 21);
    CHECK(sessions.last_seen_us == now_us);
    CHECK(sessions.end_us == now_us + INT64_C(600) * SECOND);
    CHECK(sessions_of(members[1].place, now_us).sessions == 0);
    CHECK(sessions_of(place, sessions.end_us + 1).sessions == 0);
}

static void a_deadline_that_is_asked_for_goes_over_the_configured_one(void)
{
    const uint32_t place = members[0].place;
    const sb_time_us asked_us = now_us + 500 * (sb_time_us)SECOND;
    sb_member_config config;
    sb_member_request request;
    sb_member_drain drain;
    memset(&config, 0, sizeof(config));
    request.struct_size = sizeof(request);
    drain.struct_size = sizeof(drain);
    members[0].drain_deadline_us = 60 * SECOND;
    states[0] |= DRAIN;
    CHECK(configure(plain_settings()) == SB_OK);
    CHECK(sb_member_remember(region, block, place, &config, SB_DRAIN, asked_us, str(""), now_us) ==
          SB_OK);
    CHECK(sb_member_remember(region, block, place, &config, SB_DRAIN, SB_DRAIN_DEADLINE_KEPT,
                             str(""), now_us) == SB_OK);
    CHECK(sb_balancer_member_request(balancer, place, &request) == SB_OK);
    CHECK(request.deadline_us == asked_us);
    CHECK(sb_balancer_member_drain(balancer, place, asked_us - 1, &drain) == SB_OK);
    CHECK(drain.deadline_us == asked_us && !drain.is_overdue);
    CHECK(sb_balancer_member_drain(balancer, place, asked_us, &drain) == SB_OK && drain.is_overdue);
    CHECK(sb_member_remember(region, block, place, &config, SB_DRAIN, 0, str(""), now_us) == SB_OK);
    CHECK(sb_balancer_member_drain(balancer, place, now_us, &drain) == SB_OK);
    CHECK(drain.deadline_us == drain.since_us + 60 * SECOND);
    CHECK(sb_member_remember(region, block, place, &config, SB_DRAIN, -2, str(""), now_us) ==
          SB_INVALID_ARGUMENT);
    CHECK(sb_member_remember(region, block, place, &config, SB_READY, asked_us, str(""), now_us) ==
          SB_OK);
    CHECK(sb_balancer_member_request(balancer, place, &request) == SB_OK);
    CHECK(request.deadline_us == 0);
}

static void a_lame_duck_outlives_its_server(void)
{
    CHECK(sb_region_lame_duck(region) == 0);
    sb_region_set_lame_duck(region, now_us);
    stop_and_restart();
    CHECK(sb_region_lame_duck(region) == now_us);
    sb_region_set_lame_duck(region, 0);
    CHECK(sb_region_lame_duck(region) == 0);
}

static void outcomes_and_failures_have_names(void)
{
    CHECK(strcmp(sb_cookie_outcome_name(SB_COOKIE_NONE), "none") == 0);
    CHECK(strcmp(sb_cookie_outcome_name(SB_COOKIE_FORGED), "forged") == 0);
    CHECK(sb_cookie_outcome_name(SB_COOKIE_OUTCOME_COUNT) == NULL);
    CHECK(strcmp(sb_failure_name(SB_FAILED_CONNECT), "connect") == 0);
    CHECK(strcmp(sb_failure_name(SB_FAILED_STATUS), "status") == 0);
    CHECK(sb_failure_name(SB_FAILURE_COUNT) == NULL);
}

const test count_tests[] = {
    an_attempt_is_counted_at_its_member,
    what_is_none_is_not_counted,
    a_pick_says_who_is_the_members_client,
    clients_are_counted_until_their_lifetime_is_over,
    a_deadline_that_is_asked_for_goes_over_the_configured_one,
    a_lame_duck_outlives_its_server,
    outcomes_and_failures_have_names,
    NULL,
};
