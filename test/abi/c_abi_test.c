/* SPDX-License-Identifier: Apache-2.0
 *
 * Every call of stickybalancer.h, from C: here settings, picks, cookies, answers and words; the others in
 * region_calls.c, attempt_calls.c, check_calls.c, session_calls.c and table_calls.c.
 */
#include "test/abi/c_abi.h"

#include <stdio.h>

static int failures = 0;

void check(int is_true, const char *what, const char *file, int line)
{
    if (is_true)
        return;
    printf("%s:%d: failed: %s\n", file, line, what);
    ++failures;
}

sb_str str(const char *text)
{
    sb_str result;
    result.data = text;
    result.len = strlen(text);
    return result;
}

int is_str(sb_str text, const char *expected)
{
    return text.len == strlen(expected) &&
           (text.len == 0 || memcmp(text.data, expected, text.len) == 0);
}

const sb_time_us now_us = 1700000000 * (sb_time_us)1000000;
const sb_geometry geometry = {PROCESSES, WAITERS};

_Alignas(64) unsigned char memory[MEMORY];
sb_region *region;
uint64_t block;
uint32_t process;
uint32_t states[MEMBERS];
sb_time_us failed_at_us[MEMBERS];
int64_t retry_us[MEMBERS];
sb_member members[MEMBERS];
sb_balancer *balancer;
sb_key keys[SB_KEYS_MAX + 1];

sb_settings plain_settings(void)
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
    settings.keys = keys;
    settings.key_count = 1;
    settings.balancer_name = str("balancer://app");
    settings.random = 7;
    settings.last_resort = 1;
    settings.policy = str(sb_policy_name(0));
    settings.state_bits.required = UP;
    settings.state_bits.stopped = STOPPED;
    settings.state_bits.error = ERROR;
    settings.state_bits.drain = DRAIN;
    settings.state_bits.standby = STANDBY;
    settings.state_bits.check_failed = CHECK_FAILED;
    settings.now_us = now_us;
    settings.generation = sb_balancer_generation(balancer);
    return settings;
}

sb_request plain_request(void)
{
    sb_request request;
    memset(&request, 0, sizeof(request));
    request.struct_size = sizeof(request);
    request.now_us = now_us;
    request.path = str("/");
    return request;
}

sb_pick empty_pick(void)
{
    sb_pick pick;
    memset(&pick, 0, sizeof(pick));
    pick.struct_size = sizeof(pick);
    return pick;
}

/* An answer 302 to a GET. */
static sb_answer plain_answer(void)
{
    sb_answer answer;
    memset(&answer, 0, sizeof(answer));
    answer.struct_size = sizeof(answer);
    answer.status = 302;
    answer.is_get_or_head = 1;
    return answer;
}

static sb_answer_plan empty_plan(void)
{
    sb_answer_plan plan;
    memset(&plan, 0, sizeof(plan));
    plan.struct_size = sizeof(plan);
    return plan;
}

sb_status configure(sb_settings settings)
{
    return sb_balancer_configure(balancer, &settings, members, MEMBERS);
}

static uint64_t block_of(const char *name)
{
    uint64_t found = 0;
    CHECK(sb_region_claim_block(region, sb_identity_of(str(name)), CAPACITY, &found) == SB_OK);
    return found;
}

uint64_t other_block(void) { return block_of("balancer://other"); }

static void open_region(void)
{
    const char *why = NULL;
    CHECK(sb_region_open(memory, sizeof(memory), &region, &why) == SB_OK && why == NULL);
}

static void claim_process(void)
{
    CHECK(sb_region_claim_process(region, PID, now_us, &process) == SB_OK);
}

void stop_and_restart(void)
{
    uint32_t dropped = 9;
    sb_region_close(region);
    open_region();
    CHECK(sb_region_restart(region, &dropped) == SB_OK && dropped == 0);
    CHECK(block_of("balancer://app") == block);
    claim_process();
}

static void make_keys(void)
{
    static char ids[SB_KEYS_MAX + 1][2];
    size_t i;
    for (i = 0; i <= SB_KEYS_MAX; ++i) {
        ids[i][0] = 'k';
        ids[i][1] = (char)('0' + i);
        keys[i].id.data = ids[i];
        keys[i].id.len = sizeof(ids[i]);
        memset(keys[i].secret, (int)i + 1, sizeof(keys[i].secret));
    }
}

static void make_region(void)
{
    static const uint64_t random_words[2] = {3, 5};
    memset(memory, 0, sizeof(memory));
    CHECK(sb_region_format(memory, sizeof(memory), &geometry, random_words) == SB_OK);
    open_region();
    block = block_of("balancer://app");
    claim_process();
}

static void make_member(sb_member *member, uint64_t handle, const char *route)
{
    const size_t i = (size_t)(member - members);
    memset(member, 0, sizeof(*member));
    states[i] = UP;
    failed_at_us[i] = 0;
    retry_us[i] = 60 * 1000000;
    member->handle = handle;
    member->route = str(route);
    member->weight = 1;
    member->state = &states[i];
    member->failed_at_us = &failed_at_us[i];
    member->retry_us = &retry_us[i];
    CHECK(sb_member_claim(region, block, sb_identity_of(member->route), &member->place) == SB_OK);
}

static void set_up(void)
{
    make_keys();
    make_region();
    make_member(&members[0], 11, "a");
    make_member(&members[1], 22, "b");
    CHECK(sb_balancer_create(region, block, process, &balancer) == SB_OK);
    CHECK(configure(plain_settings()) == SB_OK);
}

static void tear_down(void)
{
    sb_balancer_destroy(balancer);
    balancer = NULL;
    sb_region_close(region);
}

