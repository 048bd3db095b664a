/* SPDX-License-Identifier: Apache-2.0
 *
 * The region, its blocks, processes and members.
 */
#include <stdlib.h>

#include "test/abi/c_abi.h"

static const uint64_t random_words[2] = {3, 5};

static sb_status open_part(size_t size_bytes, sb_region **out)
{
    const char *why = "untouched";
    const sb_status status = sb_region_open(memory, size_bytes, out, &why);
    CHECK((status == SB_OK) == (why == NULL));
    return status;
}

static void a_region_is_formatted_and_checked(void)
{
    static const sb_geometry impossible[] = {{0, 1}, {1, 0}, {65537, 1}, {1, 16385}, {1, 65537}};
    const size_t size = sb_region_size(&geometry);
    sb_region *opened = NULL;
    const char *why = NULL;
    size_t i;
    CHECK(size == 192 + 1024 + 64 * PROCESSES + 64 * PROCESSES * WAITERS);
    memset(memory, 0, sizeof(memory));
    CHECK(sb_region_open(memory, sizeof(memory), &opened, &why) == SB_LAYOUT_MISMATCH);
    CHECK(why != NULL && strcmp(why, "foreign") == 0);
    CHECK(opened == NULL); /* outputs are written only on SB_OK */
    CHECK(sb_region_format(memory, size - 1, &geometry, random_words) == SB_INVALID_ARGUMENT);
    CHECK(sb_region_format(memory + 1, size, &geometry, random_words) == SB_INVALID_ARGUMENT);
    for (i = 0; i < sizeof(impossible) / sizeof(impossible[0]); ++i)
        CHECK(sb_region_format(memory, sizeof(memory), &impossible[i], random_words) ==
              SB_INVALID_ARGUMENT);
    CHECK(sb_region_format(memory, size, &geometry, random_words) == SB_OK);
    CHECK(open_part(size - 1, &opened) == SB_LAYOUT_MISMATCH && opened == NULL);
    CHECK(open_part(size, &opened) == SB_OK);
    CHECK(sb_region_used(opened) == size);
    CHECK(sb_region_geometry(opened).process_count == PROCESSES);
    CHECK(sb_region_geometry(opened).waiter_count == WAITERS);
    sb_region_close(opened);
}

static void identities_are_those_of_the_text(void)
{
    const sb_identity a = sb_identity_of(str("http://a:1")), b = sb_identity_of(str("http://b:1"));
    const sb_identity again = sb_identity_of(str("http://a:1"));
    CHECK(a.high == again.high && a.low == again.low && a.high != b.high && a.low != b.low);
}

static void a_block_is_made_once_and_found_again(void)
{
    const size_t before = sb_region_used(region), more = sb_block_size(&geometry, CAPACITY);
    const sb_identity own = sb_identity_of(str("balancer://app")), nobody = {0, 0};
    uint64_t found = 7;
    CHECK(sb_block_size(&geometry, CAPACITY + 1) > more);
    CHECK(sb_region_claim_block(region, own, CAPACITY, &found) == SB_OK && found == block);
    CHECK(sb_region_used(region) == before);
    CHECK(other_block() != block && other_block() == other_block());
    CHECK(sb_region_used(region) == before + more);
    found = 7;
    CHECK(sb_region_claim_block(region, nobody, CAPACITY, &found) == SB_INVALID_ARGUMENT);
    CHECK(sb_region_claim_block(region, own, 0, &found) == SB_INVALID_ARGUMENT);
    CHECK(sb_region_claim_block(region, own, 65537, &found) == SB_INVALID_ARGUMENT);
    CHECK(found == 7);
}

static void a_block_without_room_is_made_in_a_larger_mapping(void)
{
    const size_t used = sb_region_used(region), more = sb_block_size(&geometry, CAPACITY);
    const sb_identity third = sb_identity_of(str("balancer://third"));
    uint64_t found = 7;
    sb_region *part = NULL;
    CHECK(open_part(used + more - 1, &part) == SB_OK);
    CHECK(sb_region_claim_block(part, third, CAPACITY, &found) == SB_NO_MEMORY && found == 7);
    sb_region_close(part);
    CHECK(open_part(used + more, &part) == SB_OK);
    CHECK(sb_region_claim_block(part, third, CAPACITY, &found) == SB_OK && found == used);
    sb_region_close(part);
}

static sb_status claim(const char *url, uint32_t *place)
{
    return sb_member_claim(region, block, sb_identity_of(str(url)), place);
}

