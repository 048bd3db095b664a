/* SPDX-License-Identifier: Apache-2.0
 *
 * Attempts with limits and queues; what a member is and does.
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

/* Member 11 takes one attempt at a time. */
static uint32_t limit_to_one(uint32_t max_queue)
{
    members[0].max_connections = 1;
    members[0].max_queue = max_queue;
    members[0].queue_timeout_us = 10 * SECOND;
    CHECK(configure(plain_settings()) == SB_OK);
    return members[0].place;
}

static sb_entry enter(uint32_t place, sb_waiting *waiting)
{
    memset(waiting, 0xFF, sizeof(*waiting));
    return sb_balancer_enter(balancer, place, 0, now_us, waiting);
}

static void a_member_without_a_limit_admits_everybody(void)
{
    const uint32_t place = members[1].place;
    sb_waiting waiting;
    sb_entry first = enter(place, &waiting), second = enter(place, &waiting);
    CHECK(first.verdict == SB_ADMITTED && second.verdict == SB_ADMITTED);
    CHECK(first.attempt.place == place && first.wake_word == NULL && first.wait_word == NULL);
    CHECK(waiting.record == NULL);
    CHECK(load_of(place).active == 2 && load_of(place).limit == 0);
    CHECK(load_of(members[0].place).active == 0);
    CHECK(sb_balancer_end(balancer, &first.attempt, 1000, 1, now_us) == NULL);
    CHECK(sb_balancer_end(balancer, &second.attempt, 1000, 0, now_us) == NULL);
    CHECK(load_of(place).active == 0);
    /* What has ended holds nothing any more. */
    CHECK(sb_balancer_end(balancer, &first.attempt, 1000, 1, now_us) == NULL);
    CHECK(load_of(place).active == 0);
}

static void the_second_waits_until_the_first_has_ended(void)
{
    const uint32_t place = limit_to_one(0);
    sb_waiting waiting, other;
    sb_entry first = enter(place, &other), second = enter(place, &waiting);
    CHECK(first.verdict == SB_ADMITTED && second.verdict == SB_WAIT);
    CHECK(second.wait_word != NULL && *second.wait_word == second.wait_value);
    CHECK(second.wait_until_us > now_us && waiting.deadline_us == now_us + 10 * SECOND);
    CHECK(load_of(place).active == 1 && load_of(place).queued == 1 && load_of(place).limit == 1);
    second = sb_balancer_look(balancer, 0, now_us + SECOND, &waiting);
    CHECK(second.verdict == SB_WAIT);

    CHECK(sb_balancer_end(balancer, &first.attempt, 1000, 1, now_us) == second.wait_word);
    CHECK(*second.wait_word != second.wait_value); /* who sleeps on it from now on does not */
    second = sb_balancer_look(balancer, 1, now_us + 2 * SECOND, &waiting);
    CHECK(second.verdict == SB_ADMITTED && second.attempt.place == place);
    CHECK(second.wake_word == NULL && waiting.record == NULL);
    CHECK(load_of(place).active == 1 && load_of(place).queued == 0);
    CHECK(sb_balancer_end(balancer, &second.attempt, 1000, 1, now_us) == NULL);
    CHECK(load_of(place).active == 0);
}

static void a_full_queue_takes_nobody(void)
{
    const uint32_t place = limit_to_one(1);
    sb_waiting waiting, other;
    sb_entry first = enter(place, &other), second = enter(place, &waiting);
    sb_entry third = enter(place, &other);
    CHECK(second.verdict == SB_WAIT && third.verdict == SB_QUEUE_FULL);
    CHECK(third.attempt.place >= CAPACITY && other.record == NULL);
    CHECK(sb_balancer_end(balancer, &third.attempt, 0, 0, now_us) == NULL); /* it never began */
    CHECK(sb_balancer_enter_at_once(balancer, place, 0, now_us).verdict == SB_QUEUE_FULL);
    CHECK(load_of(place).active == 1 && load_of(place).queued == 1);
    CHECK(sb_balancer_leave(balancer, &other) == NULL);
    CHECK(load_of(place).queued == 1);
    CHECK(sb_balancer_leave(balancer, &waiting) == NULL && waiting.record == NULL);
    CHECK(load_of(place).queued == 0);
    CHECK(sb_balancer_look(balancer, 0, now_us, &waiting).verdict == SB_REFUSED);
    sb_balancer_end(balancer, &first.attempt, 0, 0, now_us);
}