static void numbers_are_for_ever(void)
{
    CHECK(SB_OK == 0 && SB_NOT_FOUND == 1 && SB_NO_USABLE_MEMBER == 2 && SB_INVALID_ARGUMENT == 3);
    CHECK(SB_BUFFER_TOO_SMALL == 4 && SB_LAYOUT_MISMATCH == 8 && SB_NO_MEMORY == 9 &&
          SB_INTERNAL == 10);
    CHECK(SB_BUSY == 11 && SB_FAILOVER_FORBIDDEN == 12 && SB_SESSIONS_FULL == 13);
    CHECK(SB_COOKIE_OFF == 0 && SB_COOKIE_PASSIVE == 1 && SB_COOKIE_INSERT == 2 &&
          SB_COOKIE_REWRITE == 3 && SB_COOKIE_PREFIX == 4);
    CHECK(SB_SEAL_PLAIN == 0 && SB_SEAL_SIGNED == 1 && SB_SEAL_OPAQUE == 2);
    CHECK(SB_NO_CACHE_SKIP == 0 && SB_NO_CACHE_MARK == 1 && SB_NO_CACHE_OFF == 2);
    CHECK(SB_EXPIRES_NONE == 0 && SB_EXPIRES_PAST == 1 && SB_EXPIRES_FUTURE == 2);
    CHECK(SB_OURS_NONE == 0 && SB_OURS_BIND == 1 && SB_OURS_EXPIRE == 2);
    CHECK(SB_ITS_PASS == 0 && SB_ITS_DROP == 1 && SB_ITS_EDIT == 2);
    CHECK(SB_SECRET_SIZE == 32 && SB_KEYS_MAX == 16);
    CHECK(SB_SECURE_AUTO == 0 && SB_SECURE_ON == 1 && SB_SECURE_OFF == 2);
    CHECK(SB_SAME_SITE_OFF == 0 && SB_SAME_SITE_LAX == 1 && SB_SAME_SITE_STRICT == 2 &&
          SB_SAME_SITE_NONE == 3);
    CHECK(SB_CAUSE_POLICY == 0 && SB_CAUSE_COOKIE == 1 && SB_CAUSE_PATH == 2 &&
          SB_CAUSE_QUERY == 3);
    CHECK(SB_CAUSE_FORCED == 4 && SB_CAUSE_REDISPATCH == 5 && SB_CAUSE_HASH == 6);
    CHECK(SB_UP == 0 && SB_DOWN == 1 && SB_CHECKING == 2 && SB_STARTING == 3);
    CHECK(SB_READY == 0 && SB_DRAIN == 1 && SB_STOPPED == 2);
    CHECK(SB_REASON_NONE == 0 && SB_REASON_CONNECT_FAILED == 1 && SB_REASON_TIMEOUT == 2 &&
          SB_REASON_RESET == 3 && SB_REASON_STATUS == 4 && SB_REASON_CHECK_FAILED == 5);
    CHECK(SB_REASON_CHECK_PASSED == 6 && SB_REASON_RETRY_DUE == 7 && SB_REASON_ANSWERED == 8 &&
          SB_REASON_OPERATOR == 9 && SB_REASON_CONFIGURED == 10 && SB_REASON_CONNECTED == 11);
    CHECK(SB_FIELD_WEIGHT == 1 && SB_FIELD_SET == 2 && SB_FIELD_STATE == 4 && SB_FIELD_ROUTE == 8 &&
          SB_FIELD_REDIRECT == 16);
    CHECK(SB_FAILBACK_NEVER == 0 && SB_FAILBACK_IDLE == 1 && SB_FAILBACK_IMMEDIATE == 2);
    CHECK(SB_ADMITTED == 0 && SB_WAIT == 1 && SB_QUEUE_FULL == 2 && SB_TIMED_OUT == 3 &&
          SB_REFUSED == 4 && SB_MEMBER_FULL == 5);
    CHECK(SB_SESSIONS_MAX == 4000000);
}

static void structs_begin_with_their_size(void)
{
    CHECK(offsetof(sb_settings, struct_size) == 0);
    CHECK(offsetof(sb_request, struct_size) == 0);
    CHECK(offsetof(sb_pick, struct_size) == 0);
    CHECK(offsetof(sb_answer, struct_size) == 0);
    CHECK(offsetof(sb_answer_plan, struct_size) == 0);
    CHECK(offsetof(sb_member_state, struct_size) == 0);
    CHECK(offsetof(sb_member_request, struct_size) == 0);
    CHECK(offsetof(sb_member_load, struct_size) == 0);
    CHECK(offsetof(sb_member_totals, struct_size) == 0);
    CHECK(offsetof(sb_member_sessions, struct_size) == 0);
    CHECK(offsetof(sb_session_list, struct_size) == 0);
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
    CHECK(strcmp(sb_cause_name(SB_CAUSE_HASH), "hash") == 0);
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
    CHECK(strcmp(sb_status_name(SB_SESSIONS_FULL), "SB_SESSIONS_FULL") == 0);
    CHECK(sb_status_name((sb_status)7) != NULL);

    CHECK(sb_is_cookie_name(str("ROUTEID")) && !sb_is_cookie_name(str("ROUTE ID")) &&
          !sb_is_cookie_name(str("")));
    CHECK(sb_is_cookie_text(str("a:b")) && !sb_is_cookie_name(str("a:b")) &&
          !sb_is_cookie_text(str("a;b")));
}

static void faults_have_names_from_1_to_8(void)
{
    static const char *const names[] = {"unknown_route", "plain",  "malformed", "unknown_key",
                                        "foreign",       "forged", "expired",   "old"};
    uint32_t i;
    CHECK(sb_fault_name(0) == NULL && sb_fault_name(9) == NULL &&
          sb_fault_name((uint32_t)-1) == NULL);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); ++i)
        CHECK(sb_fault_name(i + 1) != NULL && strcmp(sb_fault_name(i + 1), names[i]) == 0);
}

