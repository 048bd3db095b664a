// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/monitor_uri.hpp"

#include <cstring>

#include "mod_stickybalancer/attachment.hpp"
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

bool can_take_new_clients(request_rec *r)
{
    const auto &config = config_of(r->server);
    const auto least = static_cast<std::uint32_t>(config.options.monitor_fail_below.value_or(1));
    for (int i = 0; i < config.attached->nelts; ++i) {
        auto &attached = *APR_ARRAY_IDX(config.attached, i, Attached *);
        if (!attached.elects() || attached.balancer->s->inactive)
            continue;
        follow_changes(attached, r);
        if (sb_balancer_accepts_new(attached.core, least, r->request_time) == 0)
            return false;
    }
    return true;
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
    if (!is_to_fail(r, config_of(r->server).options) && can_take_new_clients(r))
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