static void who_may_not_wait_is_let_in_where_there_is_room_only(void)
{
    const uint32_t place = limit_to_one(0);
    sb_entry first = sb_balancer_enter_at_once(balancer, place, 1, now_us);
    CHECK(first.verdict == SB_ADMITTED && first.attempt.place == place);
    CHECK(load_of(place).active == 1);
    CHECK(sb_balancer_enter_at_once(balancer, place, 1, now_us).verdict == SB_QUEUE_FULL);
    CHECK(load_of(place).active == 1 && load_of(place).queued == 0);
    CHECK(sb_balancer_enter_at_once(balancer, CAPACITY, 1, now_us).verdict == SB_REFUSED);
    sb_balancer_end(balancer, &first.attempt, 0, 0, now_us);
    CHECK(load_of(place).active == 0);
}

static void as_many_wait_as_the_process_has_records(void)
{
    const uint32_t place = limit_to_one(0);
    sb_waiting waiting[WAITERS], other;
    sb_entry first = enter(place, &other);
    int i;
    for (i = 0; i < WAITERS; ++i)
        CHECK(enter(place, &waiting[i]).verdict == SB_WAIT);
    CHECK(enter(place, &other).verdict == SB_QUEUE_FULL);
    for (i = 0; i < WAITERS; ++i)
        sb_balancer_leave(balancer, &waiting[i]);
    sb_balancer_end(balancer, &first.attempt, 0, 0, now_us);
    CHECK(load_of(place).queued == 0 && load_of(place).active == 0);
}

static void who_has_waited_long_enough_is_told_so(void)
{
    const uint32_t place = limit_to_one(0);
    sb_waiting waiting, other;
    sb_entry first = enter(place, &other), second = enter(place, &waiting);
    second = sb_balancer_look(balancer, 0, now_us + 10 * SECOND - 1, &waiting);
    CHECK(second.verdict == SB_WAIT && second.wait_until_us == now_us + 10 * SECOND);
    second = sb_balancer_look(balancer, 0, now_us + 10 * SECOND, &waiting);
    CHECK(second.verdict == SB_TIMED_OUT && waiting.record == NULL);
    CHECK(load_of(place).queued == 0 && load_of(place).active == 1);
    sb_balancer_end(balancer, &first.attempt, 0, 0, now_us);
}

static void who_leaves_passes_its_turn_on(void)
{
    const uint32_t place = limit_to_one(0);
    sb_waiting second, third, other;
    sb_entry first = enter(place, &other), last;
    CHECK(enter(place, &second).verdict == SB_WAIT);
    last = enter(place, &third);
    CHECK(last.verdict == SB_WAIT);
    CHECK(sb_balancer_end(balancer, &first.attempt, 0, 0, now_us) != last.wait_word);
    CHECK(sb_balancer_look(balancer, 0, now_us, &third).verdict == SB_WAIT);
    CHECK(sb_balancer_leave(balancer, &second) == last.wait_word);
    last = sb_balancer_look(balancer, 0, now_us, &third);
    CHECK(last.verdict == SB_ADMITTED);
    sb_balancer_end(balancer, &last.attempt, 0, 0, now_us);
}

static void connecting_ends_with_the_attempt_at_the_latest(void)
{
    const uint32_t place = members[0].place;
    sb_waiting waiting;
    sb_entry entry = enter(place, &waiting);
    CHECK(load_of(place).connecting == 0);
    sb_balancer_connecting(balancer, &entry.attempt, 1);
    sb_balancer_connecting(balancer, &entry.attempt, 1);
    CHECK(load_of(place).connecting == 1 && load_of(place).active == 1);
    sb_balancer_connecting(balancer, &entry.attempt, 0);
    sb_balancer_connecting(balancer, &entry.attempt, 0);
    CHECK(load_of(place).connecting == 0);
    sb_balancer_connecting(balancer, &entry.attempt, 1);
    sb_balancer_end(balancer, &entry.attempt, 0, 0, now_us);
    CHECK(load_of(place).connecting == 0 && load_of(place).active == 0);
    sb_balancer_connecting(balancer, &entry.attempt, 1);
    CHECK(load_of(place).connecting == 0);
}

