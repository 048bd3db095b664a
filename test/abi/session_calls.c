/* SPDX-License-Identifier: Apache-2.0
 *
 * Members with max_sessions: who is let in, who is not, and what outlives the processes.
 */
#include "test/abi/c_abi.h"

enum { SECOND = 1000000 };

static sb_member_load load_of(uint32_t place)
{
    sb_member_load load;
    memset(&load, 0, sizeof(load));
    load.struct_size = sizeof(load);
    CHECK(sb_balancer_member_load(balancer, place, &load) == SB_OK);
    return load;
}

/* A client that is new to the member. */
static sb_entry place_client(uint32_t place, sb_waiting *waiting)
{
    memset(waiting, 0xFF, sizeof(*waiting));
    return sb_balancer_enter(balancer, place, 1, now_us, waiting);
}

static void a_member_gets_as_many_new_clients_as_it_may_have_sessions(void)
{
    const uint32_t place = members[0].place;
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    sb_waiting waiting;
    sb_entry first, second, third, bound;
    int i;
    members[0].max_sessions = 2;
    CHECK(configure(plain_settings()) == SB_OK);
    first = place_client(place, &waiting);
    CHECK(!sb_balancer_is_member_full(balancer, place));
    second = sb_balancer_enter_at_once(balancer, place, 1, now_us);
    CHECK(first.verdict == SB_ADMITTED && second.verdict == SB_ADMITTED);
    CHECK(first.attempt.placed_session && second.attempt.placed_session);
    CHECK(sb_balancer_is_member_full(balancer, place));
    CHECK(!sb_balancer_is_member_full(balancer, members[1].place));
    CHECK(!sb_balancer_is_member_full(balancer, CAPACITY));

    third = place_client(place, &waiting);
    CHECK(third.verdict == SB_MEMBER_FULL && third.attempt.place >= CAPACITY);
    CHECK(third.wake_word == NULL && waiting.record == NULL);
    CHECK(sb_balancer_enter_at_once(balancer, place, 1, now_us).verdict == SB_MEMBER_FULL);
    bound = sb_balancer_enter(balancer, place, 0, now_us, &waiting);
    CHECK(bound.verdict == SB_ADMITTED && !bound.attempt.placed_session);
    CHECK(load_of(place).active == 3);
    for (i = 0; i < 4; ++i)
        CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 22);

    /* An answer binds the client; without one the place is free again. */
    sb_balancer_end(balancer, &first.attempt, 1000, 1, now_us);
    sb_balancer_end(balancer, &bound.attempt, 1000, 0, now_us);
    CHECK(sb_balancer_is_member_full(balancer, place));
    sb_balancer_end(balancer, &second.attempt, 1000, 0, now_us);
    CHECK(!sb_balancer_is_member_full(balancer, place));
    sb_balancer_end(balancer, &second.attempt, 1000, 0, now_us);
    third = sb_balancer_enter_at_once(balancer, place, 1, now_us);
    CHECK(third.verdict == SB_ADMITTED && sb_balancer_is_member_full(balancer, place));
    sb_balancer_end(balancer, &third.attempt, 1000, 1, now_us);
    CHECK(load_of(place).active == 0);
}

static void where_all_are_full_of_sessions_that_is_what_is_said(void)
{
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    uint32_t i;
    for (i = 0; i < MEMBERS; ++i)
        members[i].max_sessions = 1;
    CHECK(configure(plain_settings()) == SB_OK);
    for (i = 0; i < MEMBERS; ++i) {
        sb_entry entry = sb_balancer_enter_at_once(balancer, members[i].place, 1, now_us);
        CHECK(sb_balancer_pick(balancer, &request, &pick) ==
              (i + 1 < MEMBERS ? SB_OK : SB_SESSIONS_FULL));
        sb_balancer_end(balancer, &entry.attempt, 1000, 1, now_us);
    }
    /* Half an hour later there is room again. */
    CHECK(sb_balancer_refresh(balancer, now_us + 1800 * (sb_time_us)SECOND));
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
}

