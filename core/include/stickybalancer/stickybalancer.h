/* SPDX-License-Identifier: Apache-2.0
 *
 * stickybalancer.h -- the only door into the core.
 *
 * A balancer is created once for each process over a few shared cache lines, configured with a
 * snapshot of its settings and members, and asked for a pick for each attempt of each request. What
 * is in a member's state word may change at any time; routes, weights, sets and settings change by
 * configuring again.
 *
 * Conventions, true of every call unless its comment says otherwise:
 *  (1) C11 only. Handles are opaque and typed; a pointer argument is never NULL.
 *  (2) Bytes in are sb_str: pointer and length, borrowed for the call, any byte allowed, no NUL
 *      needed. A length of 0 means "none"; the pointer may then be NULL.
 *  (3) Bytes out go to the caller's buffer: *len is its size before, the bytes written after;
 *      SB_BUFFER_TOO_SMALL leaves *len at the size needed, and the buffer's content undefined.
 *  (4) What can fail returns sb_status. Outputs are written only on SB_OK. A value, once released,
 *      keeps its number and meaning.
 *  (5) Nothing here throws, blocks on I/O, logs, aborts, reads a clock or starts a thread. Time is
 *      an argument.
 *  (6) [config]: one thread, before children exist. [child]: once per child, or kept apart by the
 *      caller's lock. [any]: any thread of any child.
 *  (7) Structs that the caller hands over begin with struct_size; SB_INVALID_ARGUMENT answers a
 *      size that this core does not know.
 */
#ifndef STICKYBALANCER_H
#define STICKYBALANCER_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
#ifdef SB_CORE_SHARED /* for other hosts; the module links the core statically */
#define SB_API __attribute__((visibility("default")))
#else
#define SB_API __attribute__((visibility("hidden")))
#endif

typedef struct sb_balancer sb_balancer;
typedef int64_t sb_time_us; /* since 1970-01-01 UTC; the same scale as apr_time_t */
typedef struct sb_str {
    const char *data;
    size_t len;
} sb_str;

typedef enum sb_status {
    SB_OK = 0,
    SB_NOT_FOUND = 1,
    SB_NO_USABLE_MEMBER = 2,
    SB_INVALID_ARGUMENT = 3,
    SB_BUFFER_TOO_SMALL = 4,
    SB_TABLE_FULL = 7, /* of sessions that may not be forgotten for this one */
    SB_LAYOUT_MISMATCH = 8,
    SB_NO_MEMORY = 9,
    SB_INTERNAL = 10,
    SB_BUSY = 11,               /* not now; what was there before is still in force */
    SB_FAILOVER_FORBIDDEN = 12, /* the client's member cannot serve, and no other may */
    SB_SESSIONS_FULL = 13 /* nothing accepts a new client, and some only for their max_sessions */
} sb_status;

/* ---- the region: what all processes share, and what outlives them (core/shm/LAYOUT.md) ----
 *
 * Memory is the caller's: it maps a file, or memory without a name, and hands it over. A new region is
 * formatted. One from earlier is restarted by whoever opens it while nobody else has it mapped. Blocks,
 * one for each balancer, are added behind; the mapping may be larger than what is used. */

typedef struct sb_region sb_region;

typedef struct sb_geometry {
    uint32_t process_count; /* processes that can serve at one time */
    uint32_t waiter_count;  /* requests of one process that can wait in queues at one time */
} sb_geometry;

/* A digest of what names a balancer, or a member: the same over restarts. */
typedef struct sb_identity {
    uint64_t high;
    uint64_t low;
} sb_identity;
SB_API sb_identity sb_identity_of(sb_str text);

/** Bytes of a region without blocks; bytes that the block of one balancer with so many places for
 *  members adds. [any] */
SB_API size_t sb_region_size(const sb_geometry *geometry);
SB_API size_t sb_block_size(const sb_geometry *geometry, uint32_t capacity);

/** Make memory an empty region. [config] It is aligned to 64 bytes, and zero. `random`: unpredictable.
 *  @return SB_INVALID_ARGUMENT  not aligned, smaller than sb_region_size(), or an impossible geometry
 *          SB_INTERNAL          the system has no robust mutexes */
SB_API sb_status sb_region_format(void *memory, size_t size_bytes, const sb_geometry *geometry,
                                  const uint64_t random[2]);

/** Check everything in the memory that leads from one place to another, and make a handle. [config]
 *  The memory outlives the handle. `*why` says in a word what is wrong, else NULL; never freed.
 *  @return SB_LAYOUT_MISMATCH  not a region, of another version, or damaged;  SB_NO_MEMORY */
SB_API sb_status sb_region_open(void *memory, size_t size_bytes, sb_region **out, const char **why);
SB_API void sb_region_close(sb_region *region);

/** Take up what processes that are gone have left. [config] Nobody else has the memory mapped.
 *  Locks, processes, gauges and queues start afresh; members, what was asked of them and counters stay.
 *  Damaged records are dropped and counted.  @return SB_INTERNAL  as sb_region_format() */
SB_API sb_status sb_region_restart(sb_region *region, uint32_t *dropped_records);

/** What outlives processes goes from a region that nobody uses, restarted, into an empty one of another
 *  geometry: balancers, members, what was asked of them and counters. [config] Nothing is taken from
 *  `earlier`. The bytes that this takes.  @return SB_NO_MEMORY  fewer are mapped;  SB_INTERNAL  as
 *  sb_region_format() */
SB_API size_t sb_region_size_for(const sb_geometry *geometry, const sb_region *earlier);
SB_API sb_status sb_region_carry_over(const sb_region *earlier, sb_region *region);

SB_API sb_geometry sb_region_geometry(const sb_region *region);
/** Bytes in use, from the beginning. [any] */
SB_API size_t sb_region_used(const sb_region *region);

/** The balancer's block; made where it has none with so many places. [config] What outlives processes
 *  goes from a smaller one into it, and members have other places there. Processes that use the smaller
 *  one go on with it; what they remember from then on is not seen.
 *  @return SB_NO_MEMORY  the mapping has no room: map sb_region_used() + sb_block_size() bytes, zero
 *                        behind what is used, and open that */
SB_API sb_status sb_region_claim_block(sb_region *region, sb_identity balancer, uint32_t capacity,
                                       uint64_t *block);

/** This process's slot. [child]  @return SB_BUSY  all are taken;  SB_INVALID_ARGUMENT  a pid of 0 */
SB_API sb_status sb_region_claim_process(sb_region *region, uint32_t pid, sb_time_us now_us,
                                         uint32_t *slot);
/** The process in a slot, by its index; 0: none. [any] */
SB_API uint32_t sb_region_process(const sb_region *region, uint32_t slot);
/* Words to wake one sleeper each of (FUTEX_WAKE, shared). */
enum { SB_WAKES_MAX = 64 };
typedef struct sb_wakes {
    uint32_t count;
    uint32_t *words[SB_WAKES_MAX];
} sb_wakes;
/** A process has ended, however: give back what it held. [any] Repeated, it does nothing. */
SB_API void sb_region_reclaim_process(sb_region *region, uint32_t pid, sb_wakes *wakes);

/** The whole server says that it is about to go, until this time; 0: it does not. [any] It survives restarts.
 *  A time that has passed is as good as 0: the caller compares. */
SB_API void sb_region_set_lame_duck(sb_region *region, sb_time_us until_us);
SB_API sb_time_us sb_region_lame_duck(const sb_region *region);

/* ---- members in the region ---- */

