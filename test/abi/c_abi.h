/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of this program share: checks, and a region with one balancer that has members 11 (route a)
 * and 22 (route b), made again for each test.
 */
#ifndef SB_TEST_ABI_C_ABI_H
#define SB_TEST_ABI_C_ABI_H
#include "core/include/stickybalancer/stickybalancer.h"

#include <string.h>

/* A check that fails says where, and the program goes on. */
void check(int is_true, const char *what, const char *file, int line);
#define CHECK(condition) check((condition) != 0, #condition, __FILE__, __LINE__)

sb_str str(const char *text);
int is_str(sb_str text, const char *expected);

enum { MEMBERS = 2, CAPACITY = 4, PROCESSES = 2, WAITERS = 2 };
enum { UP = 1, STOPPED = 2, ERROR = 4, DRAIN = 8, STANDBY = 16, CHECK_FAILED = 32 };
enum { PID = 1000, OTHER_PID = 1001 };
enum { MEMORY = 1 << 20 }; /* bytes: room for a few blocks */
extern const sb_time_us now_us;
extern const sb_geometry geometry;

extern unsigned char memory[MEMORY];
extern sb_region *region;
extern uint64_t block;
extern uint32_t process; /* PID's */
extern uint32_t states[MEMBERS];
extern sb_time_us failed_at_us[MEMBERS];
extern int64_t retry_us[MEMBERS];
extern sb_member members[MEMBERS];
extern sb_balancer *balancer;
extern sb_key keys[SB_KEYS_MAX + 1]; /* k0, k1 and so on */

sb_settings plain_settings(void);
sb_request plain_request(void);
sb_pick empty_pick(void);
sb_status configure(sb_settings settings);
/* Another balancer in the region, and its block. */
uint64_t other_block(void);
/* The host has stopped, and finds the region again. Without a balancer. */
void stop_and_restart(void);

typedef void (*test)(void);
extern const test region_tests[], attempt_tests[], check_tests[], count_tests[], session_tests[],
    table_tests[], retry_tests[], pin_tests[]; /* NULL ends them */

#endif
