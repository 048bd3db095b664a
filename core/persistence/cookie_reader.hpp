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
// Cost: one pass over the header. No allocation. Reads nothing outside the header. Thread safety:
// pure.
#pragma once

#include <string_view>

namespace stickybalancer::persistence {

class CookieReader {
public:
    // Both are borrowed for as long as the reader and the values it returned are used.
    CookieReader(std::string_view header, std::string_view name) noexcept
        : header_(header), name_(name)
    {
    }

    // The next value of the cookie, without its quotes; false at the end. An empty value is passed
    // over.
    bool next(std::string_view &value) noexcept;

private:
    std::string_view take_pair() noexcept;
    std::size_t next_joint() const noexcept;

    std::string_view header_;
    std::string_view name_;
    std::size_t at_ = 0;  // where the next pair begins
    // Where the next delimiter of each kind is; looked for again only once it is passed.
    std::size_t semicolon_ = 0;
    std::size_t joint_ = 0;
    bool has_looked_ = false;
};

}  // namespace stickybalancer::persistence