typedef enum sb_actual { SB_UP = 0, SB_DOWN = 1, SB_CHECKING = 2, SB_STARTING = 3 } sb_actual;
typedef enum sb_requested { SB_READY = 0, SB_DRAIN = 1, SB_STOPPED = 2 } sb_requested;
typedef enum sb_reason {
    SB_REASON_NONE = 0,
    SB_REASON_CONNECT_FAILED = 1,
    SB_REASON_TIMEOUT = 2,
    SB_REASON_RESET = 3,
    SB_REASON_STATUS = 4,
    SB_REASON_CHECK_FAILED = 5,
    SB_REASON_CHECK_PASSED = 6,
    SB_REASON_RETRY_DUE = 7,
    SB_REASON_ANSWERED = 8,
    SB_REASON_OPERATOR = 9,
    SB_REASON_CONFIGURED = 10,
    SB_REASON_CONNECTED = 11
} sb_reason;

/* What a configuration says of a member, and an operator may change. */
typedef struct sb_member_config {
    uint32_t weight; /* in hundredths */
    uint32_t set;
    uint32_t state_bits; /* the caller's */
    char route[64];
    char redirect[64];
} sb_member_config;

typedef enum sb_config_field {
    SB_FIELD_WEIGHT = 1,
    SB_FIELD_SET = 2,
    SB_FIELD_STATE = 4,
    SB_FIELD_ROUTE = 8,
    SB_FIELD_REDIRECT = 16
} sb_config_field;

/* sb_config_field, any number of them. */
typedef struct sb_merge {
    sb_member_config in_force;
    uint32_t kept;       /* what an operator set, and still counts */
    uint32_t overridden; /* what an operator set, and the configuration has changed since */
} sb_merge;

/** The member's place; a new one where it has none. [any]
 *  @return SB_NO_MEMORY  the block is full;  SB_NOT_FOUND  no such block
 *          SB_INVALID_ARGUMENT  an identity of zeroes */
SB_API sb_status sb_member_claim(sb_region *region, uint64_t block, sb_identity member,
                                 uint32_t *place);

/** Only these members, and those that were added at run time, keep their places; others give theirs up,
 *  where nothing is under way. [config] For a block that is full of members that no configuration names
 *  any more: until then a member that comes back finds what was asked of it.
 *  @return SB_NOT_FOUND  no such block;  SB_NO_MEMORY */
SB_API sb_status sb_member_keep(sb_region *region, uint64_t block, const sb_identity *members,
                                size_t member_count, uint32_t *released);

/** Members that were added at run time, and removed, give their places up, where nothing is under way. [config] To
 *  be called when the members of the configuration have theirs, and were configured.
 *  @return SB_NOT_FOUND  no such block */
SB_API sb_status sb_member_release_removed(sb_region *region, uint64_t block, uint32_t *released);

/** The configuration was read: merge it with what it said before and with what an operator has changed
 *  since (core/overrides/merge.hpp), and remember the outcome. [config] A member that was added at run
 *  time is a configured one from then on.
 *  @return SB_NOT_FOUND         no such block, or nobody has this place
 *          SB_INVALID_ARGUMENT  a text of `now` does not end */
SB_API sb_status sb_member_configure(sb_region *region, uint64_t block, uint32_t place,
                                     const sb_member_config *now, sb_merge *out);

/** An operator may have changed something: remember what is in force. [any] Writes nothing where
 *  nothing has changed. `drain_deadline_us`: with SB_DRAIN, when the member stops to serve its clients, whatever
 *  sb_member.drain_deadline_us says; 0: as that says; SB_DRAIN_DEADLINE_KEPT: as it was remembered. With
 *  another requested state there is none. `url`: of a member that was added at run time, up to 511 bytes; else
 *  none.
 *  @return as sb_member_configure(); SB_INVALID_ARGUMENT also for a requested state, a deadline or a url
 *          that cannot be remembered */
#define SB_DRAIN_DEADLINE_KEPT INT64_C(-1)
SB_API sb_status sb_member_remember(sb_region *region, uint64_t block, uint32_t place,
                                    const sb_member_config *in_force, sb_requested requested,
                                    sb_time_us drain_deadline_us, sb_str url, sb_time_us now_us);

/** A member that was added at run time, number `index` of the block's. [config] See (3).
 *  @return SB_NOT_FOUND  there are no more;  SB_BUFFER_TOO_SMALL */
SB_API sb_status sb_member_added(sb_region *region, uint64_t block, uint32_t index, char *url,
                                 size_t *len, sb_member_config *in_force);

/* ---- session tables: which member has a session (core/stick_table) ----
 *
 * Memory is the caller's, one piece for each table: a file that is mapped shared, or memory without a name.
 * What is in it outlives every process. A session is known by a digest of its key under a secret of the
 * table, a member by its identity: the region may be another one, members may be in another order. */

typedef struct sb_table sb_table;

enum { SB_TABLE_SESSIONS_MIN = 16 };
#define SB_TABLE_SESSIONS_MAX UINT64_C(1000000000)

/** Bytes of a table for so many sessions, from SB_TABLE_SESSIONS_MIN to SB_TABLE_SESSIONS_MAX. [any] */
SB_API size_t sb_table_size(uint64_t session_count);

/** Make memory an empty table. [config] It is aligned to 4096 bytes, and zero. `random`: unpredictable.
 *  @return SB_INVALID_ARGUMENT  not aligned, smaller than sb_table_size(), or an impossible count
 *          SB_INTERNAL          the system has no robust mutexes */
SB_API sb_status sb_table_format(void *memory, size_t size_bytes, uint64_t session_count,
                                 sb_identity balancer, const uint64_t random[2]);

/** Make a handle for a table of this balancer. [config] The memory outlives the handle. `*why` says in a
 *  word what is wrong, else NULL; never freed.
 *  @return SB_LAYOUT_MISMATCH   not a table, of another version, another balancer's, or its head is damaged
 *          SB_BUFFER_TOO_SMALL  it was cut short: `*needed` bytes make it whole, zero where they are new
 *          SB_NO_MEMORY */
SB_API sb_status sb_table_open(void *memory, size_t size_bytes, sb_identity balancer,
                               sb_table **out, size_t *needed, const char **why);
SB_API void sb_table_close(sb_table *table);

/** Take up what processes that are gone have left. [config] Nobody else has the memory mapped. Locks start
 *  afresh; what is in the table is looked through by sb_table_upkeep(), and until then by whoever
 *  learns: what is damaged is dropped and counted. Cost: O(session_count / 40,000).
 *  @return SB_INTERNAL  as sb_table_format() */
SB_API sb_status sb_table_restart(sb_table *table);

/** How many sessions it was made for. [any] */
SB_API uint64_t sb_table_session_count(const sb_table *table);

/** Sessions that have not expired go into a table of another size that nobody uses yet. [config] Its
 *  secret becomes that of `earlier`, which may be in use. How many went over, and for how many there was
 *  no room.  @return SB_INTERNAL  a lock is damaged */
SB_API sb_status sb_table_carry_over(const sb_table *earlier, sb_table *table, int64_t expire_us,
                                     sb_time_us now_us, uint64_t *moved, uint64_t *left_out);

/** What is due once a second, in one process: sessions that have expired make room, damage is looked for
 *  after a restart. [any] Bounded; a whole table is gone through within a minute.  Not 0: there is more to
 *  do at once, call it again. */
SB_API int sb_table_upkeep(sb_table *table, int64_t expire_us, sb_time_us now_us);

typedef struct sb_table_numbers {
    uint32_t struct_size;
    uint64_t sessions; /* in the table; some may have expired */
    uint64_t learned;  /* the rest: since the table was made */
    uint64_t evicted;  /* made room for another */
    uint64_t refused;  /* were not learned, for want of room */
    uint64_t expired;
    uint64_t damaged; /* dropped */
} sb_table_numbers;
/** [any] Cost: one line for each 40,000 sessions.  @return SB_INVALID_ARGUMENT  an unknown struct_size */
SB_API sb_status sb_table_count(const sb_table *table, sb_table_numbers *out);