static void a_block_with_too_few_places_gives_way_to_a_larger_one(void)
{
    const sb_identity own = sb_identity_of(str("balancer://app"));
    const size_t used = sb_region_used(region), more = sb_block_size(&geometry, 9);
    const uint64_t small = block;
    uint64_t found = 7;
    uint32_t place = 9, dropped = 9;
    sb_region *part = NULL;
    sb_member_config now;
    sb_merge merge;
    memset(&now, 0, sizeof(now));
    now.weight = 100;
    CHECK(sb_member_configure(region, block, members[1].place, &now, &merge) == SB_OK);
    now.weight = 300;
    CHECK(sb_member_remember(region, block, members[1].place, &now, SB_READY, 0, str(""), now_us) ==
          SB_OK);
    CHECK(open_part(used + more - 1, &part) == SB_OK);
    CHECK(sb_region_claim_block(part, own, 9, &found) == SB_NO_MEMORY && found == 7);
    sb_region_close(part);
    CHECK(sb_region_claim_block(region, own, 9, &block) == SB_OK && block != small);
    CHECK(sb_region_claim_block(region, own, CAPACITY, &found) == SB_OK && found == block);
    CHECK(sb_member_claim(region, block, sb_identity_of(str("b")), &place) == SB_OK && place < 9);
    now.weight = 100;
    CHECK(sb_member_configure(region, block, place, &now, &merge) == SB_OK);
    CHECK(merge.kept == SB_FIELD_WEIGHT && merge.in_force.weight == 300);
    /* The balancer that is configured goes on with the block it has. */
    CHECK(configure(plain_settings()) == SB_OK);
    /* Somebody else's, when nobody can use it any more. */
    CHECK(other_block() != small);
    CHECK(sb_region_restart(region, &dropped) == SB_OK && dropped == 0);
    CHECK(sb_region_claim_block(region, sb_identity_of(str("balancer://third")), CAPACITY,
                                &found) == SB_OK &&
          found == small);
}

static void a_region_of_another_geometry_takes_over_what_outlives_processes(void)
{
    const sb_identity own = sb_identity_of(str("balancer://app"));
    const sb_geometry larger = {8 * PROCESSES, 3 * WAITERS};
    const size_t needed = sb_region_size_for(&larger, region);
    unsigned char *fresh = aligned_alloc(64, needed);
    sb_region *moved = NULL;
    sb_member_config now;
    sb_merge merge;
    char url[64];
    size_t len = sizeof(url);
    const char *why = NULL;
    uint64_t found = 7;
    uint32_t added = 9, place = 9;
    CHECK(fresh != NULL && needed % 64 == 0);
    CHECK(needed == sb_region_size(&larger) + sb_block_size(&larger, CAPACITY));
    memset(fresh, 0, needed);
    memset(&now, 0, sizeof(now));
    now.weight = 100;
    CHECK(sb_member_configure(region, block, members[1].place, &now, &merge) == SB_OK);
    now.weight = 300;
    CHECK(sb_member_remember(region, block, members[1].place, &now, SB_DRAIN, 0, str(""), now_us) ==
          SB_OK);
    CHECK(claim("added", &added) == SB_OK);
    CHECK(sb_member_remember(region, block, added, &now, SB_READY, 0, str("http://added"),
                             now_us) == SB_OK);
    CHECK(sb_region_format(fresh, needed, &larger, random_words) == SB_OK);

    CHECK(sb_region_open(fresh, needed - 64, &moved, &why) == SB_OK);
    CHECK(sb_region_carry_over(region, moved) == SB_NO_MEMORY);
    sb_region_close(moved);
    CHECK(sb_region_open(fresh, needed, &moved, &why) == SB_OK);
    CHECK(sb_region_carry_over(region, moved) == SB_OK);
    CHECK(sb_region_used(moved) == needed);
    CHECK(sb_region_geometry(moved).process_count == 8 * PROCESSES);
    CHECK(sb_region_claim_block(moved, own, CAPACITY, &found) == SB_OK);
    CHECK(sb_member_claim(moved, found, sb_identity_of(str("b")), &place) == SB_OK);
    now.weight = 100;
    CHECK(sb_member_configure(moved, found, place, &now, &merge) == SB_OK);
    CHECK(merge.kept == SB_FIELD_WEIGHT && merge.in_force.weight == 300);
    CHECK(sb_member_added(moved, found, 0, url, &len, &now) == SB_OK);
    CHECK(len == 12 && memcmp(url, "http://added", 12) == 0);
    sb_region_close(moved);
    free(fresh);
}

