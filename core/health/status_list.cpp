// SPDX-License-Identifier: Apache-2.0
#include "core/health/status_list.hpp"

#include <charconv>

#include "core/base/text.hpp"

namespace stickybalancer::health {
namespace {

bool read_status(std::string_view text, std::uint32_t &status) noexcept
{
    const auto *end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, status);
    return text.size() == 3 && error == std::errc() && last == end &&
           status >= StatusList::kFirst && status <= StatusList::kLast;
}

}  // namespace

bool StatusList::read(std::string_view text) noexcept
{
    while (true) {
        const auto comma = text.find(',');
        const auto item = base::trimmed(text.substr(0, comma));
        const auto dash = item.find('-');
        std::uint32_t from = 0, to = 0;
        if (!read_status(item.substr(0, dash), from) ||
            !read_status(dash == item.npos ? item : item.substr(dash + 1), to) || from > to)
            return false;
        for (auto status = from; status <= to; ++status)
            words[status / 64] |= std::uint64_t{1} << status % 64;
        if (comma == text.npos)
            return true;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace stickybalancer::health
