// SPDX-License-Identifier: Apache-2.0
//
// What every write must be: from a page of this server's or from none, of a body that is JSON and not too long, and
// over before the server was restarted.
//
// Thread safety: the request's thread.
#pragma once

#include <optional>
#include <string>

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer::api {

// False: a page of somebody else's sent it; it was answered 403.
bool is_of_this_origin(request_rec *r);

// False: a restart has outrun the request, and what this process would change is nobody's any more; it was answered
// 503. To be asked when nothing of the client is waited for any more.
bool is_of_this_generation(request_rec *r);

// The body; nothing: it was answered what is wrong with it.
std::optional<std::string> read_json_body(request_rec *r);

}  // namespace stickybalancer::api
