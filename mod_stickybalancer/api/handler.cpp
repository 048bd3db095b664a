// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/handler.hpp"

#include <atomic>
#include <cstring>
#include <exception>

#include "mod_stickybalancer/api/answer.hpp"
#include "mod_stickybalancer/api/authorization.hpp"
#include "mod_stickybalancer/api/call.hpp"
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

// What a resource does by which method; null: it does not.
struct Methods {
    Resource resource;
    Answer get, patch, post, remove;
};
constexpr Methods kMethods[] = {
    {Resource::kServer, show_server, change_server, nullptr, nullptr},
    {Resource::kBalancers, show_balancers, nullptr, nullptr, nullptr},
    {Resource::kBalancer, show_one_balancer, nullptr, nullptr, nullptr},
    {Resource::kMembers, show_members_of, nullptr, add_member, nullptr},
    {Resource::kMember, show_one_member, change_member, nullptr, remove_member},
    {Resource::kPin, nullptr, nullptr, pin_client, nullptr},
    {Resource::kPins, nullptr, nullptr, nullptr, take_pins_back},
    {Resource::kSessions, show_sessions, nullptr, nullptr, forget_sessions},
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

int answer_by_method(const Call &call, const Methods &methods)
{
    const Answer answer = call.r->method_number == M_PATCH    ? methods.patch
                          : call.r->method_number == M_POST   ? methods.post
                          : call.r->method_number == M_DELETE ? methods.remove
                                                              : nullptr;
    if (call.r->method_number == M_GET && methods.get != nullptr)
        return methods.get(call);
    if (answer != nullptr)
        return write(call, answer);
    return refuse_method(call.r, allowed(call.r->pool, methods, call.may_write));
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
    if (call.path.resource == Resource::kSchema)
        return send_schema(r);
    if (call.path.file.empty())
        return send_page_file(r, "index.html");
    const char *name = apr_pstrmemdup(r->pool, call.path.file.data(), call.path.file.size());
    if (find_page_file(name) != nullptr || std::strchr(name, '.') != nullptr)
        return send_page_file(r, name);
    return redirect_to_page(r);
}

int answer(const Call &call)
{
    if (call.path.resource == Resource::kFile || call.path.resource == Resource::kSchema)
        return answer_with_file(call);
    const auto *methods = methods_of(call.path.resource);
    return methods != nullptr ? answer_by_method(call, *methods)
                              : refuse(call.r, HTTP_NOT_FOUND, "the API has nothing of this name");
}

int refuse_everybody(request_rec *r)
{
    static std::atomic<bool> was_said{false};
    if (!was_said.exchange(true))
        log<message::nobody_kept_out>(r, r->handler, r->uri);
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
        const auto path = read_api_path(r->uri);
        return answer({r, r->method_number == M_POST ? as_posted(path) : path, may_write});
    } catch (const std::exception &) {
        return HTTP_INTERNAL_SERVER_ERROR;  // out of memory
    }
}

}  // namespace stickybalancer::api
