/* SPDX-License-Identifier: Apache-2.0
 *
 * Every call of stickybalancer.h, from C. A check that fails says where, and the program goes on.
 */
#include "core/include/stickybalancer/stickybalancer.h"

#include <stdio.h>
#include <string.h>

static int failures = 0;

static void check(int is_true, const char *what, int line)
{
    if (is_true)
        return;
    printf("c_abi_test.c:%d: failed: %s\n", line, what);
    ++failures;
}
#define CHECK(condition) check((condition) != 0, #condition, __LINE__)

static sb_str str(const char *text)
{
    sb_str result;
    result.data = text;
    result.len = strlen(text);
    return result;
}

static int is_str(sb_str text, const char *expected)
{
    return text.len == strlen(expected) &&
           (text.len == 0 || memcmp(text.data, expected, text.len) == 0);
}

/* Two balancers in one region; the first has members 11 (route a) and 22 (route b). */
enum { BALANCERS = 2, MEMBERS = 2, UP = 1, STOPPED = 2, ERROR = 4, DRAIN = 8 };
static const sb_time_us now_us = 1700000000 * (sb_time_us)1000000;

static _Alignas(64) unsigned char region[64 + BALANCERS * 128];
static uint32_t states[MEMBERS];
static sb_time_us failed_at_us[MEMBERS];
static int64_t retry_us[MEMBERS];
static sb_member members[MEMBERS];
static sb_balancer *balancer;

static sb_settings plain_settings(void)
{
    sb_settings settings;
    memset(&settings, 0, sizeof(settings));
    settings.struct_size = sizeof(settings);
    settings.cookie_mode = SB_COOKIE_INSERT;
    settings.cookie_name = str("ROUTEID");
    settings.url_parameter = str("routeid");
    settings.separator = '.';
    settings.cookie_path = str("/");
    settings.cookie_http_only = 1;
    settings.cookie_same_site = SB_SAME_SITE_LAX;
    settings.last_resort = 1;
    settings.policy = str(sb_policy_name(0));
    settings.state_bits.required = UP;
    settings.state_bits.stopped = STOPPED;
    settings.state_bits.error = ERROR;
    settings.state_bits.drain = DRAIN;
    settings.generation = sb_balancer_generation(balancer);
    return settings;
}

static sb_request plain_request(void)
{
    sb_request request;
    memset(&request, 0, sizeof(request));
    request.struct_size = sizeof(request);
    request.now_us = now_us;
    request.path = str("/");
    return request;
}

static sb_pick empty_pick(void)
{
    sb_pick pick;
    memset(&pick, 0, sizeof(pick));
    pick.struct_size = sizeof(pick);
    return pick;
}

static sb_status configure(sb_settings settings)
{
    return sb_balancer_configure(balancer, &settings, members, MEMBERS);
}

static void set_up(void)
{
    size_t i;
    CHECK(sb_region_format(region, sizeof(region), BALANCERS) == SB_OK);
    CHECK(sb_balancer_create(region, sizeof(region), 0, &balancer) == SB_OK);
    memset(members, 0, sizeof(members));
    for (i = 0; i < MEMBERS; ++i) {
        states[i] = UP;
        failed_at_us[i] = 0;
        retry_us[i] = 60 * 1000000;
        members[i].handle = (i + 1) * 11;
        members[i].route = str(i == 0 ? "a" : "b");
        members[i].weight = 1;
        members[i].state = &states[i];
        members[i].failed_at_us = &failed_at_us[i];
        members[i].retry_us = &retry_us[i];
    }
    CHECK(configure(plain_settings()) == SB_OK);
}

static void tear_down(void)
{
    sb_balancer_destroy(balancer);
    balancer = NULL;
}

static void numbers_are_for_ever(void)
{
    CHECK(SB_OK == 0 && SB_NOT_FOUND == 1 && SB_NO_USABLE_MEMBER == 2 && SB_INVALID_ARGUMENT == 3);
    CHECK(SB_BUFFER_TOO_SMALL == 4 && SB_LAYOUT_MISMATCH == 8 && SB_NO_MEMORY == 9 &&
          SB_INTERNAL == 10);
    CHECK(SB_BUSY == 11 && SB_FAILOVER_FORBIDDEN == 12);
    CHECK(SB_COOKIE_OFF == 0 && SB_COOKIE_PASSIVE == 1 && SB_COOKIE_INSERT == 2);
    CHECK(SB_SECURE_AUTO == 0 && SB_SECURE_ON == 1 && SB_SECURE_OFF == 2);
    CHECK(SB_SAME_SITE_OFF == 0 && SB_SAME_SITE_LAX == 1 && SB_SAME_SITE_STRICT == 2 &&
          SB_SAME_SITE_NONE == 3);
    CHECK(SB_CAUSE_POLICY == 0 && SB_CAUSE_COOKIE == 1 && SB_CAUSE_PATH == 2 &&
          SB_CAUSE_QUERY == 3);
    CHECK(SB_CAUSE_FORCED == 4 && SB_CAUSE_REDISPATCH == 5);
}