typedef struct sb_table_losses {
    uint32_t struct_size;
    uint64_t evicted;
    uint64_t refused;
    uint64_t damaged;
} sb_table_losses;
/** What the table has lost since some process was last told so. [any] For messages: of all processes one is
 *  told, and not more often than `at_most_every_us`. Cost: as sb_table_count().
 *  @return SB_NOT_FOUND  nothing, or not now;  SB_INVALID_ARGUMENT  an unknown struct_size */
SB_API sb_status sb_table_losses_to_tell(sb_table *table, int64_t at_most_every_us,
                                         sb_time_us now_us, sb_table_losses *out);

/* ---- a balancer ---- */

/** Create the process's view of the balancer whose block this is. [child] The region's memory
 *  outlives it. `process`: the slot that this process has claimed. The balancer has no members until
 *  it is configured.
 *  @return SB_NOT_FOUND  no such block, or a slot that nobody has claimed;  SB_NO_MEMORY */
SB_API sb_status sb_balancer_create(sb_region *region, uint64_t block, uint32_t process,
                                    sb_balancer **out);

/** The balancer's sessions are in this table. [child] Before its first pick; the table outlives the
 *  balancer. `earlier`: a table that it was made from, and that others still learn into; what is not in
 *  the one is looked for there, and goes over. NULL: none. */
SB_API void sb_balancer_use_table(sb_balancer *balancer, sb_table *table, sb_table *earlier);

/** [child] No other call for this balancer may be under way. */
SB_API void sb_balancer_destroy(sb_balancer *balancer);

/* Which bits of a member's state word mean what (core/members/member_state.hpp). */
typedef struct sb_state_bits {
    uint32_t required;
    uint32_t stopped;
    uint32_t error;
    uint32_t ignore_errors;
    uint32_t drain;
    uint32_t standby;
    uint32_t spare;
    uint32_t check_failed; /* down, and only a check brings it back */
} sb_state_bits;

/* When the clients of a standby go home. */
typedef enum sb_failback {
    SB_FAILBACK_NEVER = 0,
    SB_FAILBACK_IDLE = 1,
    SB_FAILBACK_IMMEDIATE = 2
} sb_failback;

typedef struct sb_member {
    uint64_t handle;           /* the caller's name for it, not 0; comes back in sb_pick */
    uint32_t place;            /* of sb_member_claim(); no two members have the same */
    sb_str route;              /* none: the member cannot be asked for */
    sb_str redirect;           /* route to use while this member is unusable */
    uint32_t weight;           /* relative; 0: bound clients only */
    uint32_t set;              /* lower sets are used before higher ones */
    uint32_t max_sessions;     /* a member with so many gets no new clients; 0: no limit */
    int64_t slow_start_us;     /* its share grows for so long after it came back; 0: at once */
    uint32_t failback;         /* sb_failback */
    int64_t failback_idle_s;   /* more than 0 with SB_FAILBACK_IDLE */
    int64_t drain_deadline_us; /* so long after its drain began it serves nobody; 0: for ever */
    int64_t
        drain_idle_s; /* while it drains: who asked for nothing for so long is moved; 0: nobody */
    uint32_t learns_not;      /* not 0: its answers bind nobody to it */
    uint32_t max_connections; /* attempts at one time, over all processes; 0: no limit */
    uint32_t min_connections; /* 0: none (core/capacity/limit.hpp) */
    uint32_t max_queue;       /* requests that wait for it; 0: any */
    int64_t queue_timeout_us; /* of each of them */
    uint32_t check_rise;      /* passed checks in a row that bring it back; 0: it has no checks */
    uint32_t
        check_fall; /* failed checks in a row that take it down; with checks more than 0, as both
                                 intervals are */
    int64_t check_interval_us;
    int64_t check_down_interval_us; /* while it is down */
    uint32_t observe; /* failed requests in a row that take it down; 0: they are not counted */
    /* Read at each pick, never written; valid until the balancer is destroyed. */
    const uint32_t *state;
    const sb_time_us *failed_at_us; /* when the error bit was set */
    const int64_t *retry_us;        /* how long a failed member is left alone */
} sb_member;

typedef enum sb_cookie_mode {
    SB_COOKIE_OFF = 0,
    SB_COOKIE_PASSIVE = 1, /* somebody else sets it */
    SB_COOKIE_INSERT = 2,  /* we set it */
    SB_COOKIE_REWRITE = 3, /* the application sets it, its value becomes ours */
    SB_COOKIE_PREFIX = 4   /* the application sets it, ours and '~' go in front of its value */
} sb_cookie_mode;
typedef enum sb_seal { SB_SEAL_PLAIN = 0, SB_SEAL_SIGNED = 1, SB_SEAL_OPAQUE = 2 } sb_seal;
/* An answer that caches may hand to others, and that would get our cookie: without it; made private;
 * neither. */
typedef enum sb_no_cache {
    SB_NO_CACHE_SKIP = 0,
    SB_NO_CACHE_MARK = 1,
    SB_NO_CACHE_OFF = 2
} sb_no_cache;
typedef enum sb_secure { SB_SECURE_AUTO = 0, SB_SECURE_ON = 1, SB_SECURE_OFF = 2 } sb_secure;
typedef enum sb_same_site {
    SB_SAME_SITE_OFF = 0,
    SB_SAME_SITE_LAX = 1,
    SB_SAME_SITE_STRICT = 2,
    SB_SAME_SITE_NONE = 3
} sb_same_site;

/* A secret that seals cookies; the first of a balancer seals, all of them open. */
enum { SB_SECRET_SIZE = 32, SB_KEYS_MAX = 16 };
typedef struct sb_key {
    sb_str id;                            /* tells keys apart, in cookies too */
    unsigned char secret[SB_SECRET_SIZE]; /* random */
} sb_key;

typedef struct sb_settings {
    uint32_t struct_size;
    uint32_t cookie_mode; /* sb_cookie_mode */
    sb_str cookie_name;   /* none: no cookie is read or set; no cookie's name: it is only read */
    sb_str url_parameter; /* none: none is read */
    uint32_t separator;   /* one character before the route in a value; 0: the value is the route */
    uint32_t semicolon_ends_parameter;
    sb_str cookie_path;
    sb_str cookie_domain;
    int64_t cookie_max_age_s; /* 0: until the browser closes; else refreshed on use */
    uint32_t cookie_http_only;
    uint32_t cookie_secure;    /* sb_secure */
    uint32_t cookie_same_site; /* sb_same_site; none forces Secure */
    uint32_t cookie_partitioned;
    int64_t cookie_max_idle_s; /* a cookie that was not seen for longer is refused; 0: never */
    int64_t cookie_max_life_s; /* a cookie that was first issued longer ago is refused; 0: never */
    uint32_t cookie_seal;      /* sb_seal; without keys only plain */
    uint32_t cookie_accept_plain; /* beside sealed values */
    uint32_t cookie_indirect;     /* the member does not see it */
    uint32_t cookie_preserve;     /* the application may set or expire it, too */
    uint32_t cookie_post_only;    /* set on answers to POST only */
    uint32_t cookie_no_cache;     /* sb_no_cache */
    const sb_key *keys;           /* at most SB_KEYS_MAX; no two with one id */
    size_t key_count;
    sb_str balancer_name; /* a sealed cookie is good for the balancer of this name only */
    uint64_t random;      /* unpredictable, another one for each process and call */
    uint32_t last_resort; /* when every member has failed, one is tried all the same */
    int64_t
        table_expire_us;    /* a session that was not used for longer is forgotten; more than 0 with
                                a table */
    uint32_t table_refuses; /* a full table learns no new session; else one that is nearest to its
                                expiry makes room */
    sb_str policy; /* a name of sb_policy_name(); none: the caller places unbound requests */
    uint32_t balance_factor; /* percent of its fair share that a hashed member may have; 0: any */
    sb_state_bits state_bits;
    sb_time_us now_us;
    uint64_t generation; /* sb_balancer_generation(), read before the members were */
    uint32_t
        is_outdated; /* not 0: a later configuration is in force in other processes. What they share of
                              checks and drains is not changed by what this one says */
} sb_settings;

