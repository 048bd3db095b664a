// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/explain.hpp"

namespace stickybalancer {

void explain(request_rec *r, apr_table_t *headers)
{
    if (apr_table_get(r->subprocess_env, "sticky-explain") == nullptr)
        return;
    const auto said = [r](const char *name, const char *otherwise) {
        const char *value = apr_table_get(r->subprocess_env, name);
        return value != nullptr ? value : otherwise;
    };
    apr_table_unset(r->err_headers_out, "X-Sticky");  // it has been tried before
    apr_table_setn(headers, "X-Sticky",
                   apr_pstrcat(r->pool, "member=", said("STICKY_MEMBER", "-"), "; cause=",
                               said("STICKY_CAUSE", "-"), "; state=", said("STICKY_STATE", "-"),
                               "; attempts=", said("STICKY_ATTEMPTS", "0"),
                               "; queue=", said("STICKY_QUEUE_US", "0"), nullptr));
}

}  // namespace stickybalancer
