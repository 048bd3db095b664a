// SPDX-License-Identifier: Apache-2.0
//
// One thing with all its fields, one a line, fields of fields by their path: "drain.until  ...".
#pragma once

#include <string>

#include "mod_stickybalancer/stickyctl/json_fields.hpp"
#include "mod_stickybalancer/stickyctl/times.hpp"

namespace stickybalancer::stickyctl {

// Instants with what they are from `now`; what is empty as "-".
std::string record_text(const Json &thing, Instant now);

}  // namespace stickybalancer::stickyctl