/* The most that sb_member.max_sessions may say. There is no limit where clients cannot be bound: at one
 * that learns not, and, unless the balancer has a table, where neither a cookie nor the URL is read or at a
 * member without a route. */
enum { SB_SESSIONS_MAX = 4000000 };

/** Put settings and members in force, all of them at once. [child]
 *  Everything is copied but the words that members point to. Picks that are under way end with what
 *  they began with. Cost: O(members); nobody waits.
 *  @return SB_INVALID_ARGUMENT  unknown struct_size, policy or enumerator, a handle of 0, a place that
 *                               is none or another member's, too many max_sessions, a seal without
 *                               keys or with keys that cannot be told apart
 *          SB_BUSY              too many earlier snapshots are still being read;  SB_NO_MEMORY */
SB_API sb_status sb_balancer_configure(sb_balancer *balancer, const sb_settings *settings,
                                       const sb_member *members, size_t member_count);

/** Number of the last change at run time, in any process. [any] One read of shared memory. */
SB_API uint64_t sb_balancer_generation(const sb_balancer *balancer);

/** Tell every process that members or settings have changed and are to be configured again. [any]
 */
SB_API void sb_balancer_mark_changed(sb_balancer *balancer);

/** Not 0: what is in force is older than the last mark_changed(). [any] */
SB_API int sb_balancer_is_stale(const sb_balancer *balancer);

/** Not 0 for the first process that says `fact`, 0 for those that say the same after it. [any]
 *  For messages about what every process notices by itself. */
SB_API int sb_balancer_is_news(sb_balancer *balancer, uint64_t fact);

/* ---- a request ---- */

/* What becomes of a bound client whose member cannot serve. */
typedef enum sb_when_down {
    SB_WHEN_DOWN_REDISPATCH = 0, /* it is moved to another member */
    SB_WHEN_DOWN_PERSIST =
        1, /* its member is tried all the same, unless an operator took it out; then
                                    others */
    SB_WHEN_DOWN_FORBID = 2 /* it is never moved */
} sb_when_down;

/* A session, as the table knows it. */
typedef struct sb_session {
    uint64_t high;
    uint64_t low;
} sb_session;
enum { SB_SESSIONS_OF_REQUEST_MAX = 8 };

typedef struct sb_request {
    uint32_t struct_size;
    uint32_t ignore_persistence; /* not 0: nothing that the client sent names a member, and no
                                    cookie is set */
    sb_time_us now_us;
    sb_str cookie_header;
    sb_str path; /* with path parameters, without query */
    sb_str query;
    sb_str affinity;     /* what a hashing policy places the client by; none: by chance */
    sb_str forced_route; /* the administrator's word: this member, whatever its state */
    const sb_session
        *sessions; /* that the client may have, in the order of their authority; further
                                   ones than SB_SESSIONS_OF_REQUEST_MAX are not asked */
    size_t session_count;
    const uint64_t *tried; /* handles of the members that failed this request; may be NULL with 0 */
    size_t tried_count;
    uint32_t when_down; /* sb_when_down */
    uint32_t
        may_move; /* not 0: away from a draining member, where another one accepts new clients */
} sb_request;

typedef enum sb_cause {
    SB_CAUSE_POLICY = 0,
    SB_CAUSE_COOKIE = 1,
    SB_CAUSE_PATH = 2,
    SB_CAUSE_QUERY = 3,
    SB_CAUSE_FORCED = 4,
    SB_CAUSE_REDISPATCH = 5,
    SB_CAUSE_HASH = 6,
    SB_CAUSE_TABLE = 7,
    SB_CAUSE_PERSIST = 8 /* its own member, although that is down */
} sb_cause;

typedef struct sb_pick {
    uint32_t struct_size;
    uint32_t cause;           /* sb_cause */
    uint64_t handle;          /* the member; 0: place this unbound request yourself */
    uint32_t place;           /* the member's; with a handle of 0 none that there is */
    uint32_t number_of_route; /* among those that share its route, from 1; 1 without a route */
    sb_str asked_route;       /* what the client asked for, a route of ours or not; points into
                                 sb_request */
    uint32_t has_asked;       /* not 0: it asked; the route may be empty all the same, and is where
                                 an opaque cookie asked */
    uint32_t asked_in_cookie; /* where it did: not 0 in the cookie, 0 in the URL */
    uint64_t asked_handle;    /* the first member with the route that was asked for; 0: none */
    uint32_t moves_route;     /* the client asked for a route of ours and gets another */
    uint32_t marks_retry;     /* the member had failed, and this request tries it again */
    uint32_t recovers_all;    /* every member had failed: all of them are to be tried again */
    uint32_t binds_client;    /* not 0: the answer may say something about persistence */
    uint32_t wants_cookie;    /* not 0: the client needs a new cookie */
    uint32_t
        cookie_fault; /* why a cookie was refused, by the numbers of sb_fault_name(); 0: none was */
    char cookie_state; /* as HAProxy logs it: N none, I invalid, V valid, D its member is down,
                                 E expired, O old, U unused */
    int64_t cookie_issued_s; /* for sb_balancer_cookie; 0 where cookies carry no dates */
    uint32_t
        session; /* the first of the request's sessions that is in the table at a member of ours, from
                         1; 0: none, or nobody asked */
    uint32_t is_client; /* not 0: its cookie or the URL has led it to this member, and does again */
    sb_str client_session; /* what the application knows it by, there; none: what is there is ours;
                              points into sb_request */
} sb_pick;

/** Choose the member for one attempt of one request.
 *
 *  [any] Allocates nothing, takes no lock; writes one shared cache line when the policy is asked.
 *  Cost: one pass over the Cookie header, path and query; by policy a few reads for each member that
 *  cannot serve and is passed over.
 *  @return SB_NO_USABLE_MEMBER    nothing accepts this request: answer 503
 *          SB_SESSIONS_FULL       nor does anything here, and what would is full of sessions: answer 503
 *          SB_FAILOVER_FORBIDDEN  its own member does not, and no other may: answer 503
 *          SB_INVALID_ARGUMENT    a struct_size or sb_when_down that this core does not know
 *          SB_NOT_FOUND           not configured yet */
SB_API sb_status sb_balancer_pick(sb_balancer *balancer, const sb_request *request, sb_pick *out);

/** Not 0: at least so many members would take a client of nobody's now: they are usable, or it is time to try
 *  them again, and they are neither draining, nor of weight 0, nor full of sessions. Standbys and spares are
 *  counted like the others; a member of which sb_balancer_note_state() was told within its retry interval that it
 *  is down is not, though failed_at_us may say that it is time to try it. [any] Writes nothing. Cost: a few reads
 *  for each member, until there are enough. 0 where it is not configured yet. */
SB_API int sb_balancer_accepts_new(const sb_balancer *balancer, uint32_t member_count,
                                   sb_time_us now_us);

/** What the table of this balancer knows a key by. [any] Keys of different `kind` are different sessions,
 *  whatever they say. Cost: one pass over the key.  @return SB_NOT_FOUND  the balancer has no table */
SB_API sb_status sb_balancer_session(const sb_balancer *balancer, uint32_t kind, sb_str key,
                                     sb_session *out);

typedef enum sb_learn {
    SB_LEARN_NOT = 0,          /* note its use where it is known */
    SB_LEARN_FROM_REQUEST = 1, /* the client says so: it may be anything */
    SB_LEARN_FROM_RESPONSE = 2 /* the application says so */
} sb_learn;
/* With one of the others: by this session the request was placed (sb_pick.session). */
enum { SB_LEARN_PLACED = 4 };

