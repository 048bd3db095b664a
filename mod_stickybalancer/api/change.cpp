// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/change.hpp"

#include <algorithm>
#include <cstring>

#include "mod_stickybalancer/api/member_tls.hpp"
#include "mod_stickybalancer/api/operator.hpp"
#include "mod_stickybalancer/core_settings.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_list.hpp"
#include "mod_stickybalancer/member_records.hpp"
#include "mod_stickybalancer/page_text.hpp"
#include "mod_stickybalancer/upkeep.hpp"

namespace stickybalancer::api {
namespace {

constexpr std::uint32_t kStopped = PROXY_WORKER_DISABLED | PROXY_WORKER_STOPPED;

sb_requested word_of(Requested requested)
{
    return requested == Requested::kReady   ? SB_READY
           : requested == Requested::kDrain ? SB_DRAIN
                                            : SB_STOPPED;
}

void set_bits(proxy_worker_shared &member, std::uint32_t bits)
{
    __atomic_or_fetch(&member.status, bits, __ATOMIC_RELAXED);
}

void clear_bits(proxy_worker_shared &member, std::uint32_t bits)
{
    __atomic_and_fetch(&member.status, ~bits, __ATOMIC_RELAXED);
}

// At no instant it takes more than before and after.
void request(proxy_worker_shared &member, Requested requested)
{
    if (requested == Requested::kReady) {
        clear_bits(member, kStopped | PROXY_WORKER_DRAIN);
    } else if (requested == Requested::kDrain) {
        set_bits(member, PROXY_WORKER_DRAIN);
        clear_bits(member, kStopped);
    } else {
        set_bits(member, PROXY_WORKER_STOPPED);
        clear_bits(member, PROXY_WORKER_DRAIN | PROXY_WORKER_DISABLED);
    }
}

sb_time_us deadline_of(const MemberChange &change, apr_time_t now)
{
    if (!change.names_deadline)
        return SB_DRAIN_DEADLINE_KEPT;
    return change.deadline_us != 0 ? now + change.deadline_us : 0;
}

// Every process reads the members again; none says so in the log, where it is said what was changed.
void publish(request_rec *r, Attached &attached)
{
    sb_balancer_is_news(attached.core, digest_of(*attached.balancer));
    sb_balancer_mark_changed(attached.core);
    follow_changes(attached, r);
}

const char *requested_text(apr_pool_t *pool, const sb_member_request &request)
{
    const char *word = sb_requested_name(request.requested);
    return request.deadline_us == 0
               ? word
               : apr_pstrcat(pool, word, " until ", time_text(pool, request.deadline_us), nullptr);
}

// What has become of it; empty: nothing has changed.
const char *difference(apr_pool_t *pool, const sb_member_request &before,
                       const sb_member_request &after, std::uint32_t weight_before,
                       std::uint32_t weight_after)
{
    const char *text = "";
    if (before.requested != after.requested || before.deadline_us != after.deadline_us)
        text = apr_pstrcat(pool, "requested ", requested_text(pool, before), " -> ",
                           requested_text(pool, after), nullptr);
    if (weight_before != weight_after)
        text = apr_pstrcat(pool, text, *text != '\0' ? ", " : "", "weight ",
                           weight_text(pool, weight_before), " -> ",
                           weight_text(pool, weight_after), nullptr);
    return text;
}

std::uint32_t weight_of(const proxy_worker &member)
{
    return static_cast<std::uint32_t>(member.s->lbfactor);
}

const char *url_of(apr_pool_t *pool, const proxy_worker &member)
{
    return ap_proxy_worker_name(pool, const_cast<proxy_worker *>(&member));
}

std::optional<Refusal> conflict(const char *sentence) { return Refusal{HTTP_CONFLICT, sentence}; }
std::optional<Refusal> unfit(const char *sentence)
{
    return Refusal{HTTP_UNPROCESSABLE_ENTITY, sentence};
}

// The member as mod_proxy would have it, by itself: in no list, and in nobody's shared memory yet. Its URL is in the
// form that mod_proxy knows members by.
std::optional<Refusal> define(request_rec *r, const Attached &attached, const NewMember &wanted,
                              proxy_worker *&defined)
{
    if (const char *error =
            ap_proxy_define_worker(r->pool, &defined, nullptr, nullptr, wanted.url.c_str(), 0))
        return unfit(error);
    if (ap_proxy_port_of_scheme(defined->s->scheme) == 0)
        return unfit(
            "url has a scheme that no member is asked by; use http, https, ajp, fcgi or the like");
    if (needs_tls(defined->s->scheme) && !has_tls(r, attached))
        return unfit(
            "url is of a member that is asked by TLS, and SSLProxyEngine is off for this balancer: "
            "write SSLProxyEngine On in its <Proxy> section or its server, and restart");
    if (!wanted.route.empty() && sb_is_cookie_text(str_of(wanted.route.c_str())) == 0)
        return unfit(
            "route cannot stand in a cookie; use letters, digits and !#$%&'()*+-./:<=>?@[]^_`{|}~");
    const auto mode = cookie_mode_of(attached.config.options, *attached.balancer->s);
    if (mode == SB_COOKIE_PREFIX && wanted.route.find('~') != std::string::npos)
        return unfit("route has a '~', which ends the prefix of a cookie");
    return std::nullopt;
}

void settle(proxy_worker_shared &member, const NewMember &wanted)
{
    member.lbfactor = static_cast<int>(wanted.weight_hundredths);
    apr_cpystrn(member.route, wanted.route.c_str(), sizeof(member.route));
}

void take_out(proxy_worker_shared &member)
{
    set_bits(member, PROXY_WORKER_FREE | PROXY_WORKER_STOPPED);
}

// Processes adopt what has a later stamp than they know, whatever has become of the clock since.
apr_time_t next_stamp(const proxy_balancer &balancer)
{
    return std::max(apr_time_now(), balancer.s->wupdated + 1);
}

// Into mod_proxy's shared memory, where every process finds it by its time stamp, this one like all others. What is
// taken there is taken until the next restart, so it is not where there is no place for it in the region.
bool share(Attached &attached, proxy_worker &defined)
{
    auto &balancer = *attached.balancer;
    auto &storage = *balancer.storage;
    proxy_worker_shared *shared = nullptr;
    unsigned index = 0;
    if (storage.num_free_slots(balancer.wslot) == 0 || !claim_place(attached, defined) ||
        storage.grab(balancer.wslot, &index) != APR_SUCCESS)
        return false;
    if (storage.dptr(balancer.wslot, index, reinterpret_cast<void **>(&shared)) != APR_SUCCESS ||
        ap_proxy_share_worker(&defined, shared, static_cast<int>(index)) != APR_SUCCESS) {
        storage.release(balancer.wslot, index);
        return false;
    }
    balancer.s->wupdated = shared->updated = next_stamp(balancer);
    adopt_members(attached, attached.server, proxy_config_of(attached.server));
    return true;
}

proxy_worker *find_by_url(const Attached &attached, const proxy_worker &wanted)
{
    for (auto *member : members_of(*attached.balancer))
        if (std::strcmp(member->s->name_ex, wanted.s->name_ex) == 0 &&
            std::strcmp(member->s->uds_path, wanted.s->uds_path) == 0)
            return member;
    return nullptr;
}

// Null: nobody else has its route.
const proxy_worker *find_by_route(const Attached &attached, const proxy_worker &member)
{
    for (const auto *other : members_of(*attached.balancer))
        if (other->s != member.s && !is_removed(*other) && *member.s->route != '\0' &&
            std::strcmp(other->s->route, member.s->route) == 0)
            return other;
    return nullptr;
}

void revive(proxy_worker &member, const NewMember &wanted)
{
    settle(*member.s, wanted);
    clear_bits(*member.s,
               PROXY_WORKER_FREE | kStopped | PROXY_WORKER_DRAIN | PROXY_WORKER_IN_ERROR);
}

}  // namespace

ChangeLock::ChangeLock(const Attached &attached)
    : balancer_(*attached.balancer), is_held_(PROXY_GLOBAL_LOCK(&balancer_) == APR_SUCCESS)
{
}

ChangeLock::~ChangeLock()
{
    if (is_held_)
        PROXY_GLOBAL_UNLOCK(&balancer_);
}

void change(request_rec *r, Attached &attached, proxy_worker &member, const MemberChange &change)
{
    const auto now = apr_time_now();
    const auto before = request_of(attached, member);
    const auto weight_before = weight_of(member);
    if (change.requested && word_of(*change.requested) != before.requested)
        request(*member.s, *change.requested);
    if (change.weight_hundredths)
        member.s->lbfactor = static_cast<int>(*change.weight_hundredths);
    remember_member(attached, member, deadline_of(change, now), now);
    const char *what =
        difference(r->pool, before, request_of(attached, member), weight_before, weight_of(member));
    if (*what == '\0')
        return;
    publish(r, attached);
    log<message::operator_changed>(r, attached.name, url_of(r->pool, member), what, operator_of(r));
}

std::optional<Refusal> add(request_rec *r, Attached &attached, const NewMember &wanted,
                           proxy_worker *&member)
{
    proxy_worker *defined = nullptr;
    if (auto refusal = define(r, attached, wanted, defined))
        return refusal;
    member = find_by_url(attached, *defined);
    if (member != nullptr && !is_removed(*member))
        return conflict("it is a member already: PATCH changes it");
    if (member != nullptr) {
        revive(*member, wanted);
    } else {
        settle(*defined->s, wanted);
        PROXY_COPY_CONF_PARAMS(defined, proxy_config_of(attached.server));
        if (!share(attached, *defined))
            return conflict("the balancer has no room: raise growth= in its ProxySet, and restart");
        member = find_by_url(attached, *defined);
    }
    if (std::uint32_t place = kNoPlace;
        member == nullptr || !find_place(attached, *member, place)) {
        take_out(member != nullptr ? *member->s : *defined->s);
        return conflict("the balancer has no room: raise growth= in its ProxySet, and restart");
    }
    remember_member(attached, *member, 0, apr_time_now());
    publish(r, attached);
    log<message::operator_added>(r, attached.name, url_of(r->pool, *member), wanted.route.c_str(),
                                 weight_text(r->pool, wanted.weight_hundredths), operator_of(r));
    if (const auto *other = find_by_route(attached, *member))
        log<message::added_route_shared>(r, attached.name, url_of(r->pool, *other),
                                         url_of(r->pool, *member), wanted.route.c_str());
    return std::nullopt;
}

void remove(request_rec *r, Attached &attached, proxy_worker &member)
{
    take_out(*member.s);
    remember_member(attached, member, 0, apr_time_now());
    publish(r, attached);
    log<message::operator_removed>(r, attached.name, url_of(r->pool, member), operator_of(r));
}

}  // namespace stickybalancer::api
