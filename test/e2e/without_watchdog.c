/* SPDX-License-Identifier: Apache-2.0
 *
 * A module that makes httpd one without mod_watchdog to whoever asks: Debian's has it built in. For httpd -t only. */
#include <httpd.h>
#include <http_config.h>

static void forget_watchdog(apr_pool_t *pool)
{
    module **link = &ap_top_module;
    (void)pool;
    while (*link != NULL && strcmp((*link)->name, "mod_watchdog.c") != 0)
        link = &(*link)->next;
    if (*link != NULL)
        *link = (*link)->next;
}

module AP_MODULE_DECLARE_DATA without_watchdog_module = {STANDARD20_MODULE_STUFF,
                                                         .register_hooks = forget_watchdog};
