/* SPDX-License-Identifier: Apache-2.0
 *
 * The handler "double-member" puts the first balancer's last member into its list a second time, as a thread of
 * mod_proxy_hcheck does that takes it in while another one does, too. */
#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <mod_proxy.h>

static int double_member(request_rec *r)
{
    const module *proxy = ap_find_linked_module("mod_proxy.c");
    if (strcmp(r->handler, "double-member") != 0)
        return DECLINED;
    const proxy_server_conf *conf = ap_get_module_config(r->server->module_config, proxy);
    const proxy_balancer *balancer = (const proxy_balancer *)conf->balancers->elts;
    proxy_worker **members = (proxy_worker **)balancer->workers->elts;
    proxy_worker *copy = apr_pmemdup(conf->pool, members[balancer->workers->nelts - 1], sizeof(*copy));
    *(proxy_worker **)apr_array_push(balancer->workers) = copy;
    ap_rprintf(r, "%d\n", balancer->workers->nelts);
    return OK;
}

static void register_handler(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_handler(double_member, NULL, NULL, APR_HOOK_MIDDLE);
}

module AP_MODULE_DECLARE_DATA doubles_member_module = {STANDARD20_MODULE_STUFF,
                                                       .register_hooks = register_handler};
