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
    sb_str balancer_name;     /* a sealed cookie is good for the balancer of this name only */
    uint64_t random;          /* unpredictable, another one for each process and call */
    uint32_t forbid_failover; /* a bound client is never moved */
    uint32_t last_resort;     /* when every member has failed, one is tried all the same */
    sb_str policy; /* a name of sb_policy_name(); none: the caller places unbound requests */
    sb_state_bits state_bits;
    uint64_t generation; /* sb_balancer_generation(), read before the members were */
} sb_settings;

/** Put settings and members in force, all of them at once. [child]
 *  Everything is copied but the words that members point to. Picks that are under way end with what
 *  they began with. Cost: O(members); nobody waits.
 *  @return SB_INVALID_ARGUMENT  unknown struct_size, policy or enumerator, a handle of 0, a seal
 *                               without keys or with keys that cannot be told apart
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

/** Write a Cookie header as the member gets it: without our cookie, where that is indirect, or
 *  without our part of its value. [any] See (3); it is never longer than `header`. Nothing written:
 *  the member gets no such header.
 *  @return SB_NOT_FOUND         nothing in it is ours: the member gets it as it is
 *          SB_BUFFER_TOO_SMALL */
SB_API sb_status sb_balancer_member_cookies(const sb_balancer *balancer, sb_str header, char *out,
                                            size_t *len);

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

/** The cause as STICKY_CAUSE spells it. [any] Never NULL, never freed. */
SB_API const char *sb_cause_name(uint32_t cause);

/** Why a cookie is refused, number `fault`, from 1; NULL after the last, and for 0. [any] Never
 *  freed. */
SB_API const char *sb_fault_name(uint32_t fault);

/** The status's name, as in the enum. [any] Never NULL, never freed. */
SB_API const char *sb_status_name(sb_status status);

/** Not 0: this Set-Cookie value sets the cookie of this name. [any] */
SB_API int sb_sets_cookie(sb_str set_cookie, sb_str name);

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
