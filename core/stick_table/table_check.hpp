// SPDX-License-Identifier: Apache-2.0
//
// Walks over a whole table and says what is wrong with its structure. For tests, and for who doubts.
//
// Thread safety: while nobody writes.
#pragma once

#include <string>

#include "core/stick_table/stick_table.hpp"

namespace stickybalancer::stick_table {

// Empty, or the first thing that does not hold. Shards that wait for repair() are passed over.
std::string table_check(const StickTable &table);

}  // namespace stickybalancer::stick_table
