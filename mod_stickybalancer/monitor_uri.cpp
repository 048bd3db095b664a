// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/monitor_uri.hpp"

#include <cstring>

#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/lame_duck.hpp"
#include "mod_stickybalancer/upkeep.hpp"

namespace stickybalancer {
namespace {

// By its address: whatever SetHandler says is another text.
constexpr const char kMonitored[] = "sticky-monitor";

bool is_monitor_request(const request_rec *r)
{
    const auto &path = config_of(r->server).options.monitor_path;
    return path.is_set && r->proxyreq == PROXYREQ_NONE && r->parsed_uri.path != nullptr &&
           std::strcmp(r->parsed_uri.path, path.value->path) == 0;
}

// A condition that cannot be told, which httpd logs, is none.
bool is_to_fail(request_rec *r, const Options &options)
{
    const auto *condition = options.monitor_fail_if.value_or(nullptr);
    const char *error = nullptr;
    return condition != nullptr && ap_expr_exec(r, condition, &error) > 0;
}

bool can_take_new_clients(request_rec *r, Attached &attached, std::uint32_t least)
{
    follow_changes(attached, r);
    return sb_balancer_accepts_new(attached.core, least, r->request_time) != 0;
}

// Calls visit(attached) for each balancer of the host that is ours, as long as it answers true. `is_any`: there
// was one.
template <typename Visit>
bool for_each_of_ours(const server_rec *s, bool &is_any, const Visit &visit)
{
    const auto *list = config_of(s).attached;
    for (int i = 0; list != nullptr && i < list->nelts; ++i) {
        auto &attached = *APR_ARRAY_IDX(list, i, Attached *);
        if (!attached.elects() || attached.balancer->s->inactive != 0)
            continue;
        is_any = true;
        if (!visit(attached))
            return false;
    }
    return true;
}

bool can_take_new_clients(request_rec *r, bool asks_all)
{
    const auto least =
        static_cast<std::uint32_t>(config_of(r->server).options.monitor_fail_below.value_or(1));
    const auto can_take = [&](Attached &attached) {
        return can_take_new_clients(r, attached, least);
    };
    bool is_any = false;
    bool is_good = for_each_of_ours(r->server, is_any, can_take);
    if (is_any || !asks_all)
        return is_good;
    for (const auto *s = ap_server_conf; s != nullptr && is_good; s = s->next)
        is_good = for_each_of_ours(s, is_any, can_take);
    return is_good;
}

void say(request_rec *r, int status, const char *text)
{
    r->status = status;
    ap_set_content_type(r, "text/plain");
    ap_set_content_length(r, static_cast<apr_off_t>(std::strlen(text)));
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    ap_rputs(text, r);
}

// Modules that note something of each connection or request: left out, they would be wrong about the next.
bool keeps_books(const char *module)
{
    return module != nullptr && (std::strcmp(module, "mod_logio.c") == 0 ||
                                 std::strcmp(module, "mod_log_forensic.c") == 0);
}

}  // namespace

const char *parse_monitor_path(cmd_parms *cmd, const char *text, const MonitorPath *&path)
{
    if (*text != '/')
        return "is no path";
    for (const char *at = text; *at != '\0'; ++at)
        if (!apr_isgraph(*at) || *at == '?' || *at == '#')
            return "is no path";
    path = new (apr_palloc(cmd->pool, sizeof(MonitorPath)))
        MonitorPath{text, cmd->directive->filename, cmd->directive->line_num};
    return nullptr;
}

bool is_available(request_rec *r, bool asks_all)
{
    return !is_lame_duck(r->request_time) && !is_to_fail(r, config_of(r->server).options) &&
           can_take_new_clients(r, asks_all);
}

int answer_monitor_request(request_rec *r, int lookup)
{
    if (lookup != 0 || !is_monitor_request(r))
        return DECLINED;
    if (r->method_number != M_GET) {
        apr_table_setn(r->headers_out, "Allow", "GET, HEAD");
        say(r, HTTP_METHOD_NOT_ALLOWED, "use GET or HEAD\n");
        return OK;
    }
    r->handler = kMonitored;
    if (is_available(r))
        say(r, HTTP_OK, "up\n");
    else
        say(r, HTTP_SERVICE_UNAVAILABLE, "down\n");
    return OK;
}

// Those who run after this are not called, but for the books.
int pass_over_monitor(request_rec *r)
{
    if (r->handler != kMonitored)
        return DECLINED;
    const auto &loggers = *ap_hook_get_log_transaction();
    for (int i = 0; i < loggers.nelts; ++i)
        if (const auto &logger = APR_ARRAY_IDX(&loggers, i, ap_LINK_log_transaction_t);
            keeps_books(logger.szName))
            logger.pFunc(r);
    return DONE;
}

}  // namespace stickybalancer