static void a_set_cookie_line_sets_one_name(void)
{
    CHECK(sb_sets_cookie(str("SID=1; path=/"), str("SID")));
    CHECK(sb_sets_cookie(str(" SID = "), str("SID")));
    CHECK(!sb_sets_cookie(str("sid=1"), str("SID")) && !sb_sets_cookie(str("SIDE=1"), str("SID")));
    CHECK(!sb_sets_cookie(str("a=1; SID=1"), str("SID")) &&
          !sb_sets_cookie(str("SID"), str("SID")));
    CHECK(!sb_sets_cookie(str(""), str("SID")));
}

static void what_a_set_cookie_line_says_of_its_cookie(void)
{
    sb_cookie_set set;
    memset(&set, 0, sizeof(set));
    CHECK(sb_read_cookie_set(str("SID=1"), str("SID"), &set) == SB_INVALID_ARGUMENT);
    set.struct_size = sizeof(set);
    CHECK(sb_read_cookie_set(str("SID=1"), str("PID"), &set) == SB_NOT_FOUND);
    CHECK(sb_read_cookie_set(str("SID=\"1\"; Expires=now"), str("SID"), &set) == SB_OK);
    CHECK(is_str(set.value, "1") && is_str(set.expires, "now") && set.ends == 0);
    CHECK(sb_read_cookie_set(str("SID=1; Max-Age=0"), str("SID"), &set) == SB_OK);
    CHECK(set.expires.len == 0 && set.ends != 0);
}

static void a_value_is_found_by_its_name(void)
{
    sb_str value = {"untouched", 9};
    CHECK(sb_find_cookie(str("XSID=1; SID=\"\"; SID=\"2\"; SID=3"), str("SID"), &value) == SB_OK &&
          is_str(value, "2"));
    CHECK(sb_find_path_parameter(str("/a;v=1;sid=2;x=3/b;sid=4"), str("sid"), &value) == SB_OK &&
          is_str(value, "2"));
    CHECK(sb_find_query_parameter(str("xsid=1&sid=&sid=2;3&sid=4"), str("sid"), &value) == SB_OK &&
          is_str(value, "2;3"));
    CHECK(sb_find_cookie(str("sid=1"), str("SID"), &value) == SB_NOT_FOUND);
    CHECK(sb_find_cookie(str("SID=1"), str(""), &value) == SB_NOT_FOUND);
    CHECK(sb_find_path_parameter(str("/a/sid=1"), str("sid"), &value) == SB_NOT_FOUND);
    CHECK(sb_find_query_parameter(str(""), str("sid"), &value) == SB_NOT_FOUND);
    CHECK(is_str(value, "2;3"));
}

static void keys_are_sixteen_at_most_and_can_be_told_apart(void)
{
    CHECK(sb_check_keys(NULL, 0) == SB_OK && sb_check_keys(keys, 1) == SB_OK);
    CHECK(sb_check_keys(keys, SB_KEYS_MAX) == SB_OK);
    CHECK(sb_check_keys(keys, SB_KEYS_MAX + 1) == SB_INVALID_ARGUMENT);
    keys[1].id.len = 1; /* k */
    CHECK(sb_check_keys(keys, 2) == SB_OK);
    keys[1].id = keys[0].id;
    CHECK(sb_check_keys(keys, 2) == SB_INVALID_ARGUMENT && sb_check_keys(keys, 1) == SB_OK);
    memcpy(keys[2].secret, keys[3].secret, sizeof(keys[2].secret)); /* the id is what counts */
    CHECK(sb_check_keys(keys + 1, 3) == SB_OK);
}

static void a_balancer_that_was_never_configured_picks_nobody(void)
{
    sb_balancer *fresh = NULL;
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    sb_answer answer = plain_answer();
    sb_answer_plan plan = empty_plan();
    char text[64];
    size_t len = sizeof(text);
    CHECK(sb_balancer_create(region, other_block(), process, &fresh) == SB_OK);
    CHECK(sb_balancer_is_stale(fresh));
    CHECK(sb_balancer_pick(fresh, &request, &pick) == SB_NOT_FOUND);
    CHECK(!sb_balancer_accepts_new(fresh, 0, now_us));
    CHECK(sb_balancer_cookie(fresh, &pick, str("a"), 0, now_us, text, &len) == SB_NOT_FOUND);
    CHECK(sb_balancer_edited_cookie(fresh, &pick, str("ROUTEID=1"), str("a"), now_us, text, &len) ==
          SB_NOT_FOUND);
    CHECK(sb_balancer_expired_cookie(fresh, 0, text, &len) == SB_NOT_FOUND);
    CHECK(sb_balancer_member_cookies(fresh, str("ROUTEID=.a"), text, &len) == SB_NOT_FOUND);
    CHECK(sb_balancer_plan_answer(fresh, &pick, &answer, &plan) == SB_NOT_FOUND);
    CHECK(len == sizeof(text) && plan.letter == 0);
    CHECK(sb_balancer_refused_cookies(fresh, 1) == 0);
    sb_balancer_destroy(fresh);
}