/** The member at this place has answered a request of the session. [any] Takes no lock where the table has
 *  it at this member. What a client made up never makes a session be forgotten that the application has
 *  named, nor one that is in use (core/stick_table/shard.hpp).
 *  A session that is at another member which can serve stays there, whatever else the request brought: it moves
 *  where it placed the request, or by the application's word.
 *  @return SB_NOT_FOUND   no table; it is not known, and not to be learned; it stays at another member; or the
 *                         member learns not
 *          SB_TABLE_FULL  it was not learned
 *          SB_INVALID_ARGUMENT  no such place or sb_learn
 *          SB_INTERNAL    a lock is damaged */
SB_API sb_status sb_balancer_learn(sb_balancer *balancer, const sb_session *session, uint32_t place,
                                   uint32_t learn, sb_time_us now_us);

/** The session is in use: it does not expire before its time has begun anew. [any] Takes no lock.
 *  @return SB_NOT_FOUND  it is not in the table, or has expired */
SB_API sb_status sb_balancer_keep_session(sb_balancer *balancer, const sb_session *session,
                                          sb_time_us now_us);

/** The session is over. [any] Takes the lock of a part of the table.  @return SB_NOT_FOUND */
SB_API sb_status sb_balancer_forget_session(sb_balancer *balancer, const sb_session *session);

typedef struct sb_session_info {
    uint32_t struct_size;
    uint32_t place;  /* of its member; none that there is where that is not a member any more */
    uint64_t handle; /* of its member; 0 where that is not a member any more */
    sb_time_us learned_us;
    sb_time_us used_us; /* to a sixteenth of its life */
    sb_time_us expires_us;
    uint32_t requests;       /* that were answered by its member */
    uint32_t is_application; /* not 0: the application has named it */
} sb_session_info;
/** [any] Takes no lock.  @return SB_NOT_FOUND;  SB_INVALID_ARGUMENT  an unknown struct_size */
SB_API sb_status sb_balancer_find_session(const sb_balancer *balancer, const sb_session *session,
                                          sb_time_us now_us, sb_session_info *out);

/* A page of the table's sessions. */
typedef struct sb_session_list {
    uint32_t struct_size;
    uint32_t room;        /* in: of each of the arrays */
    uint64_t from;        /* in: 0, or `next` of the page before */
    uint64_t next;        /* 0: this was the last page */
    sb_session *sessions; /* digests, in no order that means anything */
    sb_session_info *infos;
    uint32_t
        count; /* of sessions here; may be fewer than there is room for, or none, of any page */
    uint32_t reserved;
} sb_session_list;
/** Sessions that have not expired, some at a time: one that is there all the while is on exactly one page. [any]
 *  Takes no lock, allocates nothing. Cost: a line of memory for each session, and at most some milliseconds.
 *  @return SB_NOT_FOUND  no table, or not configured yet;  SB_INVALID_ARGUMENT  an unknown struct_size */
SB_API sb_status sb_balancer_list_sessions(const sb_balancer *balancer, sb_time_us now_us,
                                           sb_session_list *list);

/* An attempt that is under way; one that has not begun, or has ended, is at no place. */
typedef struct sb_attempt {
    uint32_t place;
    uint32_t is_counted_whole;
    uint32_t is_connecting;
    uint32_t placed_session; /* it was counted; an attempt without an answer takes it back */
    uint32_t
        binds_nobody; /* the caller's: not 0, nothing leads the client back; takes it back, too */
} sb_attempt;

typedef enum sb_verdict {
    SB_ADMITTED = 0,
    SB_WAIT = 1,
    SB_QUEUE_FULL = 2,
    SB_TIMED_OUT = 3,
    SB_REFUSED = 4, /* no such place, nothing to wait for, or what guards the member is damaged */
    SB_MEMBER_FULL = 5 /* of sessions, and the client is new to it: pick again */
} sb_verdict;

/* A request's turn in a member's queue; one thread's. */
typedef struct sb_waiting {
    void *record; /* NULL: it does not wait */
    uint64_t ticket;
    sb_attempt attempt;
    sb_time_us deadline_us;
} sb_waiting;

typedef struct sb_entry {
    uint32_t verdict;    /* sb_verdict */
    sb_attempt attempt;  /* with SB_ADMITTED: give it back to sb_balancer_end(), once */
    uint32_t *wait_word; /* with SB_WAIT: sleep while it holds wait_value (FUTEX_WAIT, shared) */
    uint32_t wait_value;
    sb_time_us wait_until_us; /* and no longer than this */
    uint32_t *wake_word;      /* wake one who sleeps there (FUTEX_WAKE, shared); NULL: nobody */
} sb_entry;

/** An attempt at a member: now, after its turn in the member's queue, or not at all. [any] A member
 *  without a limit takes no lock. `places_client`: not 0 for a client that is new to the member, and is to
 *  be bound to it; its session is counted, with the policy leastsessions and at a member with max_sessions,
 *  which never has more.
 *  With SB_WAIT: sleep, then sb_balancer_look(); or sb_balancer_leave(). `waiting` is written in any
 *  case: after another verdict than SB_WAIT, and after leaving, it does not wait, and leaving again
 *  does nothing. */
SB_API sb_entry sb_balancer_enter(sb_balancer *balancer, uint32_t place, int places_client,
                                  sb_time_us now_us, sb_waiting *waiting);
SB_API sb_entry sb_balancer_look(sb_balancer *balancer, int places_client, sb_time_us now_us,
                                 sb_waiting *waiting);
/** As sb_balancer_enter() for a request that does not wait: SB_QUEUE_FULL where it would. [any] */
SB_API sb_entry sb_balancer_enter_at_once(sb_balancer *balancer, uint32_t place, int places_client,
                                          sb_time_us now_us);
/** The client has gone, or the member cannot serve any more. [any] The word to wake, or NULL. */
SB_API uint32_t *sb_balancer_leave(sb_balancer *balancer, sb_waiting *waiting);

/** Not 0: the member has as many sessions as it may. [any] For hosts that place unbound requests
 *  themselves. */
SB_API int sb_balancer_is_member_full(const sb_balancer *balancer, uint32_t place);

/** The attempt waits for its connection, or does no more. [any] */
SB_API void sb_balancer_connecting(sb_balancer *balancer, sb_attempt *attempt, int is_connecting);

/** The attempt has ended. [any] `is_answered`: not 0 where the member sent an answer, whatever it said.
 *  The word to wake, or NULL. An attempt that is not under way stays so. */
SB_API uint32_t *sb_balancer_end(sb_balancer *balancer, sb_attempt *attempt,
                                 int64_t response_time_us, int is_answered, sb_time_us now_us);

/** What is due once a second, in one process: policies hear of members that came back, old numbers
 *  fade, and what a killed process left is put right. [any] Not 0: it was due, and was done here.
 *  Cost: then a few reads for each place and process, else one. */
SB_API int sb_balancer_refresh(sb_balancer *balancer, sb_time_us now_us);

/* ---- an attempt that failed ---- */

typedef enum sb_failure {
    SB_FAILED_CONNECT = 0, /* nothing was sent */
    SB_FAILED_RESET = 1,   /* the connection ended before an answer */
    SB_FAILED_TIMEOUT = 2, /* no answer in time */
    SB_FAILED_STATUS = 3   /* by what it answered */
} sb_failure;

/* Statuses that may be tried again: SB_RETRY_STATUS_MIN + 64 * word + bit. */
enum { SB_RETRY_STATUS_MIN = 400, SB_RETRY_STATUS_MAX = 599, SB_RETRY_STATUS_WORDS = 4 };

