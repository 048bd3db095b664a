// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/startup.hpp"

#include <cstdint>
#include <cstring>
#include <unistd.h>

#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/config_check.hpp"
#include "mod_stickybalancer/kept_state.hpp"
#include "mod_stickybalancer/lbmethods.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/shortcuts.hpp"

namespace stickybalancer {
namespace {

constexpr std::size_t kLine = 64;

// The region of this generation; made in post_config, before there are children.
struct Region {
    void *memory = nullptr;
    apr_size_t size = 0;
};
Region region;

// httpd reads its configuration twice when it starts; the first time is a trial.
bool is_trial() { return ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG; }
bool is_config_test() { return ap_state_query(AP_SQ_RUN_MODE) == AP_SQ_RM_CONFIG_TEST; }

bool make_region(apr_pool_t *pconf, const server_rec *s, std::uint32_t balancer_count)
{
    region.size = sb_region_size(balancer_count);
    apr_shm_t *shm = nullptr;
    if (apr_shm_create(&shm, region.size + kLine, nullptr, pconf) != APR_SUCCESS) {
        log<message::no_shared_memory>(s, static_cast<int>(region.size));
        return false;
    }
    const auto base = reinterpret_cast<std::uintptr_t>(apr_shm_baseaddr_get(shm));
    region.memory = reinterpret_cast<void *>((base + kLine - 1) / kLine * kLine);
    return sb_region_format(region.memory, region.size, balancer_count) == SB_OK;
}

bool names_method(const ConfigTree &tree, const char *balancer)
{
    for (int i = 0; i < tree.mentions->nelts; ++i) {
        const auto &mention = APR_ARRAY_IDX(tree.mentions, i, BalancerMention);
        if (mention.sets_method && std::strcmp(mention.balancer, balancer) == 0)
            return true;
    }
    return false;
}

}  // namespace

int check_config(apr_pool_t *, apr_pool_t *, apr_pool_t *ptemp, server_rec *s)
{
    // When the server starts, warnings are said once the error log is open.
    const auto saying = is_config_test() ? Saying::kErrorsAndWarnings : Saying::kErrors;
    return check_configuration(ptemp, s, read_config_tree(ptemp, ap_conftree), saying)
               ? OK
               : HTTP_INTERNAL_SERVER_ERROR;
}

int choose_methods(apr_pool_t *, apr_pool_t *, apr_pool_t *ptemp, server_rec *main_server)
{
    if (is_trial())
        return OK;
    auto *method = static_cast<proxy_balancer_method *>(
        ap_lookup_provider(PROXY_LBMETHOD, kDefaultMethod, "0"));
    const auto tree = read_config_tree(ptemp, ap_conftree);
    for (const auto *s = main_server; s != nullptr; s = s->next) {
        auto *conf =
            static_cast<proxy_server_conf *>(ap_get_module_config(s->module_config, &proxy_module));
        for (int i = 0; i < conf->balancers->nelts; ++i) {
            auto &balancer = reinterpret_cast<proxy_balancer *>(conf->balancers->elts)[i];
            if (!effective_config(config_of(s), balancer.s->name).elects ||
                names_method(tree, balancer.s->name))
                continue;
            balancer.lbmethod = method;
            apr_cpystrn(balancer.s->lbpname, kDefaultMethod, sizeof(balancer.s->lbpname));
        }
    }
    return OK;
}

int post_config(apr_pool_t *pconf, apr_pool_t *, apr_pool_t *ptemp, server_rec *s)
{
    if (is_trial())
        return OK;
    const auto tree = read_config_tree(ptemp, ap_conftree);
    check_configuration(ptemp, s, tree, Saying::kErrorsAndWarnings);
    drop_sections_without_effect(pconf, s, tree);
    const auto count = attach_balancers(pconf, s);
    if (!make_region(pconf, s, count.regions))
        return HTTP_INTERNAL_SERVER_ERROR;
    restore_kept_state(pconf, s);
    log<message::started>(s, count.ours, count.all);
    return OK;
}

void child_init(apr_pool_t *pchild, server_rec *s)
{
    // A child without its balancers would answer 503 to everything: better none.
    if (!start_attached(pchild, s, region.memory, region.size))
        _exit(APEXIT_CHILDSICK);
}

}  // namespace stickybalancer
