// SPDX-License-Identifier: Apache-2.0
//
// Tables of things that the server tells as JSON: each column names the field that it shows.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "mod_stickybalancer/stickyctl/json_fields.hpp"
#include "mod_stickybalancer/stickyctl/text_table.hpp"

namespace stickybalancer::stickyctl {

enum class Shows { kText, kNumber, kAge };  // kAge: an instant, as "12s ago"; as it is in CSV

struct FieldColumn {
    const char *title;
    const char *field;
    Shows shows = Shows::kText;
    int rank = 0;
};

using FieldColumns = std::initializer_list<FieldColumn>;

TextTable table_of(FieldColumns columns, const std::vector<Json> &things, bool for_csv);

// Of one balancer, or of all, in the server's order.
std::vector<Json> members_of(const Json &balancers);

}  // namespace stickybalancer::stickyctl
