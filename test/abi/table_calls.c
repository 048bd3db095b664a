/* SPDX-License-Identifier: Apache-2.0
 *
 * Session tables: a table's life, and a session's.
 */
#include "test/abi/c_abi.h"

#include <stdlib.h>

enum { SESSIONS = 100, SECOND = 1000000 };
static const sb_identity owner = {7, 11};
static const int64_t expire_us = (int64_t)160 * SECOND;

static void *table_memory(uint64_t sessions)
{
    const size_t size = (sb_table_size(sessions) + 4095) / 4096 * 4096;
    void *bytes = aligned_alloc(4096, size);
    CHECK(bytes != NULL);
    memset(bytes, 0, size);
    return bytes;
}

static sb_table *open_table(void *bytes, uint64_t sessions)
{
    sb_table *table = NULL;
    size_t needed = 0;
    const char *why = "";
    CHECK(sb_table_open(bytes, sb_table_size(sessions), owner, &table, &needed, &why) == SB_OK);
    CHECK(why == NULL && table != NULL);
    return table;
}

static sb_table *new_table(void *bytes, uint64_t sessions)
{
    const uint64_t random[2] = {3, 5};
    CHECK(sb_table_format(bytes, sb_table_size(sessions), sessions, owner, random) == SB_OK);
    return open_table(bytes, sessions);
}

static void use_table(sb_table *table, sb_table *earlier)
{
    sb_settings settings = plain_settings();
    settings.table_expire_us = expire_us;
    sb_balancer_use_table(balancer, table, earlier);
    CHECK(configure(settings) == SB_OK);
}

static sb_session session_of(const char *key)
{
    sb_session session = {0, 0};
    CHECK(sb_balancer_session(balancer, 0, str(key), &session) == SB_OK);
    return session;
}

static sb_pick pick_for(const sb_session *session)
{
    sb_request request = plain_request();
    sb_pick pick = empty_pick();
    request.sessions = session;
    request.session_count = 1;
    CHECK(sb_balancer_pick(balancer, &request, &pick) == SB_OK);
    return pick;
}

static void a_session_is_at_the_member_that_answered_it(void)
{
    void *bytes = table_memory(SESSIONS);
    sb_table *table = new_table(bytes, SESSIONS);
    sb_session mine;
    sb_session_info info;
    sb_table_numbers numbers;
    int i;
    use_table(table, NULL);
    mine = session_of("a session's key");
    CHECK(sb_balancer_learn(balancer, &mine, members[1].place, SB_LEARN_NOT, now_us) ==
          SB_NOT_FOUND);
    CHECK(sb_balancer_learn(balancer, &mine, members[1].place, SB_LEARN_FROM_RESPONSE, now_us) ==
          SB_OK);
    for (i = 0; i < 4; ++i) {
        const sb_pick pick = pick_for(&mine);
        CHECK(pick.handle == 22 && pick.cause == SB_CAUSE_TABLE && pick.session == 1);
    }
    memset(&info, 0, sizeof(info));
    info.struct_size = sizeof(info);
    CHECK(sb_balancer_keep_session(balancer, &mine, now_us + 100 * SECOND) == SB_OK);
    CHECK(sb_balancer_find_session(balancer, &mine, now_us, &info) == SB_OK);
    CHECK(info.handle == 22 && info.requests == 1 && info.is_application != 0);
    CHECK(info.used_us == now_us + 100 * SECOND && info.expires_us == info.used_us + expire_us);
    CHECK(sb_balancer_forget_session(balancer, &mine) == SB_OK);
    CHECK(pick_for(&mine).cause != SB_CAUSE_TABLE);
    memset(&numbers, 0, sizeof(numbers));
    numbers.struct_size = sizeof(numbers);
    CHECK(sb_table_count(table, &numbers) == SB_OK);
    CHECK(numbers.sessions == 0 && numbers.learned == 1 && numbers.damaged == 0);
    CHECK(sb_table_upkeep(table, expire_us, now_us) == 0);
    sb_balancer_destroy(balancer);
    balancer = NULL;
    CHECK(sb_balancer_create(region, block, process, &balancer) == SB_OK);
    sb_table_close(table);
    free(bytes);
}

static void a_table_outlives_its_handle_and_may_change_its_size(void)
{
    void *bytes = table_memory(SESSIONS), *more_bytes = table_memory(4 * SESSIONS);
    sb_table *table = new_table(bytes, SESSIONS), *larger;
    sb_session mine;
    uint64_t moved = 0, left_out = 0;
    use_table(table, NULL);
    mine = session_of("a session's key");
    CHECK(sb_balancer_learn(balancer, &mine, members[1].place, SB_LEARN_FROM_REQUEST, now_us) ==
          SB_OK);
    sb_table_close(table);
    table = open_table(bytes, SESSIONS);
    CHECK(sb_table_restart(table) == SB_OK);
    CHECK(sb_table_session_count(table) == SESSIONS);
    larger = new_table(more_bytes, 4 * SESSIONS);
    CHECK(sb_table_carry_over(table, larger, expire_us, now_us, &moved, &left_out) == SB_OK);
    CHECK(moved == 1 && left_out == 0);
    use_table(larger, table);
    mine = session_of("a session's key");
    CHECK(pick_for(&mine).handle == 22);
    sb_balancer_destroy(balancer);
    balancer = NULL;
    CHECK(sb_balancer_create(region, block, process, &balancer) == SB_OK);
    sb_table_close(table);
    sb_table_close(larger);
    free(bytes);
    free(more_bytes);
}