static void structs_begin_with_their_size(void)
{
    CHECK(offsetof(sb_settings, struct_size) == 0);
    CHECK(offsetof(sb_request, struct_size) == 0);
    CHECK(offsetof(sb_pick, struct_size) == 0);
}

static void words_are_those_of_the_header(void)
{
    size_t count = 0;
    int found = 0;
    const char *name;
    for (; (name = sb_policy_name(count)) != NULL; ++count)
        found += strcmp(name, "roundrobin") == 0;
    CHECK(found == 1);
    CHECK(sb_policy_name(count + 1) == NULL && sb_policy_name((size_t)-1) == NULL);

    CHECK(strcmp(sb_cause_name(SB_CAUSE_POLICY), "policy") == 0);
    CHECK(strcmp(sb_cause_name(SB_CAUSE_COOKIE), "cookie") == 0);
    CHECK(strcmp(sb_cause_name(SB_CAUSE_PATH), "path") == 0);
    CHECK(strcmp(sb_cause_name(SB_CAUSE_QUERY), "query") == 0);
    CHECK(strcmp(sb_cause_name(SB_CAUSE_FORCED), "forced") == 0);
    CHECK(strcmp(sb_cause_name(SB_CAUSE_REDISPATCH), "redispatch") == 0);
    CHECK(sb_cause_name(99) != NULL && sb_cause_name((uint32_t)-1) != NULL);

    CHECK(strcmp(sb_status_name(SB_OK), "SB_OK") == 0);
    CHECK(strcmp(sb_status_name(SB_NOT_FOUND), "SB_NOT_FOUND") == 0);
    CHECK(strcmp(sb_status_name(SB_NO_USABLE_MEMBER), "SB_NO_USABLE_MEMBER") == 0);
    CHECK(strcmp(sb_status_name(SB_INVALID_ARGUMENT), "SB_INVALID_ARGUMENT") == 0);
    CHECK(strcmp(sb_status_name(SB_BUFFER_TOO_SMALL), "SB_BUFFER_TOO_SMALL") == 0);
    CHECK(strcmp(sb_status_name(SB_LAYOUT_MISMATCH), "SB_LAYOUT_MISMATCH") == 0);
    CHECK(strcmp(sb_status_name(SB_NO_MEMORY), "SB_NO_MEMORY") == 0);
    CHECK(strcmp(sb_status_name(SB_INTERNAL), "SB_INTERNAL") == 0);
    CHECK(strcmp(sb_status_name(SB_BUSY), "SB_BUSY") == 0);
    CHECK(strcmp(sb_status_name(SB_FAILOVER_FORBIDDEN), "SB_FAILOVER_FORBIDDEN") == 0);
    CHECK(sb_status_name((sb_status)7) != NULL);

    CHECK(sb_is_cookie_name(str("ROUTEID")) && !sb_is_cookie_name(str("ROUTE ID")) &&
          !sb_is_cookie_name(str("")));
    CHECK(sb_is_cookie_text(str("a:b")) && !sb_is_cookie_name(str("a:b")) &&
          !sb_is_cookie_text(str("a;b")));
}

static void a_region_is_formatted_and_checked(void)
{
    static _Alignas(64) unsigned char memory[64 + 3 * 128];
    sb_balancer *other = NULL;
    CHECK(sb_region_size(0) == 64 && sb_region_size(3) == sizeof(memory));
    CHECK(sb_balancer_create(memory, sizeof(memory), 0, &other) == SB_LAYOUT_MISMATCH);
    CHECK(sb_region_format(memory, sizeof(memory) - 1, 3) == SB_INVALID_ARGUMENT);
    CHECK(sb_region_format(memory + 1, sizeof(memory) - 1, 1) == SB_INVALID_ARGUMENT);
    CHECK(sb_region_format(memory, sizeof(memory), 3) == SB_OK);
    CHECK(sb_balancer_create(memory, sizeof(memory), 3, &other) == SB_NOT_FOUND);
    CHECK(sb_balancer_create(memory, sizeof(memory) - 64, 0, &other) == SB_LAYOUT_MISMATCH);
    CHECK(other == NULL); /* outputs are written only on SB_OK */
    CHECK(sb_balancer_create(memory, sizeof(memory), 2, &other) == SB_OK);
    sb_balancer_destroy(other);
}

