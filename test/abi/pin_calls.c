/* SPDX-License-Identifier: Apache-2.0
 *
 * Pins: cookies that lead to one member, whatever its state.
 */
#include "test/abi/c_abi.h"

enum { SECOND = 1000000, ROOM = 256 };
#define HALF_A_YEAR ((sb_time_us)0xFFFFFF * SECOND)

static char header[ROOM]; /* of the client: the pin, and what it is followed by */

/* A client gets a pin for the member at this place; the Cookie header that it sends from then on. */
static const char *pin_for(uint32_t place, sb_time_us until_us)
{
    size_t len = ROOM - 1;
    memset(header, 0, sizeof(header));
    CHECK(sb_balancer_make_pin(balancer, place, now_us, until_us, header, &len) == SB_OK);
    CHECK(strcmp(header + strcspn(header, ";"), "; path=/; HttpOnly; SameSite=Lax") == 0);
    header[strcspn(header, ";")] = '\0';
    return header;
}

static sb_pick pick_at(const char *cookie, sb_time_us at_us)
{
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    request.now_us = at_us;
    request.cookie_header = str(cookie);
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    return pick;
}

static int is_forced_to_a(const sb_pick *pick)
{
    return pick->handle == 11 && pick->cause == SB_CAUSE_FORCED;
}

static void a_pin_leads_to_its_member_until_it_ends(void)
{
    const sb_time_us end_us = now_us + 10 * SECOND;
    const char *cookie = pin_for(members[0].place, end_us);
    sb_pick pick;
    states[0] |= STOPPED;
    pick = pick_at(cookie, now_us);
    CHECK(is_forced_to_a(&pick) && !pick.binds_client && !pick.wants_cookie && !pick.is_client);
    pick = pick_at(cookie, end_us - SECOND);
    CHECK(is_forced_to_a(&pick));
    pick = pick_at(cookie, end_us + SECOND);
    CHECK(pick.handle == 22 && pick.cause == SB_CAUSE_POLICY);
    pick = pick_at("ROUTEID=.b", now_us);
    CHECK(pick.handle == 22 && pick.cause == SB_CAUSE_COOKIE);
}

static void it_may_be_in_force_until_the_last_has_ended(void)
{
    CHECK(!sb_region_may_be_pinned(region, now_us));
    pin_for(members[0].place, now_us + 10 * SECOND);
    pin_for(members[1].place, now_us + 5 * SECOND);
    CHECK(sb_region_may_be_pinned(region, now_us));
    CHECK(sb_region_may_be_pinned(region, now_us + 9 * SECOND));
    CHECK(!sb_region_may_be_pinned(region, now_us + 11 * SECOND));
}

static void the_administrators_word_goes_before_it(void)
{
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    request.cookie_header = str(pin_for(members[0].place, now_us + SECOND));
    request.forced_route = str("b");
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 22);
    request.forced_route = str("gone");
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && is_forced_to_a(&pick));
    request.tried = &members[0].handle; /* nobody else will do */
    request.tried_count = 1;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_FAILOVER_FORBIDDEN);
}

static void what_clients_send_may_be_ignored(void)
{
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    states[0] |= STOPPED;
    request.cookie_header = str(pin_for(members[0].place, now_us + SECOND));
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && is_forced_to_a(&pick));
    request.ignore_persistence = 1;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 22);
}

/* Those that were made before, and no others, even if within one second. */
static void all_can_be_taken_back(void)
{
    char before[ROOM], between[ROOM];
    const char *cookie;
    sb_pick pick;
    states[0] |= STOPPED;
    strcpy(before, pin_for(members[0].place, now_us + 10 * SECOND));
    sb_balancer_take_pins_back(balancer, now_us);
    pick = pick_at(before, now_us);
    CHECK(pick.handle == 22);
    strcpy(between, pin_for(members[0].place, now_us + 10 * SECOND));
    pick = pick_at(between, now_us);
    CHECK(is_forced_to_a(&pick));
    sb_balancer_take_pins_back(balancer, now_us);
    pick = pick_at(between, now_us);
    CHECK(pick.handle == 22);
    cookie = pin_for(members[0].place, now_us + 10 * SECOND);
    pick = pick_at(cookie, now_us);
    CHECK(is_forced_to_a(&pick));
    sb_balancer_take_pins_back(balancer, now_us + 5 * SECOND);
    pick = pick_at(cookie, now_us + 5 * SECOND);
    CHECK(pick.handle == 22);
}

