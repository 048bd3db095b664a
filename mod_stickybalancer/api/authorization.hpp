// SPDX-License-Identifier: Apache-2.0
//
// Whether anybody is kept from where this request came in. Nothing of what httpd can be told says so by itself
// (Require, Satisfy, Allow and others' directives), so it is tried: would a stranger be let in? One without name,
// header, cookie and certificate, and one who sends what every browser does; from addresses that nobody has; with the
// environment that SetEnvIf makes of that.
//
// Thread safety: any thread. Cost: httpd's access checkers once more for each such address.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer::api {

bool is_anybody_let_in(request_rec *r);

}  // namespace stickybalancer::api
