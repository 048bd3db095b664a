// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/shortcuts.hpp"

#include <cstring>

#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/rewrite.hpp"

namespace stickybalancer {
namespace {

bool contains(const apr_array_header_t &texts, const char *text)
{
    for (int i = 0; i < texts.nelts; ++i)
        if (std::strcmp(APR_ARRAY_IDX(&texts, i, const char *), text) == 0)
            return true;
    return false;
}

bool is_without_effect(ap_conf_vector_t *section, const ConfigTree &tree)
{
    const auto *ours =
        static_cast<const Section *>(ap_get_module_config(section, &stickybalancer_module));
    const auto *proxy =
        static_cast<const proxy_dir_conf *>(ap_get_module_config(section, &proxy_module));
    return ours != nullptr && ours->is_recorded && proxy->r == nullptr &&
           !contains(*tree.request_sections, proxy->p);
}

}  // namespace

void drop_sections_without_effect(apr_pool_t *pool, server_rec *main_server, const ConfigTree &tree)
{
    for (const auto *s = main_server; s != nullptr; s = s->next) {
        auto *conf = proxy_config_of(s);
        auto *kept = apr_array_make(pool, conf->sec_proxy->nelts, sizeof(ap_conf_vector_t *));
        for (int i = 0; i < conf->sec_proxy->nelts; ++i)
            if (auto *section = APR_ARRAY_IDX(conf->sec_proxy, i, ap_conf_vector_t *);
                !is_without_effect(section, tree))
                APR_ARRAY_PUSH(kept, ap_conf_vector_t *) = section;
        conf->sec_proxy = kept;
    }
}

int canonical_url(request_rec *r, char *url)
{
    if (*url != 'b' || !canonicalises_by_member())
        return DECLINED;
    const auto *attached = find_attached(r, nullptr, nullptr, url);
    const bool is_as_written =
        attached != nullptr && attached->elects() && url[attached->name_length] == '/';
    return is_as_written ? OK : DECLINED;
}

}  // namespace stickybalancer