static void a_change_is_seen_by_everybody_who_shares_the_region(void)
{
    sb_balancer *same = NULL, *other = NULL;
    sb_settings settings;
    CHECK(sb_balancer_create(region, block, process, &same) == SB_OK);
    CHECK(sb_balancer_create(region, other_block(), process, &other) == SB_OK);
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

static void a_fact_is_news_for_the_first_who_says_it(void)
{
    sb_balancer *same = NULL, *other = NULL;
    CHECK(sb_balancer_create(region, block, process, &same) == SB_OK);
    CHECK(sb_balancer_create(region, other_block(), process, &other) == SB_OK);
    CHECK(sb_balancer_is_news(balancer, 5) && !sb_balancer_is_news(balancer, 5));
    CHECK(!sb_balancer_is_news(same, 5) && sb_balancer_is_news(other, 5));
    CHECK(sb_balancer_is_news(same, 6) && !sb_balancer_is_news(balancer, 6));
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
    settings.cookie_mode = SB_COOKIE_PREFIX + 1;
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
    settings = plain_settings();
    settings.cookie_max_idle_s = -1;
    CHECK(configure(settings) == SB_INVALID_ARGUMENT);
    settings = plain_settings();
    settings.cookie_max_life_s = -1;
    CHECK(configure(settings) == SB_INVALID_ARGUMENT);
    settings = plain_settings();
    settings.cookie_no_cache = SB_NO_CACHE_OFF + 1;
    CHECK(configure(settings) == SB_INVALID_ARGUMENT);
    settings = plain_settings();
    settings.cookie_seal = SB_SEAL_OPAQUE + 1;
    CHECK(configure(settings) == SB_INVALID_ARGUMENT);
    settings.cookie_seal = SB_SEAL_SIGNED;
    settings.key_count = 0;
    CHECK(configure(settings) == SB_INVALID_ARGUMENT);
    settings.key_count = SB_KEYS_MAX + 1;
    CHECK(configure(settings) == SB_INVALID_ARGUMENT);
    settings.key_count = 2;
    keys[1].id = keys[0].id;
    CHECK(configure(settings) == SB_INVALID_ARGUMENT);
    members[1].handle = 0;
    CHECK(configure(plain_settings()) == SB_INVALID_ARGUMENT);
    members[1].handle = 22;
    members[1].failback = SB_FAILBACK_IMMEDIATE + 1;
    CHECK(configure(plain_settings()) == SB_INVALID_ARGUMENT);
    members[1].failback = SB_FAILBACK_IDLE; /* without saying how long */
    CHECK(configure(plain_settings()) == SB_INVALID_ARGUMENT);
    members[1].failback = SB_FAILBACK_NEVER;
    members[1].max_sessions = SB_SESSIONS_MAX + 1;
    CHECK(configure(plain_settings()) == SB_INVALID_ARGUMENT);
    members[1].max_sessions = SB_SESSIONS_MAX;
    members[1].place = CAPACITY;
    CHECK(configure(plain_settings()) == SB_INVALID_ARGUMENT);
    members[1].place = members[0].place;
    CHECK(configure(plain_settings()) == SB_INVALID_ARGUMENT);

    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 11);
}

static void a_request_or_an_answer_of_unknown_size_is_refused(void)
{
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    sb_answer answer = plain_answer();
    sb_answer_plan plan = empty_plan();
    request.struct_size += 8;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_INVALID_ARGUMENT);
    request = plain_request();
    pick.struct_size = 0;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_INVALID_ARGUMENT);
    CHECK(pick.handle == 0);

    pick = empty_pick();
    plan.struct_size += 8;
    CHECK(sb_balancer_plan_answer(balancer, &pick, &answer, &plan) == SB_INVALID_ARGUMENT);
    plan = empty_plan();
    answer.struct_size -= 8;
    CHECK(sb_balancer_plan_answer(balancer, &pick, &answer, &plan) == SB_INVALID_ARGUMENT);
    answer = plain_answer();
    answer.expires = SB_EXPIRES_FUTURE + 1;
    CHECK(sb_balancer_plan_answer(balancer, &pick, &answer, &plan) == SB_INVALID_ARGUMENT);
    answer = plain_answer();
    pick.struct_size = 0;
    CHECK(sb_balancer_plan_answer(balancer, &pick, &answer, &plan) == SB_INVALID_ARGUMENT);
    CHECK(plan.letter == 0);
}

static void a_cookie_for_a_pick_of_unknown_size_is_refused(void)
{
    sb_pick pick = empty_pick();
    char text[128];
    size_t len = sizeof(text);
    pick.struct_size += 8;
    CHECK(sb_balancer_cookie(balancer, &pick, str("a"), 0, now_us, text, &len) ==
          SB_INVALID_ARGUMENT);
    CHECK(sb_balancer_edited_cookie(balancer, &pick, str("ROUTEID=1"), str("a"), now_us, text,
                                    &len) == SB_INVALID_ARGUMENT);
    CHECK(len == sizeof(text));
}

static int is_fault(const sb_pick *pick, const char *name)
{
    return pick->cookie_fault != 0 && strcmp(sb_fault_name(pick->cookie_fault), name) == 0;
}

static void a_pick_tells_who_and_why(void)
{
    static const char cookie[] = "ROUTEID=.b";
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 11 && pick.cause == SB_CAUSE_POLICY && pick.cookie_state == 'N');
    CHECK(pick.wants_cookie && !pick.moves_route && !pick.marks_retry && pick.number_of_route == 1);
    CHECK(pick.binds_client && pick.cookie_fault == 0 && pick.asked_handle == 0 &&
          !pick.recovers_all);
    CHECK(!pick.has_asked && pick.asked_route.len == 0 && !pick.asked_in_cookie &&
          pick.cookie_issued_s == 0);
    CHECK(pick.struct_size == sizeof(pick));

    request.cookie_header = str(cookie);
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 22 && pick.cause == SB_CAUSE_COOKIE && pick.cookie_state == 'V');
    CHECK(!pick.wants_cookie && pick.asked_in_cookie && is_str(pick.asked_route, "b"));
    CHECK(pick.binds_client && pick.has_asked && pick.asked_handle == 22 && pick.cookie_fault == 0);
    CHECK(pick.asked_route.data == cookie + 9);

    states[1] |= STOPPED;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 11 && pick.cause == SB_CAUSE_REDISPATCH && pick.cookie_state == 'D');
    CHECK(pick.wants_cookie && pick.moves_route && is_str(pick.asked_route, "b"));

    request.cookie_header = str("ROUTEID=.gone");
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.cookie_state == 'I' && !pick.moves_route && is_str(pick.asked_route, "gone"));
    CHECK(is_fault(&pick, "unknown_route") && pick.asked_handle == 0);
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
    CHECK(pick.handle == 11 && pick.cause == SB_CAUSE_FORCED && !pick.wants_cookie &&
          !pick.binds_client);

    request = plain_request();
    request.cookie_header = str("ROUTEID=.a");
    request.ignore_persistence = 1;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 22 && pick.cause == SB_CAUSE_POLICY && !pick.wants_cookie &&
          !pick.binds_client);
    CHECK(pick.cookie_state == 'U');
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

