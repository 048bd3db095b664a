// SPDX-License-Identifier: Apache-2.0
//
// The module's record and its hooks. README.md says why each stands where it does.
#include "mod_stickybalancer/api/handler.hpp"
#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/config.hpp"
#include "mod_stickybalancer/lbmethods.hpp"
#include "mod_stickybalancer/manager.hpp"
#include "mod_stickybalancer/member_cookies.hpp"
#include "mod_stickybalancer/monitor_net.hpp"
#include "mod_stickybalancer/monitor_uri.hpp"
#include "mod_stickybalancer/request.hpp"
#include "mod_stickybalancer/request_sessions.hpp"
#include "mod_stickybalancer/response.hpp"
#include "mod_stickybalancer/retry.hpp"
#include "mod_stickybalancer/shortcuts.hpp"
#include "mod_stickybalancer/source_address.hpp"
#include "mod_stickybalancer/startup.hpp"
#include "mod_stickybalancer/status_page.hpp"

namespace stickybalancer {
namespace {

void register_hooks(apr_pool_t *pool)
{
    static const char *const kProxyBalancer[] = {"mod_proxy_balancer.c", nullptr};
    static const char *const kWatchdog[] = {"mod_watchdog.c", nullptr};
    static const char *const kProxy[] = {"mod_proxy.c", nullptr};
    static const char *const kProxies[] = {"mod_proxy.c", "mod_proxy_balancer.c", nullptr};
    register_lbmethods(pool);
    register_response_filter();
    register_retry();
    register_session_filter();
    register_manager_filter();
    register_member_cookies();
    register_status_page();
    ap_hook_check_config(check_config, nullptr, nullptr, APR_HOOK_MIDDLE);
    ap_hook_post_config(choose_methods, nullptr, kProxyBalancer, APR_HOOK_FIRST);
    ap_hook_post_config(post_config, kProxies, kWatchdog, APR_HOOK_LAST);
    ap_hook_child_status(child_status, nullptr, nullptr, APR_HOOK_MIDDLE);
    ap_hook_child_init(child_init, kProxies, kWatchdog, APR_HOOK_LAST);
    ap_hook_process_connection(answer_monitor_connection, nullptr, nullptr, APR_HOOK_REALLY_FIRST);
    ap_hook_quick_handler(answer_monitor_request, nullptr, nullptr, APR_HOOK_REALLY_FIRST);
    ap_hook_log_transaction(pass_over_monitor, nullptr, nullptr, APR_HOOK_REALLY_FIRST);
    ap_hook_handler(api::answer_operator, nullptr, kProxy, APR_HOOK_REALLY_FIRST);
    ap_hook_insert_filter(watch_manager, nullptr, nullptr, APR_HOOK_MIDDLE);
    proxy_hook_canon_handler(canonical_url, nullptr, kProxyBalancer, APR_HOOK_FIRST);
    proxy_hook_pre_request(pre_request, nullptr, kProxyBalancer, APR_HOOK_FIRST);
    proxy_hook_scheme_handler(try_members, nullptr, nullptr, APR_HOOK_REALLY_FIRST - 1);
    proxy_hook_scheme_handler(connect_from_source, nullptr, nullptr, APR_HOOK_REALLY_FIRST);
    APR_OPTIONAL_HOOK(proxy, create_req, note_connected, nullptr, nullptr, APR_HOOK_MIDDLE);
    proxy_hook_post_request(post_request, nullptr, kProxyBalancer, APR_HOOK_FIRST);
}

}  // namespace
}  // namespace stickybalancer

extern "C" {
module AP_MODULE_DECLARE_DATA stickybalancer_module = {
    STANDARD20_MODULE_STUFF,
    stickybalancer::create_section,
    stickybalancer::merge_sections,  // only those of requests: a balancer's is found by its name
    stickybalancer::create_server_config,
    stickybalancer::merge_server_config,
    stickybalancer::directive_table,
    stickybalancer::register_hooks,
    AP_MODULE_FLAG_NONE,
};
}
