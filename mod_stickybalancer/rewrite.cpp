// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/rewrite.hpp"

#include <cstring>

// A function of mod_proxy that no public header declares; null in an httpd that does not have it.
extern "C" __attribute__((weak)) int ap_proxy_canon_url(request_rec *r);

namespace stickybalancer {

const char *path_in(const char *url)
{
    constexpr std::size_t kScheme = 11;  // "balancer://"
    return std::strncmp(url, "balancer://", kScheme) == 0 ? std::strchr(url + kScheme, '/')
                                                          : nullptr;
}

bool canonicalises_by_member() { return ap_proxy_canon_url != nullptr; }

int rewrite_url(request_rec *r, const proxy_worker &worker, char **url)
{
    const char *path = path_in(*url);
    if (!canonicalises_by_member()) {
        *url = apr_pstrcat(r->pool, worker.s->name_ex, path, nullptr);
        return OK;
    }
    r->filename = apr_pstrcat(r->pool, "proxy:", worker.s->name_ex, path, nullptr);
    const int result = ap_proxy_canon_url(r);
    if (result == OK)
        *url = r->filename + 6;
    return result;
}

}  // namespace stickybalancer