static void members_that_nobody_names_any_more_make_room(void)
{
    static const char *const names[] = {"b", "busy", "e", "added"};
    sb_identity kept[2], there[8];
    sb_member_config config;
    sb_waiting waiting;
    uint32_t added = 9, busy = 9, place = 9, released = 9;
    sb_entry entry;
    memset(&config, 0, sizeof(config));
    kept[0] = sb_identity_of(str("z")); /* it has no place */
    kept[1] = sb_identity_of(str("b"));
    CHECK(claim("added", &added) == SB_OK && claim("busy", &busy) == SB_OK);
    CHECK(sb_member_remember(region, block, added, &config, SB_READY, 0, str("added"), now_us) ==
          SB_OK);
    entry = sb_balancer_enter(balancer, busy, 0, now_us, &waiting);
    CHECK(claim("e", &place) == SB_NO_MEMORY);
    CHECK(sb_member_keep(region, block + 64, kept, 2, &released) == SB_NOT_FOUND && released == 9);
    CHECK(sb_member_keep(region, block, kept, 2, &released) == SB_OK && released == 1); /* a */
    CHECK(claim("e", &place) == SB_OK && place == members[0].place);
    CHECK(claim("b", &place) == SB_OK && place == members[1].place);
    CHECK(claim("added", &place) == SB_OK && place == added);
    CHECK(claim("busy", &place) == SB_OK && place == busy);
    for (place = 0; place < 4; ++place) /* in any order */
        there[place] = there[7 - place] = sb_identity_of(str(names[place]));
    CHECK(sb_member_keep(region, block, there, 4, &released) == SB_OK && released == 0);
    CHECK(sb_member_keep(region, block, there + 4, 4, &released) == SB_OK && released == 0);
    sb_balancer_end(balancer, &entry.attempt, 0, 0, now_us);
    CHECK(sb_member_keep(region, block, there, 4, &released) == SB_OK && released == 0);
    CHECK(sb_member_keep(region, block, there + 4, 4, &released) == SB_OK && released == 0);
    CHECK(sb_member_keep(region, block, NULL, 0, &released) == SB_OK && released == 3);
    CHECK(claim("added", &place) == SB_OK && place == added);
}

static void members_that_were_added_and_removed_make_room(void)
{
    sb_member_config config;
    sb_waiting waiting;
    sb_merge merge;
    uint32_t added = 9, removed = 9, place = 9, released = 9;
    sb_entry entry;
    memset(&config, 0, sizeof(config));
    for (place = 0; place < 2; ++place)
        CHECK(sb_member_configure(region, block, members[place].place, &config, &merge) == SB_OK);
    CHECK(claim("added", &added) == SB_OK && claim("removed", &removed) == SB_OK);
    CHECK(sb_member_remember(region, block, added, &config, SB_READY, 0, str("added"), now_us) ==
          SB_OK);
    entry = sb_balancer_enter(balancer, removed, 0, now_us, &waiting);
    CHECK(sb_member_release_removed(region, block + 64, &released) == SB_NOT_FOUND &&
          released == 9);
    CHECK(sb_member_release_removed(region, block, &released) == SB_OK && released == 0);
    sb_balancer_end(balancer, &entry.attempt, 0, 0, now_us);
    CHECK(claim("e", &place) == SB_NO_MEMORY);
    CHECK(sb_member_release_removed(region, block, &released) == SB_OK && released == 1);
    CHECK(claim("e", &place) == SB_OK && place == removed);
    CHECK(claim("added", &place) == SB_OK && place == added);
    CHECK(claim("b", &place) == SB_OK && place == members[1].place);
}

static void a_process_has_a_slot_until_it_is_reclaimed(void)
{
    uint32_t slot = 9, again = 9;
    sb_wakes wakes;
    CHECK(sb_region_process(region, process) == PID);
    CHECK(sb_region_claim_process(region, 0, now_us, &slot) == SB_INVALID_ARGUMENT && slot == 9);
    CHECK(sb_region_claim_process(region, OTHER_PID, now_us, &slot) == SB_OK && slot != process);
    CHECK(sb_region_process(region, slot) == OTHER_PID);
    CHECK(sb_region_claim_process(region, 1002, now_us, &again) == SB_BUSY && again == 9);
    memset(&wakes, 0xFF, sizeof(wakes));
    sb_region_reclaim_process(region, OTHER_PID, &wakes);
    CHECK(wakes.count == 0 && sb_region_process(region, slot) == 0);
    sb_region_reclaim_process(region, OTHER_PID, &wakes);
    sb_region_reclaim_process(region, 0, &wakes);
    CHECK(sb_region_process(region, process) == PID);
    CHECK(sb_region_claim_process(region, 1002, now_us, &again) == SB_OK && again == slot);
    CHECK(sb_region_process(region, PROCESSES) == 0 && sb_region_process(region, 0xFFFFFFFF) == 0);
}