static void a_failed_member_is_tried_by_one(void)
{
    states[0] |= ERROR;
    failed_at_us[0] = now_us - 60 * 1000000;
    CHECK(!sb_balancer_begin_trial(balancer, members[0].place, 0, now_us));
    CHECK(!sb_balancer_is_tried(balancer, members[0].place, now_us + 1));
    CHECK(sb_balancer_begin_trial(balancer, members[0].place, 0, now_us + 1));
    CHECK(sb_balancer_is_tried(balancer, members[0].place, now_us + 1));
    CHECK(!sb_balancer_begin_trial(balancer, members[0].place, 1, now_us + 1));
}

static void members_that_take_new_clients_are_counted(void)
{
    CHECK(sb_balancer_accepts_new(balancer, 2, now_us));
    CHECK(!sb_balancer_accepts_new(balancer, 3, now_us));
    states[0] |= ERROR;
    failed_at_us[0] = now_us - 60 * 1000000;
    CHECK(!sb_balancer_accepts_new(balancer, 2, now_us));
    CHECK(sb_balancer_accepts_new(balancer, 2, now_us + 1)); /* it is to be tried again */
    states[1] |= DRAIN;
    CHECK(sb_balancer_accepts_new(balancer, 1, now_us + 1));
    CHECK(!sb_balancer_accepts_new(balancer, 2, now_us + 1));
    CHECK(!sb_balancer_accepts_new(balancer, 1, now_us));
}

static void clients_of_a_standby_go_home_as_it_says(void)
{
    sb_settings settings = plain_settings();
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    states[1] |= STANDBY;
    CHECK(configure(settings) == SB_OK);
    request.cookie_header = str("ROUTEID=.b");
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 22);
    CHECK(pick.place == members[1].place && !pick.wants_cookie && pick.cookie_issued_s == 0);

    members[1].failback = SB_FAILBACK_IDLE;
    members[1].failback_idle_s = 60;
    CHECK(configure(settings) == SB_OK);
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 22);
    CHECK(pick.wants_cookie && pick.cookie_issued_s == now_us / 1000000);
    request.cookie_header = str("ROUTEID=s44we8-s44we8.b"); /* now */
    request.now_us = now_us + 59 * (sb_time_us)1000000;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 22);
    request.now_us += 1000000;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 11);
    CHECK(pick.moves_route && pick.wants_cookie && pick.place == members[0].place);

    members[1].failback = SB_FAILBACK_IMMEDIATE;
    CHECK(configure(settings) == SB_OK);
    request = plain_request();
    request.cookie_header = str("ROUTEID=.b");
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 11);
}

static void a_member_that_learns_not_binds_nobody(void)
{
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    members[0].learns_not = 1;
    CHECK(configure(plain_settings()) == SB_OK);
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 11);
    CHECK(!pick.binds_client && !pick.wants_cookie);
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 22);
    CHECK(pick.binds_client && pick.wants_cookie);
}

static void forbidden_failover_and_unbound_requests_of_the_host(void)
{
    sb_settings settings = plain_settings();
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    states[1] |= STOPPED;
    request.cookie_header = str("ROUTEID=.b");
    request.when_down = SB_WHEN_DOWN_FORBID;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_FAILOVER_FORBIDDEN);
    request.when_down = SB_WHEN_DOWN_FORBID + 1;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_INVALID_ARGUMENT);

    request.when_down = SB_WHEN_DOWN_REDISPATCH;
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

static void a_client_of_a_member_that_is_down(void)
{
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    const uint64_t tried = 22;
    request.cookie_header = str("ROUTEID=.b");
    request.when_down = SB_WHEN_DOWN_PERSIST;
    states[1] |= CHECK_FAILED;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 22 && pick.cause == SB_CAUSE_PERSIST && !pick.marks_retry);
    CHECK(!pick.wants_cookie && pick.cookie_state == 'V');
    CHECK(strcmp(sb_cause_name(pick.cause), "persist") == 0);
    request.tried = &tried;
    request.tried_count = 1;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 11 && pick.cause == SB_CAUSE_REDISPATCH && pick.wants_cookie);
    request.tried_count = 0;
    request.when_down = SB_WHEN_DOWN_REDISPATCH;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 11 && pick.cause == SB_CAUSE_REDISPATCH);
}

