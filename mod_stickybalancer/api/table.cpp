// SPDX-License-Identifier: Apache-2.0
//
// What is in a balancer's table of sessions, some at a time. Keys are not there to be shown: a session is told by its
// digest, which the log has, too, where one is forgotten.
#include <algorithm>

#include "mod_stickybalancer/api/answer.hpp"
#include "mod_stickybalancer/api/call.hpp"
#include "mod_stickybalancer/member_view.hpp"

namespace stickybalancer::api {
namespace {

constexpr std::size_t kMostEntries = 1000;
constexpr std::int64_t kSecond_us = 1'000'000;

struct Page {
    std::size_t from = 0, count = kMostEntries;
};

// Of ?from=N&count=N. False: it was answered what is wrong.
bool read_page(request_rec *r, Page &page)
{
    const auto read = [&](const char *name, std::size_t &number) {
        const auto text = query_parameter(r->args != nullptr ? r->args : "", name);
        const auto count = text ? read_count(*text) : std::optional<std::size_t>(number);
        number = count.value_or(0);
        return count.has_value();
    };
    if (read("from", page.from) && read("count", page.count) && page.count != 0)
        return true;
    refuse(r, HTTP_BAD_REQUEST,
           "from is 0, or next of the page before; count is a whole number from 1");
    return false;
}

sb_session_list list_of(apr_pool_t *pool, const Page &page)
{
    const auto room = std::min(page.count, kMostEntries);
    sb_session_list list{};
    list.struct_size = sizeof(list);
    list.from = page.from;
    list.room = static_cast<std::uint32_t>(room);
    list.sessions = static_cast<sb_session *>(apr_palloc(pool, room * sizeof(sb_session)));
    list.infos = static_cast<sb_session_info *>(apr_palloc(pool, room * sizeof(sb_session_info)));
    return list;
}

void show_entry(JsonWriter &json, const MemberNames &names, const sb_session &session,
                const sb_session_info &info, apr_time_t now)
{
    char digest[17];
    apr_snprintf(digest, sizeof(digest), "%08x%08x", static_cast<unsigned>(session.high >> 32),
                 static_cast<unsigned>(session.high));
    json.open_object();
    json.text("digest", digest);
    json.text("member", info.handle != 0 ? names.name(*worker_of(info.handle)) : "");
    json.number("requests", info.requests);
    json.number("expires_s", static_cast<std::uint64_t>(
                                 std::max<std::int64_t>(info.expires_us - now, 0) / kSecond_us));
    json.time("learned", info.learned_us);
    json.time("used", info.used_us);
    json.text("by", info.is_application != 0 ? "application" : "client");
    json.close_object();
}

void show_list(JsonWriter &json, const OurBalancer &balancer, const MemberNames &names,
               const sb_session_list &list, apr_time_t now)
{
    sb_table_numbers numbers{};
    numbers.struct_size = sizeof(numbers);
    sb_table_count(balancer.attached->table, &numbers);
    json.open_object();
    json.text("balancer", balancer.name);
    json.number("entry_count", numbers.sessions);
    json.number("room", sb_table_session_count(balancer.attached->table));
    if (list.next != 0)
        json.number("next", list.next);
    else
        json.null("next");
    json.open_array("entries");
    for (std::uint32_t i = 0; i < list.count; ++i)
        show_entry(json, names, list.sessions[i], list.infos[i], now);
    json.close_array();
    json.close_object();
}

}  // namespace

int show_table(const Call &call)
{
    Page page;
    const auto *balancer = balancer_of(call);
    if (balancer == nullptr || !read_page(call.r, page))
        return OK;
    auto &attached = *balancer->attached;
    take_in_changes(attached, call.r);
    const auto now = apr_time_now();
    auto list = list_of(call.r->pool, page);
    if (!attached.has_table() || sb_balancer_list_sessions(attached.core, now, &list) != SB_OK)
        return refuse(call.r, HTTP_NOT_FOUND,
                      "this balancer has no table of sessions: StickyOn makes one");
    const MemberNames names(call.r->pool, *attached.balancer);
    begin_json(call.r);
    Body body(call.r);
    show_list(body.json, *balancer, names, list, now);
    return OK;
}

}  // namespace stickybalancer::api