static void a_process_that_is_gone_gives_its_attempts_back(void)
{
    const uint32_t place = limit_to_one(0);
    sb_waiting waiting, other;
    sb_balancer *gone = NULL;
    sb_settings settings = plain_settings();
    sb_entry own;
    sb_wakes wakes;
    uint32_t slot = 9;
    CHECK(sb_region_claim_process(region, OTHER_PID, now_us, &slot) == SB_OK);
    CHECK(sb_balancer_create(region, block, slot, &gone) == SB_OK);
    CHECK(sb_balancer_configure(gone, &settings, members, MEMBERS) == SB_OK);
    CHECK(sb_balancer_enter(gone, place, 0, now_us, &other).verdict == SB_ADMITTED);
    own = enter(place, &waiting);
    CHECK(own.verdict == SB_WAIT && load_of(place).active == 1);
    sb_region_reclaim_process(region, OTHER_PID, &wakes);
    CHECK(wakes.count == 1 && wakes.words[0] == own.wait_word);
    CHECK(load_of(place).active == 0);
    own = sb_balancer_look(balancer, 0, now_us, &waiting);
    CHECK(own.verdict == SB_ADMITTED);
    sb_balancer_end(balancer, &own.attempt, 0, 0, now_us);
    sb_balancer_destroy(gone);
}

static void a_limit_grows_with_the_load_of_the_balancer(void)
{
    sb_waiting waiting;
    sb_entry entries[2];
    members[0].max_connections = 10;
    members[0].min_connections = 2;
    members[1].max_connections = 10;
    CHECK(configure(plain_settings()) == SB_OK);
    CHECK(load_of(members[0].place).limit == 2 && load_of(members[1].place).limit == 10);
    members[0].min_connections = 0;
    CHECK(configure(plain_settings()) == SB_OK && load_of(members[0].place).limit == 10);
    members[0].min_connections = 1; /* 2 of 20 under way: a tenth of ten */
    members[0].max_connections = members[1].max_connections = 2;
    CHECK(configure(plain_settings()) == SB_OK && load_of(members[0].place).limit == 1);
    entries[0] = enter(members[1].place, &waiting);
    entries[1] = enter(members[1].place, &waiting);
    CHECK(load_of(members[0].place).limit == 1);
    CHECK(enter(members[1].place, &waiting).verdict == SB_WAIT);
    CHECK(load_of(members[0].place).limit == 1);
    CHECK(enter(members[0].place, &waiting).verdict == SB_ADMITTED);
    CHECK(load_of(members[0].place).limit == 2); /* three under way, one waits: all of four */
    sb_balancer_end(balancer, &entries[0].attempt, 0, 0, now_us);
    sb_balancer_end(balancer, &entries[1].attempt, 0, 0, now_us);
}

static void a_place_that_is_none_is_refused(void)
{
    sb_member_state state;
    sb_member_request request;
    sb_member_load load;
    sb_waiting waiting;
    uint32_t free_place = 0;
    memset(&state, 0, sizeof(state));
    memset(&request, 0, sizeof(request));
    memset(&load, 0, sizeof(load));
    CHECK(enter(CAPACITY, &waiting).verdict == SB_REFUSED && waiting.record == NULL);
    CHECK(sb_balancer_leave(balancer, &waiting) == NULL);
    state.struct_size = sizeof(state);
    request.struct_size = sizeof(request);
    load.struct_size = sizeof(load);
    while (free_place == members[0].place || free_place == members[1].place)
        ++free_place;
    CHECK(sb_balancer_member_request(balancer, free_place, &request) == SB_NOT_FOUND);
    CHECK(sb_balancer_member_request(balancer, CAPACITY, &request) == SB_NOT_FOUND);
    CHECK(sb_balancer_member_state(balancer, CAPACITY, &state) == SB_NOT_FOUND);
    CHECK(sb_balancer_member_load(balancer, CAPACITY, &load) == SB_NOT_FOUND);
    ++state.struct_size;
    ++request.struct_size;
    --load.struct_size;
    CHECK(sb_balancer_member_request(balancer, members[0].place, &request) == SB_INVALID_ARGUMENT);
    CHECK(sb_balancer_member_state(balancer, 0, &state) == SB_INVALID_ARGUMENT);
    CHECK(sb_balancer_member_load(balancer, 0, &load) == SB_INVALID_ARGUMENT);
    CHECK(!sb_balancer_note_state(balancer, CAPACITY, SB_DOWN, SB_REASON_RESET, now_us));
}