static void who_waits_for_a_member_that_is_full_by_now_passes_its_turn_on(void)
{
    const uint32_t place = members[0].place;
    sb_waiting fresh, bound;
    sb_entry first, second, third;
    members[0].max_connections = 1;
    members[0].max_sessions = 2;
    CHECK(configure(plain_settings()) == SB_OK);
    first = place_client(place, &fresh);
    second = place_client(place, &fresh);
    third = sb_balancer_enter(balancer, place, 0, now_us, &bound);
    CHECK(first.verdict == SB_ADMITTED && second.verdict == SB_WAIT && third.verdict == SB_WAIT);
    members[0].max_sessions = 1;
    CHECK(configure(plain_settings()) == SB_OK);
    CHECK(sb_balancer_end(balancer, &first.attempt, 1000, 1, now_us) == second.wait_word);
    second = sb_balancer_look(balancer, 1, now_us, &fresh);
    CHECK(second.verdict == SB_MEMBER_FULL && second.attempt.place >= CAPACITY);
    CHECK(second.wake_word == third.wait_word && fresh.record == NULL);
    third = sb_balancer_look(balancer, 0, now_us, &bound);
    CHECK(third.verdict == SB_ADMITTED && load_of(place).queued == 0);
    sb_balancer_end(balancer, &third.attempt, 1000, 1, now_us);
    CHECK(load_of(place).active == 0);
}

static void who_waits_for_a_member_that_is_full_by_now_waits_no_longer(void)
{
    const uint32_t place = members[0].place;
    sb_waiting fresh;
    sb_entry first, second;
    members[0].max_connections = 1;
    members[0].max_sessions = 2;
    CHECK(configure(plain_settings()) == SB_OK);
    first = place_client(place, &fresh);
    CHECK(place_client(place, &fresh).verdict == SB_WAIT && load_of(place).queued == 1);
    members[0].max_sessions = 1;
    CHECK(configure(plain_settings()) == SB_OK);
    second = sb_balancer_look(balancer, 1, now_us, &fresh);
    CHECK(second.verdict == SB_MEMBER_FULL && fresh.record == NULL && second.wake_word == NULL);
    CHECK(load_of(place).active == 1 && load_of(place).queued == 0);
    sb_balancer_end(balancer, &first.attempt, 1000, 1, now_us);
}

static void sessions_are_of_clients_that_can_be_bound(void)
{
    sb_settings settings = plain_settings();
    int way, i;
    for (way = 0; way < 4; ++way) {
        settings = plain_settings();
        members[0].max_sessions = 1;
        if (way == 0 || way == 3)
            settings.cookie_mode = SB_COOKIE_OFF;
        if (way == 0)
            settings.url_parameter = str("");
        members[0].learns_not = way == 1;
        members[0].route = str(way == 2 ? "" : "a");
        CHECK(configure(settings) == SB_OK);
        for (i = 0; i < 2; ++i) {
            sb_entry entry = sb_balancer_enter_at_once(balancer, members[0].place, 1, now_us);
            CHECK(entry.verdict == (way == 3 && i == 1 ? SB_MEMBER_FULL : SB_ADMITTED));
            CHECK(entry.attempt.placed_session == (way == 3 && i == 0));
            sb_balancer_end(balancer, &entry.attempt, 1000, 1, now_us);
        }
    }
}

static void sessions_outlive_the_processes(void)
{
    sb_entry entry;
    members[0].max_sessions = 1;
    CHECK(configure(plain_settings()) == SB_OK);
    entry = sb_balancer_enter_at_once(balancer, members[0].place, 1, now_us);
    CHECK(entry.verdict == SB_ADMITTED);
    sb_balancer_destroy(balancer); /* killed on the way: who knows what its client has seen */
    stop_and_restart();
    CHECK(sb_balancer_create(region, block, process, &balancer) == SB_OK);
    CHECK(configure(plain_settings()) == SB_OK);
    CHECK(load_of(members[0].place).active == 0);
    CHECK(sb_balancer_is_member_full(balancer, members[0].place));
}

const test session_tests[] = {
    a_member_gets_as_many_new_clients_as_it_may_have_sessions,
    where_all_are_full_of_sessions_that_is_what_is_said,
    who_waits_for_a_member_that_is_full_by_now_passes_its_turn_on,
    who_waits_for_a_member_that_is_full_by_now_waits_no_longer,
    sessions_are_of_clients_that_can_be_bound,
    sessions_outlive_the_processes,
    NULL,
};