static void a_client_of_a_member_that_drains(void)
{
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    sb_member_drain drain;
    memset(&drain, 0, sizeof(drain));
    CHECK(sb_balancer_member_drain(balancer, 0, now_us, &drain) == SB_INVALID_ARGUMENT);
    drain.struct_size = sizeof(drain);
    CHECK(sb_balancer_member_drain(balancer, CAPACITY, now_us, &drain) == SB_NOT_FOUND);
    states[1] |= DRAIN;
    members[1].drain_deadline_us = 5;
    CHECK(configure(plain_settings()) == SB_OK);
    CHECK(sb_balancer_member_drain(balancer, members[1].place, now_us + 4, &drain) == SB_OK);
    CHECK(drain.since_us == now_us && drain.deadline_us == now_us + 5 && !drain.is_overdue);
    request.cookie_header = str("ROUTEID=.b");
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 22);
    request.may_move = 1;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 11);
    CHECK(pick.cause == SB_CAUSE_REDISPATCH && pick.wants_cookie && pick.moves_route);
    request.may_move = 0;
    request.now_us = now_us + 5;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 11);
    CHECK(sb_balancer_member_drain(balancer, members[1].place, now_us + 5, &drain) == SB_OK);
    CHECK(drain.is_overdue);
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
    settings.cookie_mode = SB_COOKIE_INSERT;
    settings.cookie_name = str("NO NAME");
    CHECK(configure(settings) == SB_OK);
    CHECK(sb_balancer_cookie(balancer, &pick, str("a"), 0, now_us, text, &len) == SB_NOT_FOUND);
    CHECK(sb_balancer_expired_cookie(balancer, 0, text, &len) == SB_NOT_FOUND);
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

/* The cookie for route a, as a Cookie header; cut at its first ';'. */
static sb_str cookie_header(const sb_pick *pick, char *text, size_t size)
{
    sb_str header;
    size_t len = size;
    CHECK(sb_balancer_cookie(balancer, pick, str("a"), 0, now_us, text, &len) == SB_OK);
    header.data = text;
    header.len = (size_t)((const char *)memchr(text, ';', len) - text);
    return header;
}

static void a_sealed_cookie_is_good_for_its_keys_and_its_balancer(void)
{
    char text[2][256];
    sb_settings settings = plain_settings();
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    settings.cookie_seal = SB_SEAL_SIGNED;
    settings.key_count = SB_KEYS_MAX;
    CHECK(configure(settings) == SB_OK);
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 11);
    CHECK(pick.cookie_issued_s == now_us / 1000000);
    request.cookie_header = cookie_header(&pick, text[0], sizeof(text[0]));
    CHECK(request.cookie_header.len == 8 + 40 + 2);
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.handle == 11);
    CHECK(pick.cause == SB_CAUSE_COOKIE && !pick.wants_cookie && is_str(pick.asked_route, "a"));

    settings.keys = keys + 1; /* the first key is gone */
    settings.key_count = 1;
    CHECK(configure(settings) == SB_OK && sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.cookie_state == 'I' && is_fault(&pick, "unknown_key"));
    settings.keys = keys;
    settings.balancer_name = str("balancer://other");
    CHECK(configure(settings) == SB_OK && sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(is_fault(&pick, "foreign"));
    settings.balancer_name = plain_settings().balancer_name;
    CHECK(configure(settings) == SB_OK);
    text[0][20] = text[0][20] == 'A' ? 'B' : 'A';
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && is_fault(&pick, "forged"));
    request.cookie_header = str("ROUTEID=.b");
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && is_fault(&pick, "plain"));
    settings.cookie_accept_plain = 1;
    CHECK(configure(settings) == SB_OK && sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 22 && pick.cookie_state == 'V' && pick.wants_cookie);
}

static void opaque_cookies_name_a_member_and_no_two_are_the_same(void)
{
    char text[3][256];
    sb_settings settings = plain_settings();
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    sb_str header;
    settings.cookie_seal = SB_SEAL_OPAQUE;
    CHECK(configure(settings) == SB_OK);
    header = cookie_header(&pick, text[0], sizeof(text[0]));
    CHECK(header.len == 8 + 60);
    cookie_header(&pick, text[1], sizeof(text[1]));
    CHECK(memcmp(text[0], text[1], header.len) != 0);
    settings.random = 1000; /* another process */
    CHECK(configure(settings) == SB_OK);
    cookie_header(&pick, text[2], sizeof(text[2]));
    CHECK(memcmp(text[0], text[2], header.len) != 0 && memcmp(text[1], text[2], header.len) != 0);

    request.cookie_header = header;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(pick.handle == 11 && pick.cause == SB_CAUSE_COOKIE && pick.asked_handle == 11);
    CHECK(pick.has_asked && pick.asked_in_cookie && pick.asked_route.len == 0);
}

static void a_cookie_ages_as_the_settings_say(void)
{
    sb_settings settings = plain_settings();
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    settings.cookie_max_idle_s = 60;
    settings.cookie_max_life_s = 600;
    CHECK(configure(settings) == SB_OK);
    request.cookie_header = str("ROUTEID=s44we8-s44we8.b"); /* now */
    request.now_us = now_us + 60 * (sb_time_us)1000000;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.cookie_state == 'V');
    CHECK(pick.wants_cookie && pick.cookie_issued_s == now_us / 1000000);
    request.now_us += 1000000;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.cookie_state == 'E');
    CHECK(is_fault(&pick, "expired") && pick.cookie_issued_s == request.now_us / 1000000);
    request.now_us = now_us + 601 * (sb_time_us)1000000;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && pick.cookie_state == 'O');
    CHECK(is_fault(&pick, "old"));
}

