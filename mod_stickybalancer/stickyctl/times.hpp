// SPDX-License-Identifier: Apache-2.0
//
// Spans of time as httpd's directives write them, and instants as the server's answers do.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace stickybalancer::stickyctl {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Instant = std::chrono::sys_seconds;

// "90s", "2h", "30min" or "30m", "1d", "500ms"; seconds without a unit. Nothing for what is none, or is
// longer than a hundred years.
std::optional<milliseconds> parse_span(std::string_view text);
// The sentence about what is none.
std::string no_span(std::string_view text);

// The two largest units that count: "1h 5min", "45s".
std::string readable_span(seconds span);

// "2026-11-21T19:24:56Z"
std::optional<Instant> parse_instant(std::string_view text);
// "12s ago", "in 3min"; empty where there was none.
std::string relative_to(Instant now, std::string_view instant);
// "19:24:56 (in 3min)", with the date where it is another day's; UTC, as the server says it.
std::string clock_and_span(Instant now, std::string_view instant);

}  // namespace stickybalancer::stickyctl
