// SPDX-License-Identifier: Apache-2.0
//
// The GETs of balancers, members and the server.
#include <ap_mpm.h>
#include <unistd.h>

#include "mod_stickybalancer/api/call.hpp"
#include "mod_stickybalancer/api/etag.hpp"
#include "mod_stickybalancer/api/show.hpp"
#include "mod_stickybalancer/lame_duck.hpp"

namespace stickybalancer::api {
namespace {

constexpr std::size_t kMostPlaces = 200;

// "3,17,99", in ascending order; false: it is something else.
bool read_places(apr_pool_t *pool, std::string_view text, ViewRange &range)
{
    auto *places = static_cast<std::size_t *>(apr_palloc(pool, kMostPlaces * sizeof(std::size_t)));
    std::size_t count = 0;
    for (bool is_last = false; !is_last; ++count) {
        const auto end = text.find(',');
        const auto place = read_count(text.substr(0, end));
        if (!place || count == kMostPlaces || (count > 0 && places[count - 1] >= *place))
            return false;
        places[count] = *place;
        is_last = end == std::string_view::npos;
        text.remove_prefix(is_last ? text.size() : end + 1);
    }
    range.places = places;
    range.count = count;
    return true;
}

// Of ?from=N&count=N, ?at=N,N and ?members=no. False: it was answered what is wrong.
bool read_range(request_rec *r, ViewRange &range)
{
    const std::string_view query = r->args != nullptr ? r->args : "";
    const auto read = [&](const char *name, std::size_t &number) {
        const auto text = query_parameter(query, name);
        if (!text)
            return true;
        const auto count = read_count(*text);
        if (count)
            number = *count;
        return count.has_value();
    };
    if (query_parameter(query, "members") == "no")
        range.count = 0;
    const auto places = query_parameter(query, "at");
    if (places && !read_places(r->pool, *places, range)) {
        refuse(r, HTTP_BAD_REQUEST,
               "at is up to 200 whole numbers in ascending order, such as 3,17,99");
        return false;
    }
    if (places || (read("from", range.first) && read("count", range.count)))
        return true;
    refuse(r, HTTP_BAD_REQUEST, "from and count are whole numbers");
    return false;
}

bool wants_members(const request_rec *r)
{
    return query_parameter(r->args != nullptr ? r->args : "", "members") != "no";
}

// What is shown of one balancer at a time: a server may have many.
class PoolForOne {
public:
    explicit PoolForOne(const request_rec *r) { apr_pool_create(&pool_, r->pool); }
    ~PoolForOne() { apr_pool_destroy(pool_); }
    PoolForOne(const PoolForOne &) = delete;
    PoolForOne &operator=(const PoolForOne &) = delete;
    operator apr_pool_t *() const { return pool_; }

private:
    apr_pool_t *pool_ = nullptr;
};

const char *etag_of(apr_pool_t *pool, const BalancerView &view)
{
    ETag etag;
    for (const auto &member : view.members)
        etag << member;
    return etag.text(pool);
}

apr_time_t started_at()
{
    const auto *scores = ap_get_scoreboard_global();
    return scores != nullptr ? scores->restart_time : 0;
}

int generation()
{
    int number = 0;
    ap_mpm_query(AP_MPMQ_GENERATION, &number);
    return number;
}

}  // namespace

int show_balancers(const Call &call)
{
    ViewRange range;
    if (!read_range(call.r, range))
        return OK;
    begin_json(call.r);
    Body body(call.r);
    body.json.open_object();
    body.json.open_array("balancers");
    for (const auto &balancer : our_balancers(call.r)) {
        const PoolForOne pool(call.r);
        const auto view = view_of(*balancer.attached, call.r, pool, range);
        show_balancer(body.json, pool, balancer, view, wants_members(call.r));
    }
    body.json.close_array();
    body.json.close_object();
    return OK;
}

int show_one_balancer(const Call &call)
{
    ViewRange range;
    const auto *balancer = balancer_of(call);
    if (balancer == nullptr || !read_range(call.r, range))
        return OK;
    const auto view = view_of(*balancer->attached, call.r, call.r->pool, range);
    begin_json(call.r);
    apr_table_setn(call.r->headers_out, "ETag", etag_of(call.r->pool, view));
    Body body(call.r);
    show_balancer(body.json, call.r->pool, *balancer, view, wants_members(call.r));
    return OK;
}

int show_members_of(const Call &call)
{
    ViewRange range;
    const auto *balancer = balancer_of(call);
    if (balancer == nullptr || !read_range(call.r, range))
        return OK;
    const auto view = view_of(*balancer->attached, call.r, call.r->pool, range);
    begin_json(call.r);
    apr_table_setn(call.r->headers_out, "ETag", etag_of(call.r->pool, view));
    Body body(call.r);
    body.json.open_object();
    body.json.number("member_count", view.member_count);
    show_members(body.json, *balancer, view);
    body.json.close_object();
    return OK;
}

int show_one_member(const Call &call)
{
    const auto *balancer = balancer_of(call);
    if (balancer == nullptr)
        return OK;
    take_in_changes(*balancer->attached, call.r);
    const MemberNames names(call.r->pool, *balancer->attached->balancer);
    if (const auto *member = member_of(call, names); member != nullptr)
        answer_with_member(call.r, HTTP_OK, *balancer,
                           view_of(*balancer->attached, call.r->pool, names, *member));
    return OK;
}

int show_server(const Call &call)
{
    begin_json(call.r);
    Body body(call.r);
    auto &json = body.json;
    const auto now = apr_time_now();
    const auto until = lame_duck_until();
    json.open_object();
    json.text("version", SB_VERSION);
    json.text("httpd", ap_get_server_description());
    json.time("started", started_at());
    json.number("generation", static_cast<std::uint64_t>(generation()));
    json.number("pid", static_cast<std::uint64_t>(getppid()));
    json.time("lameduck_until", until > now ? until : 0);
    json.flag("may_write", call.may_write);
    json.close_object();
    return OK;
}

}  // namespace stickybalancer::api