static void refused_cookies_are_counted_once_a_request_for_all_processes(void)
{
    static const uint64_t tried[] = {11};
    sb_balancer *same = NULL, *other = NULL;
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    uint32_t fault;
    CHECK(sb_balancer_create(region, block, process, &same) == SB_OK);
    CHECK(sb_balancer_create(region, other_block(), process, &other) == SB_OK);
    request.cookie_header = str("ROUTEID=.gone; ROUTEID=.lost");
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    request.tried = tried; /* the second attempt of a request */
    request.tried_count = 1;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK && is_fault(&pick, "unknown_route"));
    request = plain_request();
    request.cookie_header = str("ROUTEID=.a");
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    CHECK(sb_balancer_refused_cookies(balancer, 1) == 2 &&
          sb_balancer_refused_cookies(same, 1) == 2);
    CHECK(sb_balancer_refused_cookies(other, 1) == 0);
    for (fault = 0; fault < 40; ++fault)
        CHECK(fault == 1 || sb_balancer_refused_cookies(balancer, fault) == 0);
    CHECK(sb_balancer_refused_cookies(balancer, (uint32_t)-1) == 0);
    sb_balancer_destroy(other);
    sb_balancer_destroy(same);
}

/* What is written is what is expected, in a buffer of every size. */
typedef sb_status (*writer)(const char *text, char *out, size_t *len);
static int writes(writer write, const char *text, const char *expected)
{
    const size_t needed = strlen(expected);
    int good = 1;
    size_t size, len;
    for (size = 0; size <= needed + 1; ++size) {
        char out[256];
        memset(out, '#', sizeof(out));
        len = size;
        good &= write(text, out, &len) == (size < needed ? SB_BUFFER_TOO_SMALL : SB_OK);
        good &= len == needed && out[size] == '#';
        good &= size < needed || memcmp(out, expected, needed) == 0;
    }
    return good;
}

static sb_status write_member_cookies(const char *text, char *out, size_t *len)
{
    return sb_balancer_member_cookies(balancer, str(text), out, len);
}
static sb_status write_edited_cookie(const char *text, char *out, size_t *len)
{
    const sb_pick pick = empty_pick();
    return sb_balancer_edited_cookie(balancer, &pick, str(text), str("a"), now_us, out, len);
}
static sb_status write_expired_cookie(const char *is_secure, char *out, size_t *len)
{
    return sb_balancer_expired_cookie(balancer, is_secure != NULL, out, len);
}
static sb_status write_private(const char *text, char *out, size_t *len)
{
    return sb_private_cache_control(str(text), out, len);
}

static int is_not_found(writer write, const char *text)
{
    char out[64];
    size_t len = sizeof(out);
    return write(text, out, &len) == SB_NOT_FOUND && len == sizeof(out);
}

static void the_member_does_not_see_what_is_hidden_from_it(void)
{
    sb_settings settings = plain_settings();
    CHECK(is_not_found(write_member_cookies, "x=1; ROUTEID=.a"));
    settings.cookie_indirect = 1;
    CHECK(configure(settings) == SB_OK);
    CHECK(writes(write_member_cookies, "x=1; ROUTEID=.a; y=2", "x=1; y=2"));
    CHECK(writes(write_member_cookies, "ROUTEID=.a", ""));
    CHECK(is_not_found(write_member_cookies, "x=1; y=2") && is_not_found(write_member_cookies, ""));
    settings.cookie_mode = SB_COOKIE_PREFIX;
    CHECK(configure(settings) == SB_OK);
    CHECK(writes(write_member_cookies, "x=1; ROUTEID=a~123", "x=1; ROUTEID=123"));
    CHECK(is_not_found(write_member_cookies, "x=1; ROUTEID=123"));
}

static void the_applications_cookie_is_edited(void)
{
    sb_settings settings = plain_settings();
    const sb_pick pick = empty_pick();
    char out[64];
    size_t len = sizeof(out);
    CHECK(is_not_found(write_edited_cookie, "ROUTEID=1"));
    settings.cookie_mode = SB_COOKIE_PREFIX;
    CHECK(configure(settings) == SB_OK);
    CHECK(writes(write_edited_cookie, "ROUTEID=\"1\"; path=/", "ROUTEID=\"a~1\"; path=/"));
    settings.cookie_mode = SB_COOKIE_REWRITE;
    CHECK(configure(settings) == SB_OK);
    CHECK(writes(write_edited_cookie, "ROUTEID=\"1\"; path=/", "ROUTEID=.a; path=/"));
    CHECK(sb_balancer_edited_cookie(balancer, &pick, str("ROUTEID=1"), str(""), now_us, out,
                                    &len) == SB_NOT_FOUND);
    CHECK(sb_balancer_edited_cookie(balancer, &pick, str("ROUTEID=1"), str("a;b"), now_us, out,
                                    &len) == SB_NOT_FOUND);
    CHECK(is_not_found(write_expired_cookie, NULL));
}

static void a_cookie_is_made_to_be_forgotten(void)
{
    sb_settings settings = plain_settings();
    CHECK(writes(write_expired_cookie, NULL,
                 "ROUTEID=; path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; HttpOnly; "
                 "SameSite=Lax"));
    settings.cookie_path = str("/app");
    settings.cookie_domain = str("example.org");
    settings.cookie_max_age_s = 3600;
    settings.cookie_same_site = SB_SAME_SITE_OFF;
    settings.cookie_partitioned = 1;
    CHECK(configure(settings) == SB_OK);
    CHECK(writes(write_expired_cookie, "secure",
                 "ROUTEID=; path=/app; domain=example.org; Expires=Thu, 01 Jan 1970 00:00:01 GMT; "
                 "Max-Age=0; HttpOnly; Partitioned; Secure"));
}

static void caches_are_told_that_an_answer_is_private(void)
{
    CHECK(writes(write_private, "", "private"));
    CHECK(writes(write_private, "public, max-age=60", "private, max-age=60"));
}

static int plans(const sb_pick *pick, const sb_answer *answer, uint32_t ours, uint32_t application,
                 int makes_private, char letter)
{
    sb_answer_plan plan = empty_plan();
    return sb_balancer_plan_answer(balancer, pick, answer, &plan) == SB_OK && plan.ours == ours &&
           plan.application == application && (plan.makes_private != 0) == makes_private &&
           plan.letter == letter && plan.struct_size == sizeof(plan);
}