static void a_member_has_one_place_over_restarts(void)
{
    const sb_identity nobody = {0, 0};
    uint32_t third = 9, fourth = 9, again = 9;
    CHECK(claim("http://c:1", &third) == SB_OK && claim("http://d:1", &fourth) == SB_OK);
    CHECK(third < CAPACITY && fourth < CAPACITY && third != fourth);
    CHECK(third != members[0].place && third != members[1].place);
    CHECK(claim("http://e:1", &again) == SB_NO_MEMORY && again == 9);
    CHECK(sb_member_claim(region, block, nobody, &again) == SB_INVALID_ARGUMENT);
    CHECK(sb_member_claim(region, block + 64, sb_identity_of(str("x")), &again) == SB_NOT_FOUND);
    CHECK(again == 9);
    stop_and_restart();
    CHECK(claim("http://d:1", &again) == SB_OK && again == fourth);
    CHECK(claim("http://c:1", &again) == SB_OK && again == third);
}

static sb_member_config config_of(uint32_t weight, const char *route)
{
    sb_member_config config;
    memset(&config, 0, sizeof(config));
    config.weight = weight;
    config.state_bits = UP;
    strcpy(config.route, route);
    return config;
}

static sb_merge configured(sb_member_config now)
{
    sb_merge merge;
    memset(&merge, 0xFF, sizeof(merge));
    CHECK(sb_member_configure(region, block, members[0].place, &now, &merge) == SB_OK);
    return merge;
}

static sb_status remember(uint32_t place, sb_member_config in_force, const char *url)
{
    return sb_member_remember(region, block, place, &in_force, SB_READY, 0, str(url), now_us);
}

static void what_an_operator_set_is_kept_until_the_configuration_changes(void)
{
    sb_member_config changed = config_of(500, "a");
    sb_merge merge = configured(config_of(100, "a"));
    CHECK(merge.kept == 0 && merge.overridden == 0 && merge.in_force.weight == 100);
    CHECK(strcmp(merge.in_force.route, "a") == 0 && merge.in_force.state_bits == UP);
    changed.state_bits = UP | DRAIN;
    strcpy(changed.redirect, "b");
    CHECK(sb_member_remember(region, block, members[0].place, &changed, SB_DRAIN, 0, str(""),
                             now_us) == SB_OK);

    stop_and_restart();
    merge = configured(config_of(100, "a"));
    CHECK(merge.kept == (SB_FIELD_WEIGHT | SB_FIELD_STATE | SB_FIELD_REDIRECT));
    CHECK(merge.overridden == 0 && merge.in_force.weight == 500);
    CHECK(merge.in_force.state_bits == (UP | DRAIN) && strcmp(merge.in_force.redirect, "b") == 0);

    stop_and_restart();
    merge = configured(config_of(200, "c")); /* an edit: of weight and route */
    CHECK(merge.kept == (SB_FIELD_STATE | SB_FIELD_REDIRECT));
    CHECK(merge.overridden == SB_FIELD_WEIGHT && merge.in_force.weight == 200);
    CHECK(strcmp(merge.in_force.route, "c") == 0 && merge.in_force.set == 0);
}

static void what_does_not_fit_or_is_not_there_is_not_remembered(void)
{
    sb_member_config now = config_of(100, "a");
    sb_merge merge;
    char url[513];
    uint32_t free_place = 0;
    memset(&merge, 0, sizeof(merge));
    while (free_place == members[0].place || free_place == members[1].place)
        ++free_place;
    CHECK(sb_member_configure(region, block, free_place, &now, &merge) == SB_NOT_FOUND);
    CHECK(sb_member_configure(region, block, CAPACITY, &now, &merge) == SB_NOT_FOUND);
    CHECK(sb_member_configure(region, block + 64, 0, &now, &merge) == SB_NOT_FOUND);
    CHECK(remember(free_place, now, "") == SB_NOT_FOUND);
    CHECK(sb_member_remember(region, block, members[0].place, &now, (sb_requested)3, 0, str(""),
                             now_us) == SB_INVALID_ARGUMENT);
    memset(url, 'u', sizeof(url) - 1);
    url[512] = '\0';
    CHECK(remember(members[0].place, now, url) == SB_INVALID_ARGUMENT);
    url[511] = '\0';
    CHECK(remember(members[0].place, now, url) == SB_OK);
    memset(now.route, 'r', sizeof(now.route)); /* without its NUL: one byte too many */
    CHECK(remember(members[0].place, now, "") == SB_INVALID_ARGUMENT);
    CHECK(sb_member_configure(region, block, members[0].place, &now, &merge) ==
          SB_INVALID_ARGUMENT);
    CHECK(merge.in_force.weight == 0);
}