static sb_member_state state_of(uint32_t place)
{
    sb_member_state state;
    memset(&state, 0, sizeof(state));
    state.struct_size = sizeof(state);
    CHECK(sb_balancer_member_state(balancer, place, &state) == SB_OK);
    return state;
}

static sb_member_request request_of(uint32_t place)
{
    sb_member_request request;
    memset(&request, 0xFF, sizeof(request));
    request.struct_size = sizeof(request);
    CHECK(sb_balancer_member_request(balancer, place, &request) == SB_OK);
    return request;
}

static void what_is_asked_of_a_member_is_what_was_remembered(void)
{
    const uint32_t place = members[0].place, other = members[1].place;
    sb_member_config in_force;
    memset(&in_force, 0, sizeof(in_force));
    CHECK(request_of(place).requested == SB_READY && request_of(place).since_us == 0);
    CHECK(sb_member_remember(region, block, place, &in_force, SB_DRAIN, 0, str(""), now_us) ==
          SB_OK);
    CHECK(request_of(place).requested == SB_DRAIN && request_of(place).since_us == now_us);
    CHECK(request_of(other).requested == SB_READY && request_of(other).since_us == 0);
    CHECK(sb_member_remember(region, block, place, &in_force, SB_STOPPED, 0, str(""),
                             now_us + SECOND) == SB_OK);
    CHECK(request_of(place).requested == SB_STOPPED);
    CHECK(request_of(place).since_us == now_us + SECOND);
}

static int note(sb_actual actual, sb_reason reason, sb_time_us at_us)
{
    return sb_balancer_note_state(balancer, members[0].place, actual, reason, at_us);
}

static void a_change_of_state_is_news_once(void)
{
    const uint32_t place = members[0].place;
    sb_balancer *same = NULL;
    CHECK(sb_balancer_create(region, block, process, &same) == SB_OK);
    CHECK(state_of(place).actual == SB_UP && state_of(place).reason == SB_REASON_NONE);
    CHECK(!note(SB_UP, SB_REASON_ANSWERED, now_us)); /* it is */
    CHECK(note(SB_DOWN, SB_REASON_CONNECT_FAILED, now_us + SECOND));
    CHECK(!note(SB_DOWN, SB_REASON_TIMEOUT, now_us + 2 * SECOND));
    CHECK(!sb_balancer_note_state(same, place, SB_DOWN, SB_REASON_RESET, now_us + 3 * SECOND));
    CHECK(state_of(place).actual == SB_DOWN);
    CHECK(state_of(place).reason == SB_REASON_CONNECT_FAILED);
    CHECK(state_of(place).since_us == now_us + SECOND);
    CHECK(state_of(members[1].place).actual == SB_UP);
    CHECK(!note((sb_actual)4, SB_REASON_RESET, now_us) && !note(SB_UP, (sb_reason)11, now_us));
    CHECK(state_of(place).actual == SB_DOWN);
    CHECK(sb_balancer_note_state(same, place, SB_UP, SB_REASON_ANSWERED, now_us + 4 * SECOND));
    CHECK(!note(SB_UP, SB_REASON_ANSWERED, now_us + 4 * SECOND));
    sb_balancer_destroy(same);
}

static void states_outlive_the_processes_and_gauges_do_not(void)
{
    const uint32_t place = members[0].place;
    sb_waiting waiting;
    CHECK(note(SB_DOWN, SB_REASON_CHECK_FAILED, now_us));
    CHECK(enter(place, &waiting).verdict == SB_ADMITTED);
    sb_balancer_destroy(balancer);
    stop_and_restart();
    CHECK(sb_balancer_create(region, block, process, &balancer) == SB_OK);
    CHECK(state_of(place).actual == SB_DOWN && state_of(place).reason == SB_REASON_CHECK_FAILED);
    CHECK(load_of(place).active == 0);
}