static void an_answer_is_planned_by_pick_facts_and_settings(void)
{
    sb_settings settings = plain_settings();
    sb_answer answer = plain_answer();
    sb_pick pick = empty_pick();
    CHECK(plans(&pick, &answer, SB_OURS_NONE, SB_ITS_PASS, 0, 'N'));
    pick.binds_client = pick.wants_cookie = 1;
    pick.cookie_state = 'N';
    CHECK(plans(&pick, &answer, SB_OURS_BIND, SB_ITS_PASS, 0, 'I'));
    answer.sets_our_cookie = 1;
    pick.cookie_state = 'V';
    CHECK(plans(&pick, &answer, SB_OURS_BIND, SB_ITS_DROP, 0, 'U'));
    answer.cache_control = str("max-age=60");
    CHECK(plans(&pick, &answer, SB_OURS_NONE, SB_ITS_DROP, 0, 'D'));
    answer.is_release = 1;
    CHECK(plans(&pick, &answer, SB_OURS_EXPIRE, SB_ITS_DROP, 1, 'D'));
    answer.is_get_or_head = 0;
    CHECK(plans(&pick, &answer, SB_OURS_EXPIRE, SB_ITS_DROP, 0, 'D'));

    settings.cookie_no_cache = SB_NO_CACHE_MARK;
    settings.cookie_post_only = 1;
    CHECK(configure(settings) == SB_OK);
    answer = plain_answer();
    CHECK(plans(&pick, &answer, SB_OURS_NONE, SB_ITS_PASS, 0, 'N'));
    answer.is_post = 1;
    CHECK(plans(&pick, &answer, SB_OURS_BIND, SB_ITS_PASS, 0, 'U'));
    answer.expires = SB_EXPIRES_PAST;
    CHECK(plans(&pick, &answer, SB_OURS_BIND, SB_ITS_PASS, 1, 'U'));
    answer.expires = SB_EXPIRES_NONE;
    answer.status = 200;
    CHECK(plans(&pick, &answer, SB_OURS_BIND, SB_ITS_PASS, 1, 'U'));
    settings.cookie_no_cache = SB_NO_CACHE_OFF;
    CHECK(configure(settings) == SB_OK);
    answer.expires = SB_EXPIRES_FUTURE;
    CHECK(plans(&pick, &answer, SB_OURS_BIND, SB_ITS_PASS, 0, 'U'));

    answer.sets_our_cookie = 1;
    settings.cookie_preserve = 1;
    CHECK(configure(settings) == SB_OK);
    CHECK(plans(&pick, &answer, SB_OURS_NONE, SB_ITS_PASS, 0, 'P'));
    settings = plain_settings();
    settings.cookie_mode = SB_COOKIE_REWRITE;
    CHECK(configure(settings) == SB_OK);
    CHECK(plans(&pick, &answer, SB_OURS_NONE, SB_ITS_EDIT, 0, 'R'));
    pick.binds_client = 0;
    CHECK(plans(&pick, &answer, SB_OURS_NONE, SB_ITS_PASS, 0, 'N'));
}

static const test own_tests[] = {
    numbers_are_for_ever,
    structs_begin_with_their_size,
    words_are_those_of_the_header,
    faults_have_names_from_1_to_8,
    a_set_cookie_line_sets_one_name,
    what_a_set_cookie_line_says_of_its_cookie,
    a_value_is_found_by_its_name,
    keys_are_sixteen_at_most_and_can_be_told_apart,
    a_balancer_that_was_never_configured_picks_nobody,
    a_change_is_seen_by_everybody_who_shares_the_region,
    a_fact_is_news_for_the_first_who_says_it,
    settings_that_are_not_known_are_refused_and_the_old_ones_stay,
    a_request_or_an_answer_of_unknown_size_is_refused,
    a_cookie_for_a_pick_of_unknown_size_is_refused,
    a_pick_tells_who_and_why,
    a_pick_hears_the_url_and_the_administrator,
    members_that_failed_the_request_and_those_that_failed_before_are_told_apart,
    members_that_take_new_clients_are_counted,
    a_failed_member_is_tried_by_one,
    clients_of_a_standby_go_home_as_it_says,
    a_member_that_learns_not_binds_nobody,
    forbidden_failover_and_unbound_requests_of_the_host,
    a_client_of_a_member_that_is_down,
    a_client_of_a_member_that_drains,
    what_was_configured_is_copied,
    a_cookie_says_what_the_settings_say,
    a_cookie_that_cannot_be_said_is_not_found,
    a_buffer_that_is_too_small_learns_the_size_needed,
    a_sealed_cookie_is_good_for_its_keys_and_its_balancer,
    opaque_cookies_name_a_member_and_no_two_are_the_same,
    a_cookie_ages_as_the_settings_say,
    refused_cookies_are_counted_once_a_request_for_all_processes,
    the_member_does_not_see_what_is_hidden_from_it,
    the_applications_cookie_is_edited,
    a_cookie_is_made_to_be_forgotten,
    caches_are_told_that_an_answer_is_private,
    an_answer_is_planned_by_pick_facts_and_settings,
    NULL,
};

static unsigned run(const test *tests)
{
    unsigned count = 0;
    for (; tests[count] != NULL; ++count) {
        set_up();
        tests[count]();
        tear_down();
    }
    return count;
}

int main(void)
{
    const unsigned count = run(own_tests) + run(region_tests) + run(attempt_tests) +
                           run(check_tests) + run(count_tests) + run(session_tests) +
                           run(table_tests) + run(retry_tests) + run(pin_tests);
    printf("%u tests, %d failed checks\n", count, failures);
    return failures == 0 ? 0 : 1;
}