/* Those that were made by a clock that was ahead go, too; and none is made that would never count. */
static void all_can_be_taken_back_after_the_clock_was_ahead(void)
{
    const sb_time_us ahead_us = now_us + (sb_time_us)3600 * SECOND;
    char cookie[ROOM];
    size_t len = sizeof(cookie);
    sb_pick pick;
    states[0] |= STOPPED;
    CHECK(sb_balancer_make_pin(balancer, members[0].place, ahead_us, ahead_us + 10 * SECOND, cookie,
                               &len) == SB_OK);
    cookie[len] = 0;
    *strchr(cookie, ';') = 0;
    pick = pick_at(cookie, now_us);
    CHECK(is_forced_to_a(&pick));
    sb_balancer_take_pins_back(balancer, now_us);
    pick = pick_at(cookie, now_us);
    CHECK(pick.handle == 22);
    len = sizeof(cookie);
    CHECK(sb_balancer_make_pin(balancer, members[0].place, now_us, now_us + 10 * SECOND, cookie,
                               &len) == SB_BUSY);
    pick = pick_at(pin_for(members[0].place, now_us + (sb_time_us)3700 * SECOND), now_us);
    CHECK(is_forced_to_a(&pick));
}

static void what_was_changed_is_nothing(void)
{
    sb_pick pick;
    pin_for(members[0].place, now_us + 10 * SECOND);
    states[0] |= STOPPED;
    header[20] = header[20] == 'A' ? 'B' : 'A';
    pick = pick_at(header, now_us);
    CHECK(pick.handle == 22 && pick.cause == SB_CAUSE_POLICY && pick.cookie_state == 'N');
}

/* With keys, and without. */
static void it_is_of_one_balancer_and_its_keys(void)
{
    sb_settings settings = plain_settings();
    sb_key rotated[2];
    char own[ROOM];
    sb_pick pick;
    states[0] |= STOPPED;
    settings.key_count = 0;
    CHECK(configure(settings) == SB_OK);
    strcpy(own, pin_for(members[0].place, now_us + 10 * SECOND));
    pick = pick_at(own, now_us);
    CHECK(is_forced_to_a(&pick));
    settings.balancer_name = str("balancer://other");
    CHECK(configure(settings) == SB_OK);
    pick = pick_at(own, now_us);
    CHECK(pick.handle == 22);

    settings = plain_settings();
    CHECK(configure(settings) == SB_OK);
    pick = pick_at(own, now_us);
    CHECK(pick.handle == 22);
    strcpy(own, pin_for(members[0].place, now_us + 10 * SECOND));
    rotated[0] = keys[1];
    rotated[1] = keys[0];
    settings.keys = rotated;
    settings.key_count = 2;
    CHECK(configure(settings) == SB_OK);
    pick = pick_at(own, now_us);
    CHECK(is_forced_to_a(&pick));
    settings.keys = keys + 1;
    settings.key_count = 1;
    CHECK(configure(settings) == SB_OK);
    pick = pick_at(own, now_us);
    CHECK(pick.handle == 22);
}

static void what_cannot_be_made_is_refused(void)
{
    char out[ROOM];
    size_t len = sizeof(out);
    CHECK(sb_balancer_make_pin(balancer, CAPACITY, now_us, now_us + SECOND, out, &len) ==
          SB_NOT_FOUND);
    CHECK(sb_balancer_make_pin(balancer, members[0].place, now_us, now_us, out, &len) ==
          SB_INVALID_ARGUMENT);
    CHECK(sb_balancer_make_pin(balancer, members[0].place, -1, now_us, out, &len) ==
          SB_INVALID_ARGUMENT);
    CHECK(sb_balancer_make_pin(balancer, members[0].place, now_us, now_us + HALF_A_YEAR, out,
                               &len) == SB_INVALID_ARGUMENT);
    CHECK(sb_balancer_make_pin(balancer, members[0].place, INT64_MAX - SECOND, INT64_MAX, out,
                               &len) == SB_INVALID_ARGUMENT);
    len = 10;
    CHECK(sb_balancer_make_pin(balancer, members[0].place, now_us, now_us + SECOND, out, &len) ==
              SB_BUFFER_TOO_SMALL &&
          len == strlen("STICKYPIN=; path=/; HttpOnly; SameSite=Lax") + 48);
    CHECK(!sb_region_may_be_pinned(region, now_us));
}

static void the_member_does_not_see_it(void)
{
    char out[ROOM];
    size_t len = sizeof(out);
    CHECK(sb_without_pin(str("a=1; STICKYPIN=x; b=2; STICKYPIN=y"), out, &len) == SB_OK);
    CHECK(len == strlen("a=1; b=2") && memcmp(out, "a=1; b=2", len) == 0);
    len = sizeof(out);
    CHECK(sb_without_pin(str("STICKYPIN=x"), out, &len) == SB_OK && len == 0);
    CHECK(sb_without_pin(str("a=1; stickypin=x"), out, &len) == SB_NOT_FOUND);
    len = 1;
    CHECK(sb_without_pin(str("a=1; STICKYPIN=x"), out, &len) == SB_BUFFER_TOO_SMALL && len == 3);
}

const test pin_tests[] = {
    a_pin_leads_to_its_member_until_it_ends,
    it_may_be_in_force_until_the_last_has_ended,
    the_administrators_word_goes_before_it,
    what_clients_send_may_be_ignored,
    all_can_be_taken_back,
    all_can_be_taken_back_after_the_clock_was_ahead,
    what_was_changed_is_nothing,
    it_is_of_one_balancer_and_its_keys,
    what_cannot_be_made_is_refused,
    the_member_does_not_see_it,
    NULL,
};
