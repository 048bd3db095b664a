// SPDX-License-Identifier: Apache-2.0
//
// PATCH, POST and DELETE of members, pins, and PATCH of the server. What stands before a lock may wait for the client;
// what stands behind it does not.
#include <cstring>

#include "mod_stickybalancer/api/answer.hpp"
#include "mod_stickybalancer/api/call.hpp"
#include "mod_stickybalancer/api/change.hpp"
#include "mod_stickybalancer/api/etag.hpp"
#include "mod_stickybalancer/api/operator.hpp"
#include "mod_stickybalancer/api/show.hpp"
#include "mod_stickybalancer/api/write_check.hpp"
#include "mod_stickybalancer/lame_duck.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_records.hpp"
#include "mod_stickybalancer/page_text.hpp"

namespace stickybalancer::api {
namespace {

int refuse_as(request_rec *r, const Refusal &refusal)
{
    return refuse(r, refusal.status, refusal.sentence.c_str());
}

int refuse_busy(request_rec *r)
{
    return refuse(r, HTTP_INTERNAL_SERVER_ERROR, "the balancer's mutex cannot be taken: ask again");
}

// The body, by read(body, wanted). False: it was answered what is wrong.
template <typename Wanted>
bool read_body(request_rec *r, std::optional<Refusal> (*read)(std::string_view, Wanted &),
               Wanted &wanted)
{
    const auto body = read_json_body(r);
    const auto refusal = body ? read(*body, wanted) : std::nullopt;
    if (refusal)
        refuse_as(r, *refusal);
    return body && !refusal;
}

// Whether the client has seen the member as it is now; else it was answered 412.
bool is_up_to_date(request_rec *r, const MemberView &member)
{
    ETag etag;
    etag << member;
    return is_matched(r, etag.text(r->pool));
}

// The same of the list that a member is added to.
bool is_up_to_date(request_rec *r, Attached &attached)
{
    if (!has_condition(r))
        return true;
    ETag etag;
    for (const auto &member : view_of(attached, r, r->pool).members)
        etag << member;
    return is_matched(r, etag.text(r->pool));
}

// Calls change(names, member) with the lock held, for a member that the path names and If-Match agrees with.
template <typename Change>
int with_member(const Call &call, const OurBalancer &balancer, const Change &change)
{
    auto &attached = *balancer.attached;
    const ChangeLock lock(attached);
    if (!lock)
        return refuse_busy(call.r);
    if (!is_of_this_generation(call.r))
        return OK;
    take_in_changes(attached, call.r);
    const MemberNames names(call.r->pool, *attached.balancer);
    auto *member = const_cast<proxy_worker *>(member_of(call, names));
    if (member == nullptr ||
        !is_up_to_date(call.r, view_of(attached, call.r->pool, names, *member)))
        return OK;
    return change(names, *member);
}

// Of a member, below the address that it was added at.
const char *location_of(const Call &call, const char *member)
{
    const char *path = call.r->unparsed_uri;
    auto length = std::strcspn(path, "?");
    if (length > 0 && path[length - 1] == '/')
        --length;
    return apr_pstrcat(call.r->pool, apr_pstrmemdup(call.r->pool, path, length), "/",
                       ap_os_escape_path(call.r->pool, member, 1), nullptr);
}

// A deadline is of a drain.
bool fits(Attached &attached, const proxy_worker &member, const MemberChange &wanted)
{
    return wanted.deadline_us == 0 || wanted.requested ||
           request_of(attached, member).requested == SB_DRAIN;
}

void answer_with_pin(request_rec *r, const char *cookie, apr_time_t until)
{
    begin_json(r);
    Body body(r);
    body.json.open_object();
    body.json.text("cookie", cookie);
    body.json.time("until", until);
    body.json.close_object();
}

// Ends with a second, so that what is said of it is what counts.
apr_time_t end_of_pin(std::int64_t for_us)
{
    return apr_time_from_sec(apr_time_sec(apr_time_now() + for_us + APR_USEC_PER_SEC - 1));
}

}  // namespace

int change_member(const Call &call)
{
    const auto *balancer = balancer_of(call);
    MemberChange wanted;
    if (balancer == nullptr || !read_body(call.r, read_change, wanted))
        return OK;
    return with_member(call, *balancer, [&](const MemberNames &names, proxy_worker &member) {
        auto &attached = *balancer->attached;
        if (!fits(attached, member, wanted))
            return refuse(call.r, HTTP_UNPROCESSABLE_ENTITY,
                          "deadline goes with a drain only: write requested drain with it");
        change(call.r, attached, member, wanted);
        answer_with_member(call.r, HTTP_OK, *balancer,
                           view_of(attached, call.r->pool, names, member));
        return OK;
    });
}

int add_member(const Call &call)
{
    const auto *balancer = balancer_of(call);
    NewMember wanted;
    if (balancer == nullptr || !read_body(call.r, read_new_member, wanted))
        return OK;
    auto &attached = *balancer->attached;
    const ChangeLock lock(attached);
    if (!lock)
        return refuse_busy(call.r);
    if (!is_of_this_generation(call.r))
        return OK;
    take_in_changes(attached, call.r);
    if (!is_up_to_date(call.r, attached))
        return OK;
    proxy_worker *member = nullptr;
    if (const auto refusal = add(call.r, attached, wanted, member))
        return refuse_as(call.r, *refusal);
    const MemberNames names(call.r->pool, *attached.balancer);
    const auto view = view_of(attached, call.r->pool, names, *member);
    apr_table_setn(call.r->headers_out, "Location", location_of(call, view.name));
    answer_with_member(call.r, HTTP_CREATED, *balancer, view);
    return OK;
}

int remove_member(const Call &call)
{
    const auto *balancer = balancer_of(call);
    if (balancer == nullptr)
        return OK;
    return with_member(call, *balancer, [&](const MemberNames &, proxy_worker &member) {
        if (!was_added(*balancer->attached, member))
            return refuse(call.r, HTTP_CONFLICT,
                          "it is in the configuration: stop it, and take its line out");
        remove(call.r, *balancer->attached, member);
        begin_json(call.r, HTTP_NO_CONTENT);
        return OK;
    });
}

int pin_client(const Call &call)
{
    const auto *balancer = balancer_of(call);
    std::int64_t for_us = 0;
    if (balancer == nullptr || !read_body(call.r, read_pin, for_us))
        return OK;
    return with_member(call, *balancer, [&](const MemberNames &, proxy_worker &member) {
        auto &attached = *balancer->attached;
        const auto until = end_of_pin(for_us);
        std::uint32_t place = kNoPlace;
        char cookie[256] = "";
        std::size_t length = sizeof(cookie) - 1;
        const auto made =
            find_place(attached, member, place)
                ? sb_balancer_make_pin(attached.core, place, apr_time_now(), until, cookie, &length)
                : SB_NOT_FOUND;
        if (made == SB_BUSY)
            return refuse(call.r, HTTP_CONFLICT,
                          "the clock was ahead when pins were taken back, so this one would end "
                          "before it counts: ask for a longer one, with for=");
        if (made != SB_OK)
            return refuse(call.r, HTTP_CONFLICT,
                          "the member has no place in shared memory: raise growth= in its "
                          "balancer's ProxySet, and restart");
        cookie[length] = '\0';
        log<message::client_pinned>(call.r, attached.name,
                                    ap_proxy_worker_name(call.r->pool, &member),
                                    time_text(call.r->pool, until), operator_of(call.r));
        answer_with_pin(call.r, cookie, until);
        return OK;
    });
}

int take_pins_back(const Call &call)
{
    const auto *balancer = balancer_of(call);
    if (balancer == nullptr || !is_matched(call.r, kNoETag) || !is_of_this_generation(call.r))
        return OK;
    auto &attached = *balancer->attached;
    sb_balancer_take_pins_back(attached.core, apr_time_now());
    log<message::pins_taken_back>(call.r, attached.name, operator_of(call.r));
    begin_json(call.r, HTTP_NO_CONTENT);
    return OK;
}

int change_server(const Call &call)
{
    std::int64_t for_us = 0;
    if (!read_body(call.r, read_lame_duck, for_us) || !is_matched(call.r, kNoETag) ||
        !is_of_this_generation(call.r))
        return OK;
    const auto now = apr_time_now();
    const bool was_one = is_lame_duck(now);
    const auto until = for_us != 0 ? now + for_us : 0;
    if (!set_lame_duck(until))
        return refuse(
            call.r, HTTP_CONFLICT,
            "the server has no balancer of this module's, so nothing would say that it is one");
    if (until != 0 || was_one)
        log<message::lame_duck_set>(call.r, until != 0 ? time_text(call.r->pool, until) : "off",
                                    operator_of(call.r));
    return show_server(call);
}

}  // namespace stickybalancer::api
