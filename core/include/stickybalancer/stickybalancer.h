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
    SB_LAYOUT_MISMATCH = 8,
    SB_NO_MEMORY = 9,
    SB_INTERNAL = 10,
    SB_BUSY = 11,              /* not now; what was there before is still in force */
    SB_FAILOVER_FORBIDDEN = 12 /* the client's member cannot serve, and no other may */
} sb_status;

/* ---- shared memory: one region for all balancers of a server ---- */

/** Bytes that a region for this many balancers takes. [any] */
SB_API size_t sb_region_size(uint32_t balancer_count);

/** Make memory an empty region. [config] It is aligned to 64 bytes and becomes shared afterwards.
 *  @return SB_INVALID_ARGUMENT  not aligned, or smaller than sb_region_size() */
SB_API sb_status sb_region_format(void *memory, size_t size_bytes, uint32_t balancer_count);

/* ---- a balancer ---- */

/** Create the process's view of balancer number `index` of a region. [config] or [child]
 *  The memory outlives the balancer. The balancer has no members until it is configured.
 *  @return SB_LAYOUT_MISMATCH  not a region of this version;  SB_NOT_FOUND  no such index
 *          SB_NO_MEMORY */
SB_API sb_status sb_balancer_create(void *region, size_t size_bytes, uint32_t index,
                                    sb_balancer **out);

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
} sb_state_bits;

typedef struct sb_member {
    uint64_t handle; /* the caller's name for it, not 0; comes back in sb_pick */
    sb_str route;    /* none: the member cannot be asked for */
    sb_str redirect; /* route to use while this member is unusable */
    uint32_t weight; /* relative; 0: bound clients only */
    uint32_t set;    /* lower sets are used before higher ones */
    /* Read at each pick, never written; valid until the balancer is destroyed. */
    const uint32_t *state;
    const sb_time_us *failed_at_us; /* when the error bit was set */
    const int64_t *retry_us;        /* how long a failed member is left alone */
} sb_member;

typedef enum sb_cookie_mode {
    SB_COOKIE_OFF = 0,
    SB_COOKIE_PASSIVE = 1,
    SB_COOKIE_INSERT = 2
} sb_cookie_mode;
typedef enum sb_secure { SB_SECURE_AUTO = 0, SB_SECURE_ON = 1, SB_SECURE_OFF = 2 } sb_secure;
typedef enum sb_same_site {
    SB_SAME_SITE_OFF = 0,
    SB_SAME_SITE_LAX = 1,
    SB_SAME_SITE_STRICT = 2,
    SB_SAME_SITE_NONE = 3
} sb_same_site;

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
    uint32_t forbid_failover;  /* a bound client is never moved */
    uint32_t last_resort;      /* when every member has failed, one is tried all the same */
    sb_str policy; /* a name of sb_policy_name(); none: the caller places unbound requests */
    sb_state_bits state_bits;
    uint64_t generation; /* sb_balancer_generation(), read before the members were */
} sb_settings;

/** Put settings and members in force, all of them at once. [child]
 *  Everything is copied but the words that members point to. Picks that are under way end with what
 *  they began with. Cost: O(members); nobody waits.
 *  @return SB_INVALID_ARGUMENT  unknown struct_size, policy or enumerator, a handle of 0
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

typedef struct sb_request {
    uint32_t struct_size;
    uint32_t ignore_persistence; /* not 0: nothing that the client sent names a member, and no
                                    cookie is set */
    sb_time_us now_us;
    sb_str cookie_header;
    sb_str path; /* with path parameters, without query */
    sb_str query;
    sb_str forced_route;   /* the administrator's word: this member, whatever its state */
    const uint64_t *tried; /* handles of the members that failed this request; may be NULL with 0 */
    size_t tried_count;
} sb_request;

typedef enum sb_cause {
    SB_CAUSE_POLICY = 0,
    SB_CAUSE_COOKIE = 1,
    SB_CAUSE_PATH = 2,
    SB_CAUSE_QUERY = 3,
    SB_CAUSE_FORCED = 4,
    SB_CAUSE_REDISPATCH = 5
} sb_cause;

typedef struct sb_pick {
    uint32_t struct_size;
    uint32_t cause;           /* sb_cause */
    uint64_t handle;          /* the member; 0: place this unbound request yourself */
    uint32_t number_of_route; /* among those that share its route, from 1; 1 without a route */
    sb_str asked_route;       /* what the client asked for, a route of ours or not; points into
                                 sb_request */
    uint32_t has_asked;       /* not 0: it asked; the route may be empty all the same */
    uint32_t asked_in_cookie; /* where it did: not 0 in the cookie, 0 in the URL */
    uint32_t moves_route;     /* the client asked for a route of ours and gets another */
    uint32_t marks_retry;     /* the member had failed, and this request tries it again */
    uint32_t recovers_all;    /* every member had failed: all of them are to be tried again */
    uint32_t wants_cookie;    /* not 0: call sb_balancer_cookie when the answer goes out */
    char cookie_state;        /* as HAProxy logs it: N none, I invalid, V valid, D its member is down,
                                 U unused */
    int64_t cookie_issued_s;  /* for sb_balancer_cookie; 0 where cookies carry no dates */
} sb_pick;

/** Choose the member for one attempt of one request.
 *
 *  [any] Allocates nothing, takes no lock; writes one shared cache line when the policy is asked.
 *  Cost: one pass over the Cookie header, path and query; by policy a few reads for each member that
 *  cannot serve and is passed over.
 *  @return SB_NO_USABLE_MEMBER    nothing accepts this request: answer 503
 *          SB_FAILOVER_FORBIDDEN  its own member does not, and no other may: answer 503
 *          SB_INVALID_ARGUMENT    a struct_size that this core does not know
 *          SB_NOT_FOUND           not configured yet */
SB_API sb_status sb_balancer_pick(sb_balancer *balancer, const sb_request *request, sb_pick *out);

/** Write the Set-Cookie value that binds the client to the member with this route. [any] See (3).
 *  @return SB_NOT_FOUND         no cookie can say it: cookies are not set here, or the route is empty or
 *                               has bytes that may not stand in a cookie
 *          SB_INVALID_ARGUMENT  a struct_size that this core does not know
 *          SB_BUFFER_TOO_SMALL */
SB_API sb_status sb_balancer_cookie(const sb_balancer *balancer, const sb_pick *pick, sb_str route,
                                    int client_is_secure, sb_time_us now_us, char *out,
                                    size_t *len);

/* ---- words ---- */

/** The name of policy number `index`, from 0; NULL after the last. [any] Never freed. */
SB_API const char *sb_policy_name(size_t index);

/** The cause as STICKY_CAUSE spells it. [any] Never NULL, never freed. */
SB_API const char *sb_cause_name(uint32_t cause);

/** The status's name, as in the enum. [any] Never NULL, never freed. */
SB_API const char *sb_status_name(sb_status status);

/** Not 0: may be a cookie's name; may stand in a cookie's value. [any] */
SB_API int sb_is_cookie_name(sb_str text);
SB_API int sb_is_cookie_text(sb_str text);

#ifdef __cplusplus
}
#endif
#endif
