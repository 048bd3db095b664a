// SPDX-License-Identifier: Apache-2.0
#include "core/persistence/cookie_reader.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace stickybalancer::persistence {

// Where ", " is next.
std::size_t CookieReader::next_joint() const noexcept
{
    auto comma = header_.find(',', at_);
    while (comma != std::string_view::npos && header_.substr(comma + 1, 1) != " ")
        comma = header_.find(',', comma + 1);
    return comma;
}

std::string_view CookieReader::take_pair() noexcept
{
    if (!has_looked_ || semicolon_ < at_)
        semicolon_ = header_.find(';', at_);
    if (!has_looked_ || joint_ < at_)
        joint_ = next_joint();
    has_looked_ = true;
    const auto end = std::min({semicolon_, joint_, header_.size()});
    const auto pair = header_.substr(at_, end - at_);
    at_ = end + 1;
    return pair;
}

bool CookieReader::next(std::string_view &value) noexcept
{
    while (at_ < header_.size()) {
        const auto pair = take_pair();
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || base::trimmed(pair.substr(0, equals)) != name_)
            continue;
        value = base::unquoted(base::trimmed(pair.substr(equals + 1)));
        if (!value.empty())
            return true;
    }
    return false;
}

}  // namespace stickybalancer::persistence