typedef struct sb_retry_rules {
    uint32_t struct_size;
    uint32_t failures; /* bits: 1 << sb_failure, of all but SB_FAILED_STATUS */
    uint64_t statuses[SB_RETRY_STATUS_WORDS];
    uint32_t any_method;         /* not 0: methods that may not be repeated, too */
    uint32_t most_attempts;      /* of a request, in all */
    uint32_t most_after_connect; /* the same, where the last could not connect */
} sb_retry_rules;

typedef struct sb_failed_attempt {
    uint32_t struct_size;
    uint32_t failure;        /* sb_failure */
    uint32_t status;         /* with SB_FAILED_STATUS */
    uint32_t attempts;       /* so far */
    uint32_t is_idempotent;  /* not 0: the method is (RFC 9110, section 9.2.2) */
    uint32_t has_whole_body; /* not 0: there is none, or it can be sent from its beginning */
} sb_failed_attempt;

/** Not 0: the request may be tried on another member (core/selection/retry_rules.hpp). [any] 0 for an
 *  unknown struct_size or enumerator. */
SB_API int sb_may_retry(const sb_retry_rules *rules, const sb_failed_attempt *failed);

/* What a member is. */
typedef struct sb_member_state {
    uint32_t struct_size;
    uint32_t actual; /* sb_actual */
    uint32_t reason; /* sb_reason */
    sb_time_us since_us;
} sb_member_state;

/** [any] One read of shared memory.
 *  @return SB_NOT_FOUND  no such place;  SB_INVALID_ARGUMENT  an unknown struct_size */
SB_API sb_status sb_balancer_member_state(const sb_balancer *balancer, uint32_t place,
                                          sb_member_state *out);

/* What is asked of it. */
typedef struct sb_member_request {
    uint32_t struct_size;
    uint32_t requested;     /* sb_requested, of sb_member_remember() */
    sb_time_us since_us;    /* 0: nothing else was ever asked of it */
    sb_time_us deadline_us; /* of its drain, as it was asked for with it; 0: as configured */
} sb_member_request;

/** [any] Takes the region's lock.
 *  @return SB_NOT_FOUND  no such place, or nobody has it;  SB_INVALID_ARGUMENT  an unknown struct_size */
SB_API sb_status sb_balancer_member_request(const sb_balancer *balancer, uint32_t place,
                                            sb_member_request *out);

/* Since when a draining member drains, and until when it serves its clients. */
typedef struct sb_member_drain {
    uint32_t struct_size;
    uint32_t is_overdue;    /* not 0: that time has come */
    sb_time_us since_us;    /* 0: it does not drain */
    sb_time_us deadline_us; /* 0: for ever */
} sb_member_drain;

/** [any] Noted within a second.  @return as sb_balancer_member_state() */
SB_API sb_status sb_balancer_member_drain(const sb_balancer *balancer, uint32_t place,
                                          sb_time_us now_us, sb_member_drain *out);

/* What it does. */
typedef struct sb_member_load {
    uint32_t struct_size;
    uint32_t active; /* attempts under way, over all processes: exact */
    uint32_t connecting;
    uint32_t queued;
    uint32_t limit;  /* on active, at this load; 0: none */
    uint64_t placed; /* attempts so far */
} sb_member_load;

/** [any] Cost: two lines for each process.  @return as sb_balancer_member_state() */
SB_API sb_status sb_balancer_member_load(const sb_balancer *balancer, uint32_t place,
                                         sb_member_load *out);

/** The member is in this state now. [any] Not 0: it was in another, and this call, of all processes',
 *  was the one to change it. A place, state or reason that is none changes nothing. */
SB_API int sb_balancer_note_state(sb_balancer *balancer, uint32_t place, sb_actual actual,
                                  sb_reason reason, sb_time_us now_us);

/** A request is to try the member, which has failed. [any] Not 0: it may, and of all processes' no other does until
 *  sb_balancer_note_state() says another state, or the member's retry interval has passed (so a process that was
 *  killed keeps nobody out). The member is SB_CHECKING then, for SB_REASON_RETRY_DUE. The caller writes the time
 *  of the trial to *failed_at_us, so that no pick names the member meanwhile.
 *  0: another request tries it, or it is not time yet: pick again. `is_last_resort`: it is always time. */
SB_API int sb_balancer_begin_trial(sb_balancer *balancer, uint32_t place, int is_last_resort,
                                   sb_time_us now_us);
/** Not 0: such a trial is under way. [any] */
SB_API int sb_balancer_is_tried(const sb_balancer *balancer, uint32_t place, sb_time_us now_us);

/* ---- what is counted of a member (core/counting) ----
 *
 * Kept in the region: it outlives every process. A client is known by a digest of something that stays the same from
 * request to request, under a secret of the region; the digest itself is not kept. */

enum { SB_CAUSE_COUNT = 9, SB_COOKIE_OUTCOME_COUNT = 6, SB_FAILURE_COUNT = 4 };

/* What a request's cookie of ours was good for. */
typedef enum sb_cookie_outcome {
    SB_COOKIE_NONE = 0,  /* there was none, or nobody asked */
    SB_COOKIE_VALID = 1, /* whether or not its member could serve */
    SB_COOKIE_INVALID = 2,
    SB_COOKIE_EXPIRED = 3,
    SB_COOKIE_OLD = 4,
    SB_COOKIE_FORGED = 5
} sb_cookie_outcome;
/** "none", "valid", ...; NULL beyond the last. [any] Never freed. */
SB_API const char *sb_cookie_outcome_name(uint32_t outcome);

/* Of requests whose attempt went to the member, since it has its place in the region. */
typedef struct sb_member_totals {
    uint32_t struct_size;
    uint64_t by_cause[SB_CAUSE_COUNT];           /* by sb_cause: attempts */
    uint64_t by_cookie[SB_COOKIE_OUTCOME_COUNT]; /* first attempts only: one for each request */
    uint64_t failures[SB_FAILURE_COUNT];         /* by sb_failure: attempts that failed */
    uint64_t retried;     /* attempts that came here after another member failed the request */
    uint64_t queue_waits; /* attempts that had to wait for their turn */
    uint64_t queue_us;    /* how long, in sum */
    uint64_t queue_lost;  /* that got none: timed out, queue full, client gone */
} sb_member_totals;
/** [any] Three lines.  @return SB_NOT_FOUND  no such place;  SB_INVALID_ARGUMENT  an unknown struct_size */
SB_API sb_status sb_balancer_member_totals(const sb_balancer *balancer, uint32_t place,
                                           sb_member_totals *out);

/* The same of all members of a balancer, and of those that are no more: it does not fall as long as the region is. */
typedef struct sb_totals {
    uint32_t struct_size;
    sb_member_totals requests;
    uint64_t checks_passed;
    uint64_t checks_failed;
} sb_totals;
/** [any] Takes the region's lock. A few lines for each place.  @return SB_INVALID_ARGUMENT  an unknown struct_size */
SB_API sb_status sb_balancer_totals(const sb_balancer *balancer, sb_totals *out);

/** An attempt of a request that was picked for begins at this place. [any] `number`: from 1; those after the
 *  first follow an attempt that failed elsewhere. Two relaxed additions on the member's own lines. */
SB_API void sb_balancer_count_attempt(sb_balancer *balancer, uint32_t place, const sb_pick *pick,
                                      uint32_t number);
/** It has failed. [any] */
SB_API void sb_balancer_count_failure(sb_balancer *balancer, uint32_t place, sb_failure failure);
/** A request has waited for its turn there, or got none without a wait. [any] `waited_us`: 0: it did not
 *  wait. `is_lost`: not 0: it got none. */
SB_API void sb_balancer_count_wait(sb_balancer *balancer, uint32_t place, int64_t waited_us,
                                   int is_lost);

/** What a client is counted by: two texts that say who it is, either of which may be none. [any] Allocates
 *  nothing. */
