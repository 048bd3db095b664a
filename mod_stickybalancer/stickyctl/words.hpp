// SPDX-License-Identifier: Apache-2.0
//
// What people type, taken apart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stickybalancer::stickyctl {

// Without spaces at its ends.
std::string trimmed(const std::string &text);
// Letters of ASCII only.
std::string lowered(std::string_view text);
std::vector<std::string> words_in(const std::string &text);

}  // namespace stickybalancer::stickyctl
