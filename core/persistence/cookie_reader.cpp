// SPDX-License-Identifier: Apache-2.0
#include "core/persistence/cookie_reader.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace stickybalancer::persistence {
namespace {

constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\t'; }

}  // namespace

// Behind the header's start, a ';', or a ", ".
bool CookieReader::begins_pair(std::size_t at) const noexcept
{
    auto gap = at;
    while (gap > 0 && is_space(header_[gap - 1]))
        --gap;
    if (gap == 0 || header_[gap - 1] == ';')
        return true;
    return header_[gap - 1] == ',' && gap < at && header_[gap] == ' ';
}

std::size_t CookieReader::end_of_value(std::size_t at) noexcept
{
    if (semicolon_ < at)
        semicolon_ = std::min(header_.find(';', at), header_.size());
    const auto value = header_.substr(at, semicolon_ - at);
    for (auto comma = value.find(','); comma != std::string_view::npos;
         comma = value.find(',', comma + 1))
        if (header_.substr(at + comma + 1, 1) == " ")
            return at + comma;
    return semicolon_;
}

bool CookieReader::next(CookiePair &pair) noexcept
{
    while (true) {
        const auto begin = header_.find(name_, at_);
        if (name_.empty() || begin == std::string_view::npos)
            return false;
        auto equals = at_ = begin + name_.size();
        while (equals < header_.size() && is_space(header_[equals]))
            ++equals;
        if (header_.substr(equals, 1) != "=" || !begins_pair(begin))
            continue;
        at_ = end_of_value(equals + 1);
        const auto value = header_.substr(equals + 1, at_ - equals - 1);
        pair = {begin, at_, base::unquoted(base::trimmed(value))};
        return true;
    }
}

bool CookieReader::next(std::string_view &value) noexcept
{
    for (CookiePair pair; next(pair);) {
        value = pair.value;
        if (!value.empty())
            return true;
    }
    return false;
}

std::size_t next_pair_after(std::string_view header, std::size_t end) noexcept
{
    if (end < header.size())
        ++end;
    while (end < header.size() && is_space(header[end]))
        ++end;
    return end;
}

}  // namespace stickybalancer::persistence