SB_API uint64_t sb_balancer_client(const sb_balancer *balancer, sb_str one, sb_str other);
/** The member has answered a request of this client, and the client is bound to it by cookie or URL; not for one
 *  whose session the table has at this member (sb_balancer_learn), which would count twice. [any] Does nothing
 *  where neither cookie nor URL keep anybody. Writes one byte where the client is new in this
 *  64th of its life, takes no lock. */
SB_API void sb_balancer_note_client(sb_balancer *balancer, uint32_t place, uint64_t client,
                                    sb_time_us now_us);
/** The same of a client whose session the table has at this member: it is counted there, and, once its session is gone,
 *  for as long as cookie or URL keep somebody, who is 1 then. [any] One read, and a write once a second. */
SB_API void sb_balancer_note_client_of_table(sb_balancer *balancer, uint32_t place,
                                             sb_time_us now_us);

typedef enum sb_session_count_kind {
    SB_COUNT_NONE = 0,
    SB_COUNT_EXACT = 1,
    SB_COUNT_ESTIMATE = 2
} sb_session_count_kind;

/* Clients that are bound to a member. One that was moved to another counts at both until its life at the first is
 * over. */
typedef struct sb_member_sessions {
    uint32_t struct_size;
    uint32_t
        kind; /* sb_session_count_kind: exact from the table; an estimate where some of them are kept
                      by cookie or URL alone; none: nobody is kept */
    uint64_t sessions;   /* distinct clients bound to it, seen within the lifetime */
    int64_t lifetime_us; /* a client that is not seen for so long is gone, by whatever it is kept */
    sb_time_us last_seen_us; /* 0: nobody ever was */
    sb_time_us end_us;       /* when the last can expire, if nobody comes again; 0: there is none */
} sb_member_sessions;
/** [any] Of a balancer with a table whose cookie or URL keeps clients, too, it is the sum of both.
 *  An estimate: a few reads; at most some seconds old (sb_balancer_refresh), and 0 exactly where nobody
 *  was seen within the lifetime. Exact: all members are counted in one walk over the table, which is remembered in
 *  the process until 20 times its cost has passed; one `now_us` for all members makes one walk.
 *  @return SB_NOT_FOUND  no such place, or not configured yet;  SB_INVALID_ARGUMENT  an unknown struct_size
 *          SB_NO_MEMORY */
SB_API sb_status sb_balancer_member_sessions(const sb_balancer *balancer, uint32_t place,
                                             sb_time_us now_us, sb_member_sessions *out);

/* ---- checks of members (core/health) ----
 *
 * The caller makes them; the core says which are due, and what their results come to. A member that checks find
 * down gets no request, one that they find draining gets bound clients only, whatever its state word says. A member
 * that has checks, and whose error bit is set, is tried by no request: only checks bring it back. What checks said is
 * remembered over restarts, and forgotten when the member is configured without checks. */

/* A check that is due. */
typedef struct sb_due_probe {
    uint32_t place;
    uint64_t handle; /* of the member */
} sb_due_probe;

/** Checks that this process is to make now. [any] One process of all makes those of a balancer: the first that
 *  asks, for as long as it goes on asking, at least each second. Each is handed out once an interval, over all
 *  processes, whatever becomes of them. *count is how many `probes` has room for, then how many there are;
 *  further ones stay due. *next_us: when it is time to ask again. Cost: one read for each member, at most twice
 *  a second, and whenever something is due; before *next_us two reads.
 *  @return SB_BUSY  another process makes them;  SB_NOT_FOUND  no member has checks */
SB_API sb_status sb_balancer_claim_probes(sb_balancer *balancer, sb_time_us now_us,
                                          sb_due_probe *probes, size_t *count, sb_time_us *next_us);
/** Another process may make them. [any] */
SB_API void sb_balancer_yield_probes(sb_balancer *balancer);

typedef enum sb_probe_result {
    SB_PROBE_FAILED = 0,
    SB_PROBE_PASSED = 1,
    SB_PROBE_DRAINING = 2 /* passed, and the member wants no new clients */
} sb_probe_result;

/* What a result has changed; any number of them. */
typedef enum sb_check_change {
    SB_CHECK_DOWN = 1,
    SB_CHECK_UP = 2,
    SB_CHECK_DRAINING = 4,
    SB_CHECK_READY = 8
} sb_check_change;

/** A check has ended. [any] Counts only where this process makes the checks still: one that hung for a while
 *  knows nothing. `text`: what it found, passed or not, for people ("Connection refused", "200"); of ASCII, and cut
 *  to what sb_member_check has room for. sb_check_change, told to one process of all. */
SB_API uint32_t sb_balancer_note_probe(sb_balancer *balancer, uint32_t place,
                                       sb_probe_result result, int64_t latency_us, sb_str text,
                                       sb_time_us now_us);

typedef enum sb_outcome {
    SB_OUTCOME_ANSWERED = 0,
    SB_OUTCOME_FAILED = 1,
    SB_OUTCOME_OUT_OF_USE = 2 /* the member's error bit was set for it: down at once */
} sb_outcome;

/** A request has ended at a member with checks. [any] sb_check_change, as above. */
SB_API uint32_t sb_balancer_note_outcome(sb_balancer *balancer, uint32_t place, sb_outcome outcome,
                                         sb_time_us now_us);

/* What checks say of a member. */
typedef struct sb_member_check {
    uint32_t struct_size;
    uint32_t has_checks;
    uint32_t is_known; /* not 0: there was a result */
    uint32_t is_down;
    uint32_t is_draining;
    uint32_t has_failed; /* the last one */
    uint32_t results;    /* in a row that were like the last */
    uint64_t passed;     /* so far */
    uint64_t failed;
    int64_t latency_us; /* of the last one */
    sb_time_us due_us;  /* the next one; 0: none is planned */
    /* What the last one found; "": there was none. Printable ASCII; beginning of one text, end of another where it
     * is written meanwhile. */
    char text[57];
} sb_member_check;

/** [any] A few reads of shared memory.
 *  @return SB_NOT_FOUND  no such place;  SB_INVALID_ARGUMENT  an unknown struct_size */
SB_API sb_status sb_balancer_member_check(const sb_balancer *balancer, uint32_t place,
                                          sb_member_check *out);

/** Write a Cookie header as the member gets it: without our cookie, where that is indirect, or
 *  without our part of its value. [any] See (3); it is never longer than `header`. Nothing written:
 *  the member gets no such header.
 *  @return SB_NOT_FOUND         nothing in it is ours: the member gets it as it is
 *          SB_BUFFER_TOO_SMALL */
SB_API sb_status sb_balancer_member_cookies(const sb_balancer *balancer, sb_str header, char *out,
                                            size_t *len);

/* ---- pins: cookies that lead to one member, for a test before all others ----
 *
 * A pin leads whoever has it to its member, whatever the member's state, as forced_route does, which goes before it.
 * It is made with the first of the settings' keys, else with what the region has at random, and is read with all
 * of them. Cookies are looked through for pins only while one that was made in this region may be in force. */

/** Write the Set-Cookie value of a pin that ends at this time, rounded up to a second. [any] See (3).
 *  @return SB_NOT_FOUND         not configured, no such member, or one without an identity
 *          SB_INVALID_ARGUMENT  an end that is not ahead, or half a year away or more
 *          SB_BUSY              it would end before those end that were taken back: the clock was ahead then
 *          SB_BUFFER_TOO_SMALL */
SB_API sb_status sb_balancer_make_pin(sb_balancer *balancer, uint32_t place, sb_time_us now_us,
                                      sb_time_us until_us, char *out, size_t *len);
/** From now on no pin of the balancer counts that this region has made before, nor one that another server with the same
 *  keys has made before by this clock. [any] It outlives restarts as the region does; other servers know nothing of it. */
