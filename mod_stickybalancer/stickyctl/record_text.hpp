// SPDX-License-Identifier: Apache-2.0
//
// One thing with all its fields, fields of fields by their path: "drain.until".
#pragma once

#include <string>

#include "mod_stickybalancer/stickyctl/json_fields.hpp"
#include "mod_stickybalancer/stickyctl/text_table.hpp"
#include "mod_stickybalancer/stickyctl/times.hpp"

namespace stickybalancer::stickyctl {

// One a line, instants with what they are from `now`; what is empty as "-".
std::string record_text(const Json &thing, Instant now);
// NAME, VALUE: for CSV.
TextTable record_table(const Json &thing);

}  // namespace stickybalancer::stickyctl