static void a_balancer_that_was_never_configured_picks_nobody(void)
{
    sb_balancer *fresh = NULL;
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    char text[64];
    size_t len = sizeof(text);
    CHECK(sb_balancer_create(region, sizeof(region), 1, &fresh) == SB_OK);
    CHECK(sb_balancer_is_stale(fresh));
    CHECK(sb_balancer_pick(fresh, &request, &pick) == SB_NOT_FOUND);
    CHECK(sb_balancer_cookie(fresh, &pick, str("a"), 0, now_us, text, &len) == SB_NOT_FOUND);
    CHECK(len == sizeof(text));
    sb_balancer_destroy(fresh);
}

static void a_change_is_seen_by_everybody_who_shares_the_region(void)
{
    sb_balancer *same = NULL, *other = NULL;
    sb_settings settings;
    CHECK(sb_balancer_create(region, sizeof(region), 0, &same) == SB_OK);
    CHECK(sb_balancer_create(region, sizeof(region), 1, &other) == SB_OK);
    CHECK(sb_balancer_generation(balancer) == 0 && !sb_balancer_is_stale(balancer));

    sb_balancer_mark_changed(same);
    CHECK(sb_balancer_generation(balancer) == 1 && sb_balancer_generation(same) == 1);
    CHECK(sb_balancer_generation(other) == 0);
    CHECK(sb_balancer_is_stale(balancer));

    settings = plain_settings();
    sb_balancer_mark_changed(
        same); /* after the generation was read: what is configured now is older */
    CHECK(configure(settings) == SB_OK);
    CHECK(sb_balancer_is_stale(balancer));
    CHECK(configure(plain_settings()) == SB_OK);
    CHECK(!sb_balancer_is_stale(balancer));
    sb_balancer_destroy(other);
    sb_balancer_destroy(same);
}

static void settings_that_are_not_known_are_refused_and_the_old_ones_stay(void)
{
    sb_settings settings = plain_settings();
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    settings.struct_size -= 1;
    CHECK(configure(settings) == SB_INVALID_ARGUMENT);
    settings.struct_size += 2;
    CHECK(configure(settings) == SB_INVALID_ARGUMENT);
    settings.struct_size = 0;
    CHECK(configure(settings) == SB_INVALID_ARGUMENT);
    settings = plain_settings();
    settings.cookie_mode = SB_COOKIE_INSERT + 1;
    CHECK(configure(settings) == SB_INVALID_ARGUMENT);
    settings = plain_settings();
    settings.cookie_secure = SB_SECURE_OFF + 1;
    CHECK(configure(settings) == SB_INVALID_ARGUMENT);
    settings = plain_settings();
    settings.cookie_same_site = SB_SAME_SITE_NONE + 1;
    CHECK(configure(settings) == SB_INVALID_ARGUMENT);
    settings = plain_settings();
    settings.separator = 256;
    CHECK(configure(settings) == SB_INVALID_ARGUMENT);
    settings = plain_settings();
    settings.cookie_max_age_s = -1;
    CHECK(configure(settings) == SB_INVALID_ARGUMENT);
    settings = plain_settings();
    settings.policy = str("nosuchpolicy");
    CHECK(configure(settings) == SB_INVALID_ARGUMENT);
    members[1].handle = 0;
    CHECK(configure(plain_settings()) == SB_INVALID_ARGUMENT);

    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 11);
}

static void a_request_or_an_answer_of_unknown_size_is_refused(void)
{
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    request.struct_size += 8;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_INVALID_ARGUMENT);
    request = plain_request();
    pick.struct_size = 0;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_INVALID_ARGUMENT);
    CHECK(pick.handle == 0);
}

static void a_cookie_for_a_pick_of_unknown_size_is_refused(void)
{
    sb_pick pick = empty_pick();
    char text[128];
    size_t len = sizeof(text);
    pick.struct_size += 8;
    CHECK(sb_balancer_cookie(balancer, &pick, str("a"), 0, now_us, text, &len) ==
          SB_INVALID_ARGUMENT);
}

