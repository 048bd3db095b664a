// SPDX-License-Identifier: Apache-2.0
//
// Spans of time as administrators write them.
#pragma once

#include <cstdint>
#include <string_view>

namespace stickybalancer {

// A number with ms, s, min, m, h or d behind it; seconds where nothing is.
bool parse_duration(std::string_view text, std::int64_t &duration_us);

}  // namespace stickybalancer