static void what_is_due_once_a_second_is_done_by_one(void)
{
    sb_balancer *same = NULL;
    CHECK(sb_balancer_create(region, block, process, &same) == SB_OK);
    CHECK(sb_balancer_refresh(balancer, now_us) && !sb_balancer_refresh(balancer, now_us));
    CHECK(!sb_balancer_refresh(same, now_us + SECOND - 1));
    CHECK(sb_balancer_refresh(same, now_us + SECOND));
    CHECK(!sb_balancer_refresh(balancer, now_us + SECOND));
    CHECK(sb_balancer_refresh(balancer, now_us)); /* the clock was stepped back */
    sb_balancer_destroy(same);
}

/* A member that the policy does not count on is offered again within a second of its return. */
static void refreshing_tells_the_policy_who_came_back(void)
{
    sb_settings settings = plain_settings();
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    int i;
    settings.policy = str("leastconn");
    states[1] |= STOPPED;
    CHECK(configure(settings) == SB_OK);
    for (i = 0; i < 3; ++i)
        CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 11);
    CHECK(enter(members[0].place, &(sb_waiting){0}).verdict == SB_ADMITTED);
    states[1] &= ~(uint32_t)STOPPED;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 11);
    CHECK(sb_balancer_refresh(balancer, now_us));
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 22);
}

static void a_client_is_hashed_to_one_member(void)
{
    static const char *const clients[] = {"1", "2", "3", "4", "5", "6", "7", "8",
                                          "9", "a", "b", "c", "d", "e", "f", "g"};
    sb_settings settings = plain_settings();
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    int of_first = 0, i, again;
    settings.policy = str("hash");
    CHECK(configure(settings) == SB_OK);
    for (i = 0; i < 16; ++i) {
        uint64_t handle;
        request.affinity = str(clients[i]);
        CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
        CHECK(pick.cause == SB_CAUSE_HASH);
        handle = pick.handle;
        for (again = 0; again < 3; ++again)
            CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == handle);
        of_first += handle == 11;
    }
    CHECK(of_first > 0 && of_first < 16);
}

static void names_are_those_that_an_operator_reads(void)
{
    static const char *const actual[] = {"up", "down", "checking", "starting"};
    static const char *const reason[] = {"none",     "connect-failed", "timeout",      "reset",
                                         "status",   "check-failed",   "check-passed", "retry-due",
                                         "answered", "operator",       "configured"};
    static const char *const requested[] = {"ready", "drain", "stopped"};
    uint32_t i;
    for (i = 0; i < 4; ++i)
        CHECK(strcmp(sb_actual_name(i), actual[i]) == 0);
    for (i = 0; i < 11; ++i)
        CHECK(strcmp(sb_reason_name(i), reason[i]) == 0);
    for (i = 0; i < 3; ++i)
        CHECK(strcmp(sb_requested_name(i), requested[i]) == 0);
    CHECK(strcmp(sb_actual_name(4), "unknown") == 0 && strcmp(sb_actual_name(256), "unknown") == 0);
    CHECK(strcmp(sb_reason_name(11), "unknown") == 0 &&
          strcmp(sb_reason_name(256), "unknown") == 0);
    CHECK(strcmp(sb_requested_name(3), "unknown") == 0 &&
          strcmp(sb_requested_name(0xFFFFFFFF), "unknown") == 0);
}

const test attempt_tests[] = {
    a_member_without_a_limit_admits_everybody,
    the_second_waits_until_the_first_has_ended,
    a_full_queue_takes_nobody,
    who_may_not_wait_is_let_in_where_there_is_room_only,
    as_many_wait_as_the_process_has_records,
    who_has_waited_long_enough_is_told_so,
    who_leaves_passes_its_turn_on,
    connecting_ends_with_the_attempt_at_the_latest,
    a_process_that_is_gone_gives_its_attempts_back,
    a_limit_grows_with_the_load_of_the_balancer,
    a_place_that_is_none_is_refused,
    what_is_asked_of_a_member_is_what_was_remembered,
    a_change_of_state_is_news_once,
    states_outlive_the_processes_and_gauges_do_not,
    what_is_due_once_a_second_is_done_by_one,
    refreshing_tells_the_policy_who_came_back,
    a_client_is_hashed_to_one_member,
    names_are_those_that_an_operator_reads,
    NULL,
};