static void a_pick_tells_who_and_why(void)
{
    static const char cookie[] = "ROUTEID=.b";
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 11 && pick.cause == SB_CAUSE_POLICY && pick.cookie_state == 'N');
    CHECK(pick.wants_cookie && !pick.moves_route && !pick.marks_retry && pick.number_of_route == 1);
    CHECK(!pick.has_asked && pick.asked_route.len == 0 && !pick.asked_in_cookie && pick.cookie_issued_s == 0);
    CHECK(pick.struct_size == sizeof(pick));

    request.cookie_header = str(cookie);
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 22 && pick.cause == SB_CAUSE_COOKIE && pick.cookie_state == 'V');
    CHECK(!pick.wants_cookie && pick.asked_in_cookie && is_str(pick.asked_route, "b"));
    CHECK(pick.asked_route.data == cookie + 9);

    states[1] |= STOPPED;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 11 && pick.cause == SB_CAUSE_REDISPATCH && pick.cookie_state == 'D');
    CHECK(pick.wants_cookie && pick.moves_route && is_str(pick.asked_route, "b"));

    request.cookie_header = str("ROUTEID=.gone");
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.cookie_state == 'I' && !pick.moves_route && is_str(pick.asked_route, "gone"));
}

static void a_pick_hears_the_url_and_the_administrator(void)
{
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    request.path = str("/x;routeid=.b");
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 22 && pick.cause == SB_CAUSE_PATH && !pick.asked_in_cookie &&
          pick.wants_cookie);

    request = plain_request();
    request.query = str("q=1&routeid=.b");
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 22 && pick.cause == SB_CAUSE_QUERY);

    states[0] |= STOPPED;
    request.forced_route = str("a");
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 11 && pick.cause == SB_CAUSE_FORCED && !pick.wants_cookie);

    request = plain_request();
    request.cookie_header = str("ROUTEID=.a");
    request.ignore_persistence = 1;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 22 && pick.cause == SB_CAUSE_POLICY && !pick.wants_cookie);
}

static void members_that_failed_the_request_and_those_that_failed_before_are_told_apart(void)
{
    static const uint64_t tried[] = {11, 22};
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    request.tried = tried;
    request.tried_count = 1;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 22 && pick.cause == SB_CAUSE_REDISPATCH);
    request.tried_count = 2;
    pick.handle = 99;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_NO_USABLE_MEMBER);
    CHECK(pick.handle == 99); /* outputs are written only on SB_OK */

    request = plain_request();
    states[0] |= ERROR;
    failed_at_us[0] = now_us - 60 * 1000000;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 22);
    request.now_us += 1;
    states[1] |= DRAIN;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 11 &&
          pick.marks_retry);
}

static void forbidden_failover_and_unbound_requests_of_the_host(void)
{
    sb_settings settings = plain_settings();
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    settings.forbid_failover = 1;
    CHECK(configure(settings) == SB_OK);
    states[1] |= STOPPED;
    request.cookie_header = str("ROUTEID=.b");
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_FAILOVER_FORBIDDEN);

    settings = plain_settings();
    settings.policy = str("");
    CHECK(configure(settings) == SB_OK);
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 0 && pick.number_of_route == 1 && pick.wants_cookie);

    members[1].route = members[0].route;
    CHECK(configure(plain_settings()) == SB_OK);
    states[0] |= STOPPED;
    states[1] = UP;
    request.cookie_header = str("ROUTEID=.a");
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 22 && pick.number_of_route == 2);
    members[1].redirect = str("a");
    CHECK(sb_balancer_configure(balancer, &settings, NULL, 0) == SB_OK);
}

static void what_was_configured_is_copied(void)
{
    char route[] = "c", name[] = "ROUTEID";
    sb_settings settings = plain_settings();
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    members[1].route = str(route);
    settings.cookie_name = str(name);
    CHECK(configure(settings) == SB_OK);
    route[0] = name[0] = 'x';
    request.cookie_header = str("ROUTEID=.c");
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 22);
}

static int writes_cookie(const sb_pick *pick, const char *route, int client_is_secure,
                         const char *expected)
{
    char text[256];
    size_t len = sizeof(text);
    return sb_balancer_cookie(balancer, pick, str(route), client_is_secure, now_us, text, &len) ==
               SB_OK &&
           len == strlen(expected) && memcmp(text, expected, len) == 0;
}

