// SPDX-License-Identifier: Apache-2.0
//
// What members record and browsers get: plain values, headers in the order of the wire.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stickybalancer::test {

struct Header {
    std::string name;
    std::string value;
    bool operator==(const Header &) const = default;
};
std::ostream &operator<<(std::ostream &out, const Header &header);

// Keeps order and duplicates. Names compare without regard to case.
class Headers : public std::vector<Header> {
public:
    using std::vector<Header>::vector;

    std::string first(std::string_view name) const;  // empty where there is none
    std::vector<std::string> all(std::string_view name) const;
    bool has(std::string_view name) const;
};

// As a member saw it.
struct Request {
    std::string method;
    std::string target;
    Headers headers;
    std::string body;
    std::string peer;  // the address that it came from; empty for a socket in the file system

    // The target without path parameters and query.
    std::string path() const;
    // The value of a cookie; nothing where the request has none of that name.
    std::optional<std::string> cookie(std::string_view name) const;
};

// As a client got it. Status 0: no answer, and `error` says why.
struct Response {
    int status = 0;
    std::string http_version;  // "1.0", "1.1", "2"
    Headers headers;
    std::string body;
    std::string member;  // X-Member: who answered; empty where httpd itself did
    std::string error;

    std::string header(std::string_view name) const { return headers.first(name); }
    std::vector<std::string> set_cookies() const { return headers.all("Set-Cookie"); }
    // The Set-Cookie line of this name; empty where there is none.
    std::string set_cookie(std::string_view name) const;
};
std::ostream &operator<<(std::ostream &out, const Response &response);

// Reads one response from the front of `bytes`, by Content-Length, chunks or the end.
// Nothing where it is not complete yet; `*used` is what it took.
std::optional<Response> parse_response(std::string_view bytes, bool peer_closed, std::size_t *used);

bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string trim(std::string_view text);

}  // namespace stickybalancer::test
