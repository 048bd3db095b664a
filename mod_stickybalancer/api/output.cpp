// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/output.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>

namespace stickybalancer::api {

Output &Output::operator<<(std::string_view text)
{
    while (!text.empty()) {
        if (used_ == sizeof(buffer_))
            flush();
        const auto count = std::min(text.size(), sizeof(buffer_) - used_);
        std::memcpy(buffer_ + used_, text.data(), count);
        used_ += count;
        text.remove_prefix(count);
    }
    return *this;
}

Output &Output::operator<<(char c)
{
    if (used_ == sizeof(buffer_))
        flush();
    buffer_[used_++] = c;
    return *this;
}

Output &Output::operator<<(std::uint64_t number)
{
    char text[24];
    const auto end = std::to_chars(text, text + sizeof(text), number).ptr;
    return *this << std::string_view(text, static_cast<std::size_t>(end - text));
}

Output &Output::operator<<(std::int64_t number)
{
    char text[24];
    const auto end = std::to_chars(text, text + sizeof(text), number).ptr;
    return *this << std::string_view(text, static_cast<std::size_t>(end - text));
}

void Output::flush()
{
    if (used_ > 0)
        write_(whom_, buffer_, used_);
    used_ = 0;
}

Output &operator<<(Output &out, Hundredths number)
{
    out << number.count / 100;
    const auto part = static_cast<int>(number.count % 100);
    if (part == 0)
        return out;
    out << '.' << static_cast<char>('0' + part / 10);
    return part % 10 == 0 ? out : out << static_cast<char>('0' + part % 10);
}

Output &operator<<(Output &out, Time time)
{
    using namespace std::chrono;
    const auto at = floor<seconds>(sys_time<microseconds>(microseconds(time.us)));
    const auto day = floor<days>(at);
    const year_month_day date(day);
    const hh_mm_ss clock(at - day);
    char text[64];
    const int length = std::snprintf(
        text, sizeof(text), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()));
    return out << std::string_view(text, static_cast<std::size_t>(length));
}

std::size_t utf8_length(std::string_view text)
{
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (text.empty())
        return 0;
    const unsigned first = byte(0);
    if (first < 0x80)
        return 1;
    const std::size_t length = first < 0xC2   ? 0
                               : first < 0xE0 ? 2
                               : first < 0xF0 ? 3
                               : first < 0xF5 ? 4
                                              : 0;
    if (length == 0 || text.size() < length)
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xC0) != 0x80)
            return 0;
    // Longer than need be, halves of a pair, beyond the last.
    const bool is_wrong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) ||
                          (first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F);
    return is_wrong ? 0 : length;
}

}  // namespace stickybalancer::api
