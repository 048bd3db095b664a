// SPDX-License-Identifier: Apache-2.0
//
// What the last check of a member found, in words ("Connection refused", "500"): the bytes of MemberSlot::check_text,
// eight in a word, zeros behind them. What is longer is cut; zero bytes are none.
//
// Thread safety: any thread of any process may read and write. It is for people to read, so nothing keeps a text
// together: who reads while another is written may see the beginning of one and the end of the other, for that one
// look.
#pragma once

#include <algorithm>
#include <cstring>
#include <string_view>

#include "core/shm/layout.hpp"

namespace stickybalancer::shm {

inline constexpr std::size_t kMostCheckText = sizeof(MemberSlot::check_text);

// Writes only what differs: requests read this line, and most checks find what the one before them found.
inline void write_check_text(MemberSlot &slot, std::string_view text) noexcept
{
    for (auto &word : slot.check_text) {
        std::uint64_t bytes = 0;
        const auto count = std::min(text.size(), sizeof(bytes));
        std::copy_n(text.data(), count, reinterpret_cast<char *>(&bytes));
        text.remove_prefix(count);
        if (word.load() != bytes)
            word.store(bytes);
    }
}

// Ends with a zero byte, and is printable ASCII, with '?' for what is not, whatever the bytes are.
inline void read_check_text(const MemberSlot &slot, char (&text)[kMostCheckText + 1]) noexcept
{
    char *end = text;
    for (const auto &word : slot.check_text) {
        const auto bytes = word.load();
        std::memcpy(end, &bytes, sizeof(bytes));
        end += sizeof(bytes);
    }
    *end = '\0';
    for (end = text; *end != '\0'; ++end)
        if (*end < ' ' || *end > '~')
            *end = '?';
}

}  // namespace stickybalancer::shm
