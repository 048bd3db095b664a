// SPDX-License-Identifier: Apache-2.0
//
// From the balancer's URL to the elected member's.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

// The path of "balancer://name/path?query", from its slash on; null where there is none.
const char *path_in(const char *url);

// Whether this httpd makes a URL canonical once its member is known. Older ones (before 2.4.62) do
// it beforehand, on the balancer's URL.
bool canonicalises_by_member();

// "balancer://name/path" in *url becomes "http://member/path", as mod_proxy_balancer does it. OK,
// or a status.
int rewrite_url(request_rec *r, const proxy_worker &worker, char **url);

}  // namespace stickybalancer
