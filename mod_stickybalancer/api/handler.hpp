// SPDX-License-Identifier: Apache-2.0
//
// SetHandler sticky-status and sticky-manager: the page, the API, metrics and health, below whatever location they
// are set for. Who may enter is httpd's own Require; where anybody may, nothing is served.
//
// Thread safety: any thread of a child.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer::api {

// hook handler, before mod_proxy's: a location that is inside a ProxyPass needs no exception from it.
int answer_operator(request_rec *r);

}  // namespace stickybalancer::api
