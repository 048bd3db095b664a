// SPDX-License-Identifier: Apache-2.0
//
// What every write must be: from a page of this server's or from none, and of a body that is JSON and not too long.
//
// Thread safety: the request's thread.
#pragma once

#include <optional>
#include <string>

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer::api {

// False: a page of somebody else's sent it; it was answered 403.
bool is_of_this_origin(request_rec *r);

// The body; nothing: it was answered what is wrong with it.
std::optional<std::string> read_json_body(request_rec *r);

}  // namespace stickybalancer::api
