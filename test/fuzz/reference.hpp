// SPDX-License-Identifier: Apache-2.0
//
// A Cookie header read slowly and plainly: cut at each ';' and ", ", then at the first '='.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace stickybalancer::fuzz {

// What stands between two delimiters, white space included.
inline std::vector<std::string_view> pieces_of(std::string_view header)
{
    std::vector<std::string_view> pieces;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= header.size(); ++i) {
        const bool is_end = i == header.size() || header[i] == ';' ||
                            (header[i] == ',' && i + 1 < header.size() && header[i + 1] == ' ');
        if (!is_end)
            continue;
        pieces.push_back(header.substr(begin, i - begin));
        begin = i + 1;
    }
    return pieces;
}

inline std::string_view without_space(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return text.substr(text.size());
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

struct ReferenceCookie {
    std::string_view piece;
    std::string_view value;  // without white space and quotes around it
};

// Whether the piece is a pair of that name.
inline bool read_piece(std::string_view piece, std::string_view name, ReferenceCookie &cookie)
{
    const auto equals = piece.find('=');
    if (equals == std::string_view::npos || without_space(piece.substr(0, equals)) != name)
        return false;
    auto value = without_space(piece.substr(equals + 1));
    if (value.size() > 1 && value[0] == '"' && value[value.size() - 1] == '"')
        value = value.substr(1, value.size() - 2);
    cookie = {piece, value};
    return true;
}

inline std::vector<ReferenceCookie> cookies_named(std::string_view header, std::string_view name)
{
    std::vector<ReferenceCookie> cookies;
    ReferenceCookie cookie;
    for (const auto piece : pieces_of(header))
        if (read_piece(piece, name, cookie))
            cookies.push_back(cookie);
    return cookies;
}

}  // namespace stickybalancer::fuzz
