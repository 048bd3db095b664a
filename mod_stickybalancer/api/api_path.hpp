// SPDX-License-Identifier: Apache-2.0
//
// What a path below a location of ours names: /api/v1 and what the API has; the page, /, and its files; the
// metrics or the health, with a slash behind it or without. Where the location is not known, paths are read from
// their end: behind the last /api/v1 stands what the API has, else the last segment is one of the others.
//
//   .../api/v1/balancers/B/members/M      M may have slashes in it: it may be a URL
//
// Thread safety: pure. Lifetime: of the texts, the path's.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace stickybalancer::api {

enum class Resource {
    kFile,      // the page (`file` is empty), or a file that belongs to it
    kLocation,  // without the slash that the page has; or one of its files, where `file` is one
    kMetrics,
    kHealth,
    kSchema,
    kServer,
    kBalancers,
    kBalancer,
    kMembers,
    kMember,
    kPin,   // of a member
    kPins,  // of a balancer
    kSessions,
    kTable,
    kUnknown,  // of the API
};

struct ApiPath {
    Resource resource = Resource::kUnknown;
    std::string_view balancer = {};
    std::string_view member = {};
    std::string_view file = {};  // without folders
};

// `below`: "", or "/..."; the path is `location` and that.
ApiPath read_path_below(std::string_view location, std::string_view below);
// Of a location that is not known.
ApiPath read_api_path(std::string_view path);

// What a POST names by it: .../members/M/pin. A member's URL may end so, too, and every other method is the
// member's.
ApiPath as_posted(ApiPath path);

// The value of a parameter of the query string, its escapes decoded; '+' is a plus. Nothing where it is not
// there, or an escape is none.
std::optional<std::string> query_parameter(std::string_view query, std::string_view name);

// What is wrong with a query string that may have these parameters, each once, in a sentence that says what to write.
// Nothing: it is right.
std::optional<std::string> query_problem(std::string_view query,
                                         std::span<const std::string_view> known);

// Digits, and nothing else.
std::optional<std::size_t> read_count(std::string_view text);

}  // namespace stickybalancer::api
