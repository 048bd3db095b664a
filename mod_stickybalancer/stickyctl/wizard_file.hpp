// SPDX-License-Identifier: Apache-2.0
//
// A file that is there whole, or not at all.
#pragma once

#include <optional>
#include <string>

namespace stickybalancer::stickyctl {

// The file that symbolic links lead to, there or not; none where they lead in a circle.
std::optional<std::string> file_behind_links(const std::string &name);

// Fails with a sentence where it cannot; then, too, nothing is left and what was there still is. A file that was
// there keeps its permissions, and its owner and group where we may give files away; a symbolic link stays one.
void write_whole_file(const std::string &name, const std::string &text);

}  // namespace stickybalancer::stickyctl
