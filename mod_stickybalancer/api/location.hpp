// SPDX-License-Identifier: Apache-2.0
//
// The <Location> whose SetHandler brought a request here, and what the path names below it. Where the handler was set
// elsewhere (<Directory>, RewriteRule's [H]), there is no location, and the path is read from its end (api_path.hpp).
//
// A pattern (<LocationMatch>, wildcards) does not say where its location ends: it is the shortest part of the path,
// in whole segments, that it matches; where nothing is below that, the folder of it is tried, for a pattern may want
// to see something behind the location.
//
// Thread safety: read-only.
#pragma once

#include "mod_stickybalancer/api/api_path.hpp"
#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer::api {

// Null: there is none. It is of the configuration, and the same for each request that it is set for.
const core_dir_config *section_of(const request_rec *r);

// Lifetime: of r->uri.
ApiPath path_of(const request_rec *r);

}  // namespace stickybalancer::api
