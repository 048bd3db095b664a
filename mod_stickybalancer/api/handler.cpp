// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/handler.hpp"

#include <atomic>
#include <cstdint>
#include <cstring>
#include <exception>
#include <span>
#include <string_view>

#include "mod_stickybalancer/api/answer.hpp"
#include "mod_stickybalancer/api/authorization.hpp"
#include "mod_stickybalancer/api/call.hpp"
#include "mod_stickybalancer/api/location.hpp"
#include "mod_stickybalancer/api/page_files.hpp"
#include "mod_stickybalancer/api/write_check.hpp"
#include "mod_stickybalancer/lame_duck.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/monitor_uri.hpp"

namespace stickybalancer::api {
namespace {

constexpr char kReader[] = "sticky-status";
constexpr char kWriter[] = "sticky-manager";

using Answer = int (*)(const Call &call);

constexpr std::string_view kOfLists[] = {"members", "from", "count", "at"};
constexpr std::string_view kOfSessions[] = {"key"};
constexpr std::string_view kOfTables[] = {"from", "count"};

int show_schema(const Call &call) { return send_schema(call.r); }

// What a resource does by which method; null: it does not. And what its query string may have.
struct Methods {
    Resource resource;
    Answer get, patch, post, remove;
    std::span<const std::string_view> parameters = {};
};
constexpr Methods kMethods[] = {
    {Resource::kServer, show_server, change_server, nullptr, nullptr},
    {Resource::kBalancers, show_balancers, nullptr, nullptr, nullptr, kOfLists},
    {Resource::kBalancer, show_one_balancer, nullptr, nullptr, nullptr, kOfLists},
    {Resource::kMembers, show_members_of, nullptr, add_member, nullptr, kOfLists},
    {Resource::kMember, show_one_member, change_member, nullptr, remove_member},
    {Resource::kPin, nullptr, nullptr, pin_client, nullptr},
    {Resource::kPins, nullptr, nullptr, nullptr, take_pins_back},
    {Resource::kSessions, show_sessions, nullptr, nullptr, forget_sessions, kOfSessions},
    {Resource::kTable, show_table, nullptr, nullptr, nullptr, kOfTables},
    {Resource::kSchema, show_schema, nullptr, nullptr, nullptr},
    {Resource::kMetrics, show_metrics, nullptr, nullptr, nullptr},
    {Resource::kHealth, show_health, nullptr, nullptr, nullptr},
};

const Methods *methods_of(Resource resource)
{
    for (const auto &methods : kMethods)
        if (methods.resource == resource)
            return &methods;
    return nullptr;
}

const char *allowed(apr_pool_t *pool, const Methods &methods, bool may_write)
{
    const char *names = methods.get != nullptr ? "GET, HEAD" : "";
    const auto add = [&](const char *name, Answer answer) {
        if (answer != nullptr && may_write)
            names = apr_pstrcat(pool, names, *names != '\0' ? ", " : "", name, nullptr);
    };
    add("PATCH", methods.patch);
    add("POST", methods.post);
    add("DELETE", methods.remove);
    return names;
}

int write(const Call &call, Answer answer)
{
    if (!call.may_write)
        return refuse(
            call.r, HTTP_FORBIDDEN,
            "this location only reads; where SetHandler sticky-manager stands, changes are made");
    return is_of_this_origin(call.r) ? answer(call) : OK;
}

// Else it was answered what is wrong. Scrapers and monitors may add what they like.
bool is_query_right(const Call &call, const Methods &methods)
{
    const auto resource = call.path.resource;
    if (call.r->args == nullptr || resource == Resource::kMetrics || resource == Resource::kHealth)
        return true;
    const auto problem = query_problem(call.r->args, methods.parameters);
    if (problem)
        refuse(call.r, HTTP_BAD_REQUEST, problem->c_str());
    return !problem;
}

int answer_by_method(const Call &call, const Methods &methods)
{
    const Answer answer = call.r->method_number == M_PATCH    ? methods.patch
                          : call.r->method_number == M_POST   ? methods.post
                          : call.r->method_number == M_DELETE ? methods.remove
                                                              : nullptr;
    const bool is_read = call.r->method_number == M_GET && methods.get != nullptr;
    if (!is_read && answer == nullptr)
        return refuse_method(call.r, allowed(call.r->pool, methods, call.may_write));
    if (!is_query_right(call, methods))
        return OK;
    return is_read ? methods.get(call) : write(call, answer);
}

// Files stand below an address with a slash at its end, so that the page's own names lead there.
int redirect_to_page(request_rec *r)
{
    const char *path = r->unparsed_uri;
    const char *last = apr_pstrmemdup(r->pool, path, std::strcspn(path, "?"));
    if (const char *slash = std::strrchr(last, '/'); slash != nullptr)
        last = slash + 1;
    apr_table_setn(r->headers_out, "Location", apr_pstrcat(r->pool, "./", last, "/", nullptr));
    begin_answer(r, HTTP_MOVED_PERMANENTLY, nullptr);
    return OK;
}

int answer_with_file(const Call &call)
{
    auto *r = call.r;
    if (r->method_number != M_GET)
        return refuse_method(r, "GET, HEAD");
    if (call.path.file.empty())
        return send_page_file(r, "index.html");
    const char *name = apr_pstrmemdup(r->pool, call.path.file.data(), call.path.file.size());
    if (call.path.resource == Resource::kFile || find_page_file(name) != nullptr)
        return send_page_file(r, name);
    return redirect_to_page(r);
}

int answer(const Call &call)
{
    const auto resource = call.path.resource;
    if (resource == Resource::kFile || resource == Resource::kLocation)
        return answer_with_file(call);
    const auto *methods = methods_of(resource);
    return methods != nullptr ? answer_by_method(call, *methods)
                              : refuse(call.r, HTTP_NOT_FOUND,
                                       "there is nothing of this name: the page is at the "
                                       "location, the API below api/v1");
}

// Whether this child says it for the first time of this section in this virtual host. One key stands for both: it is
// looked at by nobody else, and a line too few is no harm.
bool is_news(const core_dir_config *section, const server_rec *server)
{
    constexpr std::size_t kMostPlaces = 256;
    static std::atomic<std::uintptr_t> said[kMostPlaces];
    const auto place =
        reinterpret_cast<std::uintptr_t>(section) * 31 + reinterpret_cast<std::uintptr_t>(server);
    for (auto &slot : said) {
        std::uintptr_t other = 0;
        if (slot.compare_exchange_strong(other, place))
            return true;
        if (other == place)
            return false;
    }
    return false;
}

int refuse_everybody(request_rec *r)
{
    const auto *section = section_of(r);
    if (is_news(section, r->server))
        log<message::nobody_kept_out>(
            r, r->handler, section != nullptr ? section->d : r->uri,
            ap_construct_server(r->pool, r->server->server_hostname, ap_get_server_port(r), r));
    return refuse(r, HTTP_FORBIDDEN,
                  "nothing is served where anybody may enter: say who may, with Require");
}

}  // namespace

int show_health(const Call &call)
{
    const bool is_good = is_available(call.r, true);
    begin_json(call.r, is_good ? HTTP_OK : HTTP_SERVICE_UNAVAILABLE);
    Body body(call.r);
    body.json.open_object();
    body.json.text("status", is_good                              ? "ok"
                             : is_lame_duck(call.r->request_time) ? "lameduck"
                                                                  : "down");
    body.json.close_object();
    return OK;
}

int answer_operator(request_rec *r)
{
    if (r->handler == nullptr)
        return DECLINED;
    const bool may_write = std::strcmp(r->handler, kWriter) == 0;
    if (!may_write && std::strcmp(r->handler, kReader) != 0)
        return DECLINED;
    if (is_anybody_let_in(r))
        return refuse_everybody(r);
    try {
        const auto path = path_of(r);
        return answer({r, r->method_number == M_POST ? as_posted(path) : path, may_write});
    } catch (const std::exception &) {
        return HTTP_INTERNAL_SERVER_ERROR;  // out of memory
    }
}

}  // namespace stickybalancer::api
