// SPDX-License-Identifier: Apache-2.0
#include "core/persistence/cookie_reader.hpp"

#include "core/base/text.hpp"

namespace stickybalancer::persistence {

// Where ", name=" begins in `pair`; npos where it does not.
std::size_t CookieReader::joint_in(std::string_view pair) const noexcept
{
    for (auto at = pair.find(", "); at != std::string_view::npos; at = pair.find(", ", at + 2))
        if (pair.substr(at + 2).starts_with(name_) && pair.substr(at + 2 + name_.size(), 1) == "=")
            return at;
    return std::string_view::npos;
}

std::string_view CookieReader::take_pair() noexcept
{
    auto end = rest_.find(';');
    auto pair = rest_.substr(0, end);
    if (const auto joint = joint_in(pair); joint != std::string_view::npos)
        pair = pair.substr(0, end = joint);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return pair;
}

bool CookieReader::next(std::string_view &value) noexcept
{
    while (!rest_.empty()) {
        auto pair = take_pair();
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