static void a_cookie_says_what_the_settings_say(void)
{
    sb_settings settings = plain_settings();
    sb_pick pick = empty_pick();
    CHECK(writes_cookie(&pick, "a", 0, "ROUTEID=.a; path=/; HttpOnly; SameSite=Lax"));
    CHECK(writes_cookie(&pick, "a", 1, "ROUTEID=.a; path=/; HttpOnly; SameSite=Lax; Secure"));

    settings.separator = 0;
    settings.cookie_path = str("");
    settings.cookie_domain = str("example.org");
    settings.cookie_http_only = 0;
    settings.cookie_same_site = SB_SAME_SITE_NONE;
    settings.cookie_secure = SB_SECURE_OFF;
    CHECK(configure(settings) == SB_OK);
    CHECK(writes_cookie(&pick, "a", 0, "ROUTEID=a; domain=example.org; SameSite=None; Secure"));

    settings = plain_settings();
    settings.cookie_max_age_s = 3600;
    CHECK(configure(settings) == SB_OK);
    pick.cookie_issued_s = 1700000000;
    CHECK(writes_cookie(&pick, "a", 0,
                        "ROUTEID=s44we8-s44we8.a; path=/; Max-Age=3600; HttpOnly; SameSite=Lax"));
}

static void a_cookie_that_cannot_be_said_is_not_found(void)
{
    sb_settings settings = plain_settings();
    sb_pick pick = empty_pick();
    char text[128];
    size_t len = sizeof(text);
    CHECK(sb_balancer_cookie(balancer, &pick, str(""), 0, now_us, text, &len) == SB_NOT_FOUND);
    CHECK(sb_balancer_cookie(balancer, &pick, str("a;b"), 0, now_us, text, &len) == SB_NOT_FOUND);
    settings.cookie_mode = SB_COOKIE_PASSIVE;
    CHECK(configure(settings) == SB_OK);
    CHECK(sb_balancer_cookie(balancer, &pick, str("a"), 0, now_us, text, &len) == SB_NOT_FOUND);
    CHECK(len == sizeof(text));
}

/* Convention (3), for every size of the buffer; what is behind the buffer is never written. */
static void a_buffer_that_is_too_small_learns_the_size_needed(void)
{
    static const char whole[] = "ROUTEID=.a; path=/; HttpOnly; SameSite=Lax";
    const size_t needed = sizeof(whole) - 1;
    sb_pick pick = empty_pick();
    size_t size, i, len = 0;
    CHECK(sb_balancer_cookie(balancer, &pick, str("a"), 0, now_us, NULL, &len) ==
          SB_BUFFER_TOO_SMALL);
    CHECK(len == needed);
    for (size = 0; size <= needed + 1; ++size) {
        char text[128];
        memset(text, '#', sizeof(text));
        len = size;
        if (size < needed) {
            CHECK(sb_balancer_cookie(balancer, &pick, str("a"), 0, now_us, text, &len) ==
                  SB_BUFFER_TOO_SMALL);
        } else {
            CHECK(sb_balancer_cookie(balancer, &pick, str("a"), 0, now_us, text, &len) == SB_OK);
            CHECK(memcmp(text, whole, needed) == 0);
        }
        CHECK(len == needed);
        for (i = size; i < sizeof(text); ++i)
            CHECK(text[i] == '#');
    }
}

int main(void)
{
    static void (*const tests[])(void) = {
        numbers_are_for_ever,
        structs_begin_with_their_size,
        words_are_those_of_the_header,
        a_region_is_formatted_and_checked,
        a_balancer_that_was_never_configured_picks_nobody,
        a_change_is_seen_by_everybody_who_shares_the_region,
        settings_that_are_not_known_are_refused_and_the_old_ones_stay,
        a_request_or_an_answer_of_unknown_size_is_refused,
        a_cookie_for_a_pick_of_unknown_size_is_refused,
        a_pick_tells_who_and_why,
        a_pick_hears_the_url_and_the_administrator,
        members_that_failed_the_request_and_those_that_failed_before_are_told_apart,
        forbidden_failover_and_unbound_requests_of_the_host,
        what_was_configured_is_copied,
        a_cookie_says_what_the_settings_say,
        a_cookie_that_cannot_be_said_is_not_found,
        a_buffer_that_is_too_small_learns_the_size_needed,
    };
    size_t i;
    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); ++i) {
        set_up();
        tests[i]();
        tear_down();
    }
    printf("%u tests, %d failed checks\n", (unsigned)i, failures);
    return failures == 0 ? 0 : 1;
}