static void a_session_stays_where_it_is_unless_it_placed_the_request(void)
{
    void *bytes = table_memory(SESSIONS);
    sb_table *table = new_table(bytes, SESSIONS);
    const uint32_t a = members[0].place, b = members[1].place;
    sb_session mine;
    use_table(table, NULL);
    mine = session_of("a session's key");
    CHECK(sb_balancer_learn(balancer, &mine, b, SB_LEARN_FROM_REQUEST, now_us) == SB_OK);
    CHECK(sb_balancer_learn(balancer, &mine, a, SB_LEARN_FROM_REQUEST, now_us) == SB_NOT_FOUND);
    CHECK(sb_balancer_learn(balancer, &mine, a, SB_LEARN_NOT, now_us) == SB_NOT_FOUND);
    CHECK(pick_for(&mine).handle == 22);
    CHECK(sb_balancer_learn(balancer, &mine, a, SB_LEARN_NOT | SB_LEARN_PLACED, now_us) == SB_OK);
    CHECK(pick_for(&mine).handle == 11);
    CHECK(sb_balancer_learn(balancer, &mine, b, SB_LEARN_FROM_RESPONSE, now_us) == SB_OK);
    CHECK(pick_for(&mine).handle == 22);
    states[1] |= STOPPED;
    CHECK(sb_balancer_learn(balancer, &mine, a, SB_LEARN_FROM_REQUEST, now_us) == SB_OK);
    CHECK(pick_for(&mine).handle == 11);
    sb_balancer_destroy(balancer);
    balancer = NULL;
    CHECK(sb_balancer_create(region, block, process, &balancer) == SB_OK);
    sb_table_close(table);
    free(bytes);
}

static void a_tables_sessions_come_page_by_page(void)
{
    enum { LEARNED = 10, ROOM = 3 };
    void *bytes = table_memory(SESSIONS);
    sb_table *table = new_table(bytes, SESSIONS);
    sb_session sessions[ROOM];
    sb_session_info infos[ROOM];
    sb_session_list list;
    int seen[LEARNED] = {0};
    int i;
    memset(&list, 0, sizeof(list));
    list.struct_size = sizeof(list);
    list.room = ROOM;
    list.sessions = sessions;
    list.infos = infos;
    CHECK(sb_balancer_list_sessions(balancer, now_us, &list) == SB_NOT_FOUND); /* no table */
    use_table(table, NULL);
    for (i = 0; i < LEARNED; ++i) {
        const char key[] = {(char)('a' + i), 0};
        const sb_session session = session_of(key);
        CHECK(sb_balancer_learn(balancer, &session, members[i % 2].place, SB_LEARN_FROM_RESPONSE,
                                now_us) == SB_OK);
    }
    do {
        uint32_t at;
        CHECK(sb_balancer_list_sessions(balancer, now_us + SECOND, &list) == SB_OK);
        CHECK(list.count <= ROOM);
        for (at = 0; at < list.count; ++at)
            for (i = 0; i < LEARNED; ++i) {
                const char key[] = {(char)('a' + i), 0};
                const sb_session session = session_of(key);
                if (session.high != sessions[at].high || session.low != sessions[at].low)
                    continue;
                ++seen[i];
                CHECK(infos[at].struct_size == sizeof(sb_session_info));
                CHECK(infos[at].handle == members[i % 2].handle && infos[at].requests == 1);
                CHECK(infos[at].expires_us == now_us + expire_us && infos[at].is_application);
            }
        list.from = list.next;
    } while (list.next != 0);
    for (i = 0; i < LEARNED; ++i)
        CHECK(seen[i] == 1);
    --list.struct_size;
    CHECK(sb_balancer_list_sessions(balancer, now_us, &list) == SB_INVALID_ARGUMENT);
    sb_balancer_destroy(balancer);
    balancer = NULL;
    CHECK(sb_balancer_create(region, block, process, &balancer) == SB_OK);
    sb_table_close(table);
    free(bytes);
}

const test table_tests[] = {
    a_tables_sessions_come_page_by_page,
    a_session_stays_where_it_is_unless_it_placed_the_request,
    a_session_is_at_the_member_that_answered_it,
    a_table_outlives_its_handle_and_may_change_its_size,
    NULL,
};
