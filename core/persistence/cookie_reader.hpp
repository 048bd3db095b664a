// SPDX-License-Identifier: Apache-2.0
//
// Finds the values of one cookie in a Cookie header, any bytes included.
//
// Pairs are split at ';' and name from value at the first '=', as RFC 6265 section 5.2 says; a name
// compares exactly, letter case included; white space around names and values, and quotes around a
// value, are dropped. A name inside another name, inside a value, or behind a bare comma or space
// is not a match. One addition: a server that receives several Cookie lines may hand them on as
// one, joined with ", " (httpd does). Neither of the two may stand in a cookie's value, so together
// they end a pair as ';' does.
//
// The name is searched for and then its surroundings are looked at, so that a header of many other
// cookies costs little more than the search.
//
// Cost: one pass over the header. No allocation. Reads nothing outside the header. Thread safety:
// pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace stickybalancer::persistence {

// Where one pair of our name stands in the header.
struct CookiePair {
    std::size_t begin = 0;   // of the name
    std::size_t end = 0;     // the delimiter behind the value, or the header's end
    std::string_view value;  // without white space and quotes around it; may be empty
};

class CookieReader {
public:
    // Both are borrowed for as long as the reader and the values it returned are used. A name has no
    // delimiter in it.
    CookieReader(std::string_view header, std::string_view name) noexcept
        : header_(header), name_(name)
    {
    }

    bool next(CookiePair &pair) noexcept;  // false at the end
    // The same, for the value alone; an empty one is passed over.
    bool next(std::string_view &value) noexcept;

private:
    bool begins_pair(std::size_t at) const noexcept;
    std::size_t end_of_value(std::size_t at) noexcept;

    std::string_view header_;
    std::string_view name_;
    std::size_t at_ = 0;         // nothing before it is looked at again
    std::size_t semicolon_ = 0;  // the next one; searched for again only once it is passed
};

// Where the pair that follows a pair's end begins, delimiter and white space behind it skipped.
std::size_t next_pair_after(std::string_view header, std::size_t end) noexcept;

}  // namespace stickybalancer::persistence
