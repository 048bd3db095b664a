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

// What the query string asks for.
struct Wanted {
    ViewRange range;
    bool has_members = true;
};

// Of ?from=N&count=N, ?at=N,N and ?members=no. False: it was answered what is wrong.
bool read_wanted(request_rec *r, Wanted &wanted)
{
    const std::string_view query = r->args != nullptr ? r->args : "";
    const auto read = [&](const char *name, std::size_t &number) {
        const auto text = query_parameter(query, name);
        const auto count = text ? read_count(*text) : number;
        if (count)
            number = *count;
        return count.has_value();
    };
    const auto places = query_parameter(query, "at");
    if (places && !read_places(r->pool, *places, wanted.range)) {
        refuse(r, HTTP_BAD_REQUEST,
               "at is up to 200 whole numbers in ascending order, such as at=3,17,99");
        return false;
    }
    if (!places && (!read("from", wanted.range.first) || !read("count", wanted.range.count))) {
        refuse(r, HTTP_BAD_REQUEST, "from and count are whole numbers, such as from=0&count=50");
        return false;
    }
    const auto members = query_parameter(query, "members").value_or("yes");
    if (members != "no" && members != "yes") {
        refuse(r, HTTP_BAD_REQUEST, "members is yes or no, and members=no leaves them out");
        return false;
    }
    wanted.has_members = members == "yes";
    if (!wanted.has_members)
        wanted.range.count = 0;
    return true;
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

// Of the balancer that the path names. show(body, balancer, view, wanted) writes the answer.
template <typename Show>
int show_of_balancer(const Call &call, const Show &show)
{
    Wanted wanted;
    const auto *balancer = balancer_of(call);
    if (balancer == nullptr || !read_wanted(call.r, wanted))
        return OK;
    const auto view = view_of(*balancer->attached, call.r, call.r->pool, wanted.range);
    begin_json(call.r);
    // A part's would match nothing.
    if (view.members.size() == view.member_count)
        apr_table_setn(call.r->headers_out, "ETag", etag_of(call.r->pool, view));
    Body body(call.r);
    show(body, *balancer, view, wanted);
    return OK;
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
    Wanted wanted;
    if (!read_wanted(call.r, wanted))
        return OK;
    begin_json(call.r);
    Body body(call.r);
    body.json.open_object();
    body.json.open_array("balancers");
    for (const auto &balancer : our_balancers(call.r)) {
        const PoolForOne pool(call.r);
        const auto view = view_of(*balancer.attached, call.r, pool, wanted.range);
        show_balancer(body.json, pool, balancer, view, wanted.has_members);
    }
    body.json.close_array();
    body.json.close_object();
    return OK;
}

int show_one_balancer(const Call &call)
{
    return show_of_balancer(call, [&](Body &body, const OurBalancer &balancer,
                                      const BalancerView &view, const Wanted &wanted) {
        show_balancer(body.json, call.r->pool, balancer, view, wanted.has_members);
    });
}

int show_members_of(const Call &call)
{
    return show_of_balancer(call, [](Body &body, const OurBalancer &balancer,
                                     const BalancerView &view, const Wanted &) {
        body.json.open_object();
        body.json.number("member_count", view.member_count);
        show_members(body.json, balancer, view);
        body.json.close_object();
    });
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
