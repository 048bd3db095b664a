// SPDX-License-Identifier: Apache-2.0
//
// A file that is there whole, or not at all.
#pragma once

#include <string>

namespace stickybalancer::stickyctl {

// Fails with a sentence where it cannot; then, too, nothing is left and what was there still is. A file that was
// there keeps its permissions.
void write_whole_file(const std::string &name, const std::string &text);

}  // namespace stickybalancer::stickyctl