SB_API void sb_balancer_take_pins_back(sb_balancer *balancer, sb_time_us now_us);
/** Whether a pin that was made in this region may be in force, of whichever balancer. [any] One read of shared memory. */
SB_API int sb_region_may_be_pinned(const sb_region *region, sb_time_us now_us);
/** As sb_balancer_member_cookies(), of a Cookie header without pins. [any] */
SB_API sb_status sb_without_pin(sb_str header, char *out, size_t *len);

/* ---- its answer ---- */

typedef enum sb_expires {
    SB_EXPIRES_NONE = 0,
    SB_EXPIRES_PAST = 1,
    SB_EXPIRES_FUTURE = 2
} sb_expires;

typedef struct sb_answer {
    uint32_t struct_size;
    uint32_t status;          /* of HTTP */
    uint32_t sets_our_cookie; /* not 0: a Set-Cookie line is of our name */
    uint32_t is_release;      /* not 0: the session is over, the client is to be forgotten */
    uint32_t is_post;         /* the request was a POST */
    uint32_t is_get_or_head;  /* the request was a GET or a HEAD */
    uint32_t expires;         /* sb_expires, of the Expires header */
    sb_str cache_control;     /* its Cache-Control lines, with commas between them */
} sb_answer;

typedef enum sb_our_cookie {
    SB_OURS_NONE = 0,
    SB_OURS_BIND = 1,  /* add sb_balancer_cookie() */
    SB_OURS_EXPIRE = 2 /* add sb_balancer_expired_cookie() */
} sb_our_cookie;
typedef enum sb_its_cookie {
    SB_ITS_PASS = 0,
    SB_ITS_DROP = 1, /* take the application's lines of our name out */
    SB_ITS_EDIT = 2  /* replace each by sb_balancer_edited_cookie() */
} sb_its_cookie;

typedef struct sb_answer_plan {
    uint32_t struct_size;
    uint32_t ours;          /* sb_our_cookie */
    uint32_t application;   /* sb_its_cookie */
    uint32_t makes_private; /* not 0: replace Cache-Control by sb_private_cache_control() */
    char letter; /* as HAProxy logs it: N nothing, I inserted, U updated, P the application's
                               passed, R it was rewritten, D the application's or the client's deleted */
} sb_answer_plan;

/** What is to be done with the answer to a request that was picked for. [any]
 *  @return SB_NOT_FOUND  not configured yet;  SB_INVALID_ARGUMENT  an unknown struct_size or
 *          enumerator */
SB_API sb_status sb_balancer_plan_answer(const sb_balancer *balancer, const sb_pick *pick,
                                         const sb_answer *answer, sb_answer_plan *out);

/** Write the Set-Cookie value that binds the client to the member with this route. [any] See (3).
 *  @return SB_NOT_FOUND         no cookie can say it: cookies are not set here, or the route is empty or
 *                               has bytes that may not stand in a cookie
 *          SB_INVALID_ARGUMENT  a struct_size that this core does not know
 *          SB_BUFFER_TOO_SMALL */
SB_API sb_status sb_balancer_cookie(sb_balancer *balancer, const sb_pick *pick, sb_str route,
                                    int client_is_secure, sb_time_us now_us, char *out,
                                    size_t *len);

/** Write the application's Set-Cookie value with our value in it. [any] See (3).
 *  @return as sb_balancer_cookie(); SB_NOT_FOUND also where the application's cookies are not edited */
SB_API sb_status sb_balancer_edited_cookie(sb_balancer *balancer, const sb_pick *pick,
                                           sb_str set_cookie, sb_str route, sb_time_us now_us,
                                           char *out, size_t *len);

/** Write the Set-Cookie value that makes the browser forget our cookie. [any] See (3).
 *  @return SB_NOT_FOUND  cookies are not set here;  SB_BUFFER_TOO_SMALL */
SB_API sb_status sb_balancer_expired_cookie(const sb_balancer *balancer, int client_is_secure,
                                            char *out, size_t *len);

/** Write the Cache-Control value that says what this one says, and "private". [any] See (3).
 *  @return SB_BUFFER_TOO_SMALL */
SB_API sb_status sb_private_cache_control(sb_str cache_control, char *out, size_t *len);

/** How many requests had a cookie refused for this reason (sb_fault_name()), in all processes. [any]
 */
SB_API uint64_t sb_balancer_refused_cookies(const sb_balancer *balancer, uint32_t fault);

/* ---- words ---- */

/** The name of policy number `index`, from 0; NULL after the last. [any] Never freed. */
SB_API const char *sb_policy_name(size_t index);

/** The failure as StickyRetry spells it; "status" for SB_FAILED_STATUS; NULL beyond the last. [any] Never
 *  freed. */
SB_API const char *sb_failure_name(uint32_t failure);

/** The cause as STICKY_CAUSE spells it. [any] Never NULL, never freed. */
SB_API const char *sb_cause_name(uint32_t cause);

/** Why a cookie is refused, number `fault`, from 1; NULL after the last, and for 0. [any] Never
 *  freed. */
SB_API const char *sb_fault_name(uint32_t fault);

/** State, reason, requested state as an operator reads them. [any] Never NULL, never freed. */
SB_API const char *sb_actual_name(uint32_t actual);
SB_API const char *sb_reason_name(uint32_t reason);
SB_API const char *sb_requested_name(uint32_t requested);

/** The status's name, as in the enum. [any] Never NULL, never freed. */
SB_API const char *sb_status_name(sb_status status);

/** Not 0: this Set-Cookie value sets the cookie of this name. [any] */
SB_API int sb_sets_cookie(sb_str set_cookie, sb_str name);

/* What a Set-Cookie value says of its cookie. */
typedef struct sb_cookie_set {
    uint32_t struct_size;
    uint32_t ends;  /* not 0: the client forgets the cookie: it is empty, or Max-Age is 0 or less */
    sb_str value;   /* as sb_find_cookie() finds it once the client brings it back */
    sb_str expires; /* the date of Expires; none: there is none, or Max-Age goes before it */
} sb_cookie_set;
/** [any] What `out` gets points into `set_cookie`. Cost: one pass.
 *  @return SB_NOT_FOUND  it sets no cookie of this name;  SB_INVALID_ARGUMENT  an unknown struct_size */
SB_API sb_status sb_read_cookie_set(sb_str set_cookie, sb_str name, sb_cookie_set *out);

/** Find the first value of a cookie, of a path parameter (";name=value", to the next ';' or '/'), of a
 *  parameter of the query string (between '&'), that is not empty. [any] Names compare exactly. The
 *  value points into `header`, `path` or `query`. Cost: one pass.
 *  @return SB_NOT_FOUND */
SB_API sb_status sb_find_cookie(sb_str header, sb_str name, sb_str *value);
SB_API sb_status sb_find_path_parameter(sb_str path, sb_str name, sb_str *value);
SB_API sb_status sb_find_query_parameter(sb_str query, sb_str name, sb_str *value);

/* Statuses of HTTP. */
typedef struct sb_status_list {
    uint64_t words[10];
} sb_status_list;
/** Read codes and ranges with commas between them, as in "200-399,404". [any]
 *  @return SB_INVALID_ARGUMENT  it is no such list, or a code is not one of 100 to 599 */
SB_API sb_status sb_read_status_list(sb_str text, sb_status_list *out);
/** Not 0: the list has it. [any] */
SB_API int sb_lists_status(const sb_status_list *list, uint32_t status);

/** Whether these keys can be told apart and are not too many. [config]
 *  @return SB_INVALID_ARGUMENT  they cannot, or are;  SB_NO_MEMORY */
SB_API sb_status sb_check_keys(const sb_key *keys, size_t key_count);

/** Not 0: may be a cookie's name; may stand in a cookie's value. [any] */
SB_API int sb_is_cookie_name(sb_str text);
SB_API int sb_is_cookie_text(sb_str text);

#ifdef __cplusplus
}
#endif
#endif
