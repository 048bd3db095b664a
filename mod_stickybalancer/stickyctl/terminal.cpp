// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace stickybalancer::stickyctl {
namespace {

struct Character {
    char32_t code = 0;
    std::size_t length = 1;
    bool is_valid = false;
};

std::size_t length_by_first_byte(unsigned char first)
{
    return first < 0x80   ? 1
           : first < 0xC2 ? 0
           : first < 0xE0 ? 2
           : first < 0xF0 ? 3
           : first < 0xF5 ? 4
                          : 0;
}

// One character of UTF-8 at the front of text that is not empty.
Character front_character(std::string_view text)
{
    const auto first = static_cast<unsigned char>(text[0]);
    const auto length = length_by_first_byte(first);
    if (length == 0 || length > text.size())
        return {};
    char32_t code = length == 1 ? first : first & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xC0) != 0x80)
            return {};
        code = code << 6 | (next & 0x3F);
    }
    const bool is_overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool is_none = is_overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000);
    return {code, is_none ? 1 : length, !is_none};
}

bool commands_terminal(char32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
           (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

std::size_t width_of(char32_t code)
{
    const int width = ::wcwidth(static_cast<wchar_t>(code));
    return width < 0 ? 1 : static_cast<std::size_t>(width);
}

const char *variable(const char *name)
{
    const char *value = std::getenv(name);
    return value ? value : "";
}

}  // namespace

Terminal terminal_of(int descriptor)
{
    Terminal terminal;
    terminal.is_terminal = ::isatty(descriptor) == 1;
    if (!terminal.is_terminal)
        return terminal;
    terminal.has_colour =
        *variable("NO_COLOR") == '\0' && std::string_view(variable("TERM")) != "dumb";
    winsize size{};
    const bool is_known = ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    terminal.width = is_known ? size.ws_col : 80;
    return terminal;
}

std::string printable(std::string_view text)
{
    std::string clean;
    while (!text.empty()) {
        const auto next = front_character(text);
        if (next.is_valid && !commands_terminal(next.code))
            clean += text.substr(0, next.length);
        else
            clean += '?';
        text.remove_prefix(next.length);
    }
    return clean;
}

std::string printable_lines(std::string_view text)
{
    std::string clean;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        clean += printable(text.substr(0, end)) + (end < text.size() ? "\n" : "");
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return clean;
}

std::size_t display_width(std::string_view text)
{
    std::size_t width = 0;
    while (!text.empty()) {
        const auto next = front_character(text);
        width += width_of(next.code);
        text.remove_prefix(next.length);
    }
    return width;
}

std::string cut_to(std::string_view text, std::size_t width)
{
    if (display_width(text) <= width)
        return std::string(text);
    std::string cut;
    std::size_t used = 1;  // the "~"
    while (!text.empty()) {
        const auto next = front_character(text);
        used += width_of(next.code);
        if (used > width)
            break;
        cut += text.substr(0, next.length);
        text.remove_prefix(next.length);
    }
    return cut + "~";
}

std::string in_colour(std::string_view padded, std::string_view word)
{
    constexpr std::pair<std::string_view, const char *> kColours[] = {
        {"down", "\033[31m"},  {"failed", "\033[31m"},   {"stopped", "\033[31m"},
        {"drain", "\033[33m"}, {"checking", "\033[33m"}, {"starting", "\033[33m"},
        {"up", "\033[32m"}};
    for (const auto &[name, colour] : kColours)
        if (word == name)
            return colour + std::string(padded) + "\033[0m";
    return std::string(padded);
}

}  // namespace stickybalancer::stickyctl