static sb_status added(uint32_t index, char *url, size_t size, size_t *len, uint32_t *weight)
{
    sb_member_config in_force;
    sb_status status;
    memset(&in_force, 0, sizeof(in_force));
    *len = size;
    status = sb_member_added(region, block, index, url, len, &in_force);
    *weight = in_force.weight;
    return status;
}

static void members_that_an_operator_added_are_found_again(void)
{
    char url[64];
    size_t len;
    uint32_t place, weight;
    sb_merge merge;
    sb_member_config now = config_of(100, "c");
    CHECK(added(0, url, sizeof(url), &len, &weight) == SB_NOT_FOUND && len == sizeof(url));
    CHECK(claim("http://c:1", &place) == SB_OK);
    CHECK(remember(place, config_of(300, "c"), "http://c:1") == SB_OK);
    stop_and_restart();
    CHECK(added(1, url, sizeof(url), &len, &weight) == SB_NOT_FOUND);
    CHECK(added(0, url, 9, &len, &weight) == SB_BUFFER_TOO_SMALL && len == 10 && weight == 0);
    CHECK(added(0, url, 10, &len, &weight) == SB_OK && len == 10 && weight == 300);
    CHECK(memcmp(url, "http://c:1", 10) == 0);

    /* The administrator writes it down: it is no longer an addition. */
    CHECK(sb_member_configure(region, block, place, &now, &merge) == SB_OK);
    CHECK(merge.in_force.weight == 100 && merge.kept == 0);
    CHECK(added(0, url, sizeof(url), &len, &weight) == SB_NOT_FOUND);
    CHECK(sb_member_added(region, block + 64, 0, url, &len, &now) == SB_NOT_FOUND);
}

static void a_record_that_was_damaged_is_dropped_and_counted(void)
{
    uint32_t dropped = 9, place = 9;
    size_t i;
    sb_region *opened = NULL;
    configured(config_of(100, "thisroute"));
    for (i = 0; memcmp(memory + block + i, "thisroute", 9) != 0;)
        ++i;
    memory[block + i] = 'T';
    CHECK(open_part(sizeof(memory), &opened) == SB_OK);
    CHECK(sb_region_restart(opened, &dropped) == SB_OK && dropped == 1);
    CHECK(sb_region_process(opened, process) == 0);
    CHECK(sb_region_restart(opened, &dropped) == SB_OK && dropped == 0);
    CHECK(claim("http://a:1", &place) == SB_OK && place < CAPACITY);
    sb_region_close(opened);
}

static void a_balancer_needs_a_block_and_a_claimed_slot(void)
{
    sb_balancer *none = NULL;
    CHECK(sb_balancer_create(region, block + 64, process, &none) == SB_NOT_FOUND);
    CHECK(sb_balancer_create(region, 0, process, &none) == SB_NOT_FOUND);
    CHECK(sb_balancer_create(region, block, PROCESSES, &none) == SB_NOT_FOUND);
    CHECK(sb_balancer_create(region, block, 1 - process, &none) == SB_NOT_FOUND);
    CHECK(none == NULL);
}

const test region_tests[] = {
    a_region_is_formatted_and_checked,
    identities_are_those_of_the_text,
    a_block_is_made_once_and_found_again,
    a_block_without_room_is_made_in_a_larger_mapping,
    a_block_with_too_few_places_gives_way_to_a_larger_one,
    a_region_of_another_geometry_takes_over_what_outlives_processes,
    members_that_nobody_names_any_more_make_room,
    members_that_were_added_and_removed_make_room,
    a_process_has_a_slot_until_it_is_reclaimed,
    a_member_has_one_place_over_restarts,
    what_an_operator_set_is_kept_until_the_configuration_changes,
    what_does_not_fit_or_is_not_there_is_not_remembered,
    members_that_an_operator_added_are_found_again,
    a_record_that_was_damaged_is_dropped_and_counted,
    a_balancer_needs_a_block_and_a_claimed_slot,
    NULL,
};
