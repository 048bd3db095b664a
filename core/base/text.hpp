// SPDX-License-Identifier: Apache-2.0
//
// Small operations on borrowed text.
#pragma once

#include <string_view>

namespace stickybalancer::base {

// Without spaces and tabs at either end.
inline std::string_view trimmed(std::string_view text) noexcept
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

// Without one pair of double quotes around it.
inline std::string_view unquoted(std::string_view text) noexcept
{
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        return text.substr(1, text.size() - 2);
    return text;
}

}  // namespace stickybalancer::base
