// SPDX-License-Identifier: Apache-2.0
//
// Whether members can be asked by TLS, which httpd itself finds out with the first request for them.
//
// Thread safety: any thread.
#pragma once

#include "mod_stickybalancer/attachment.hpp"

namespace stickybalancer::api {

// Whether mod_proxy asks a member with this URL scheme by TLS.
bool needs_tls(const char *scheme);

// Whether SSLProxyEngine is on for the balancer, in one server that has it at least.
bool has_tls(request_rec *r, const Attached &attached);

}  // namespace stickybalancer::api
