// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/startup.hpp"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <unistd.h>

#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/config_check.hpp"
#include "mod_stickybalancer/health_lines.hpp"
#include "mod_stickybalancer/health_runner.hpp"
#include "mod_stickybalancer/health_states.hpp"
#include "mod_stickybalancer/lbmethods.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_cookies.hpp"
#include "mod_stickybalancer/member_records.hpp"
#include "mod_stickybalancer/member_settings.hpp"
#include "mod_stickybalancer/monitor_net.hpp"
#include "mod_stickybalancer/queue.hpp"
#include "mod_stickybalancer/region_file.hpp"
#include "mod_stickybalancer/session_keeper.hpp"
#include "mod_stickybalancer/shortcuts.hpp"
#include "mod_stickybalancer/source_address.hpp"
#include "mod_stickybalancer/table_file.hpp"
#include "mod_stickybalancer/upkeep.hpp"

namespace stickybalancer {
namespace {

// Made in post_config, before there are children.
SharedRegion region;

// httpd reads its configuration twice when it starts; the first time is a trial.
bool is_trial() { return ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG; }
bool is_config_test() { return ap_state_query(AP_SQ_RUN_MODE) == AP_SQ_RM_CONFIG_TEST; }

int mpm_limit(int query, int otherwise)
{
    int limit = 0;
    return ap_mpm_query(query, &limit) == APR_SUCCESS && limit > 0 ? limit : otherwise;
}

// Two generations of children may be there at one time, and some that have been slow to go.
sb_geometry wanted_geometry()
{
    constexpr int kMoreProcesses = 16;
    const int processes = 2 * mpm_limit(AP_MPMQ_HARD_LIMIT_DAEMONS, 1) + kMoreProcesses;
    const int threads = mpm_limit(AP_MPMQ_HARD_LIMIT_THREADS, 1);
    return {static_cast<std::uint32_t>(processes), static_cast<std::uint32_t>(threads)};
}

apr_status_t close_region(void *)
{
    sb_region_close(region.core);
    region.core = nullptr;
    return APR_SUCCESS;
}

bool is_there(std::uint32_t pid) { return kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM; }

void reclaim(std::uint32_t pid)
{
    sb_wakes wakes;
    sb_region_reclaim_process(region.core, pid, &wakes);
    for (std::uint32_t i = 0; i < wakes.count; ++i)
        wake(wakes.words[i]);
}

// Children whose end nobody told us of.
void reclaim_the_dead()
{
    const auto geometry = sb_region_geometry(region.core);
    for (std::uint32_t slot = 0; slot < geometry.process_count; ++slot)
        if (const auto pid = sb_region_process(region.core, slot); pid != 0 && !is_there(pid))
            reclaim(pid);
}

}  // namespace

int check_config(apr_pool_t *pconf, apr_pool_t *, apr_pool_t *ptemp, server_rec *s)
{
    resolve_member_lines(pconf, s);
    resolve_check_lines(pconf, s);
    // When the server starts, warnings are said once the error log is open.
    const auto saying = is_config_test() ? Saying::kErrorsAndWarnings : Saying::kErrors;
    return check_configuration(ptemp, s, read_config_tree(ptemp, ap_conftree), saying)
               ? OK
               : HTTP_INTERNAL_SERVER_ERROR;
}

int choose_methods(apr_pool_t *pconf, apr_pool_t *, apr_pool_t *ptemp, server_rec *main_server)
{
    if (is_trial())
        return OK;
    note_configured_members(pconf, main_server);
    const auto tree = read_config_tree(ptemp, ap_conftree);
    for (const auto *s = main_server; s != nullptr; s = s->next) {
        auto *conf = proxy_config_of(s);
        for (int i = 0; i < conf->balancers->nelts; ++i) {
            auto &balancer = reinterpret_cast<proxy_balancer *>(conf->balancers->elts)[i];
            if (!effective_config(config_of(s), balancer.s->name).elects)
                continue;
            const char *chosen = chosen_method(tree, main_server, s, balancer);
            const char *name = chosen != nullptr ? chosen : kDefaultMethod;
            balancer.lbmethod =
                static_cast<proxy_balancer_method *>(ap_lookup_provider(PROXY_LBMETHOD, name, "0"));
            apr_cpystrn(balancer.s->lbpname, name, sizeof(balancer.s->lbpname));
        }
    }
    return OK;
}

int post_config(apr_pool_t *pconf, apr_pool_t *, apr_pool_t *ptemp, server_rec *s)
{
    if (is_trial())
        return OK;
    const auto tree = read_config_tree(ptemp, ap_conftree);
    check_configuration(ptemp, s, tree, Saying::kAtStart);
    drop_sections_without_effect(pconf, s, tree);
    const auto count = attach_balancers(pconf, s);
    const auto dir = state_directory_of(ptemp, config_of(s).options);
    if (!open_region(ptemp, s, {dir.path, config_of(s).options.state_directory.is_set},
                     wanted_geometry(), region))
        return HTTP_INTERNAL_SERVER_ERROR;
    apr_pool_cleanup_register(pconf, nullptr, close_region, apr_pool_cleanup_null);
    reclaim_the_dead();
    if (!claim_members(pconf, s, region))
        return HTTP_INTERNAL_SERVER_ERROR;
    if (!open_tables(pconf, ptemp, s, region.directory))
        return HTTP_INTERNAL_SERVER_ERROR;
    log_member_settings(ptemp, s);
    start_upkeep(pconf, s);
    accept_silent_monitors(s);
    start_health_runner(pconf, s);
    log<message::started>(s, count.ours, count.all);
    return OK;
}

void child_init(apr_pool_t *pchild, server_rec *s)
{
    // A child without its balancers would answer 503 to everything: better none.
    if (!start_attached(pchild, s, region.core))
        _exit(APEXIT_CHILDSICK);
    hide_pins_of(region.core);
    restore_verdicts(s);
    prepare_health_runner(pchild, s);
    start_session_keeper(pchild, s);
    prepare_sources(s);
}

void child_status(server_rec *, pid_t pid, ap_generation_t, int, mpm_child_status status)
{
    if (status == MPM_CHILD_EXITED && region.core != nullptr)
        reclaim(static_cast<std::uint32_t>(pid));
}

}  // namespace stickybalancer
