// SPDX-License-Identifier: Apache-2.0
//
// What is written to: a person's terminal, or something else.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace stickybalancer::stickyctl {

struct Terminal {
    bool is_terminal = false;
    bool has_colour = false;  // not where NO_COLOR is set, or TERM is "dumb"
    std::size_t width = 0;    // 0: lines may be of any length
};

Terminal terminal_of(int descriptor);

// Labels, routes and messages are other people's text: control characters, and those that turn the
// direction of writing, would be orders to the terminal. Each becomes a '?', as bytes that are no UTF-8 do.
std::string printable(std::string_view text);
// The same, with ends of lines left.
std::string printable_lines(std::string_view text);

// In columns of a terminal; of printable text.
std::size_t display_width(std::string_view text);
// At most so wide; what was cut off is told by "~".
std::string cut_to(std::string_view text, std::size_t width);

// A word of a state in its colour: what is not as usual stands out. Other words as they are.
std::string in_colour(std::string_view padded, std::string_view word);

}  // namespace stickybalancer::stickyctl
