// SPDX-License-Identifier: Apache-2.0
//
// What a path below a location of ours names. The location itself is not known here, so paths are read from
// their end: behind the last /api/v1 stands what the API has, else the last segment is a file of the page's, the
// metrics or the health, with a slash behind it or without.
//
//   .../api/v1/balancers/B/members/M      M may have slashes in it: it may be a URL
//
// Thread safety: pure. Lifetime: of the texts, the path's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stickybalancer::api {

enum class Resource {
    kFile,  // the page (`file` is empty), or a file that belongs to it
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
    kUnknown,  // of the API
};

struct ApiPath {
    Resource resource = Resource::kUnknown;
    std::string_view balancer = {};
    std::string_view member = {};
    std::string_view file = {};  // without folders
};

ApiPath read_api_path(std::string_view path);

// What a POST names by it: .../members/M/pin. A member's URL may end so, too, and every other method is the
// member's.
ApiPath as_posted(ApiPath path);

// The value of a parameter of the query string, its escapes decoded; '+' is a plus. Nothing where it is not
// there, or an escape is none.
std::optional<std::string> query_parameter(std::string_view query, std::string_view name);

// Digits, and nothing else.
std::optional<std::size_t> read_count(std::string_view text);

}  // namespace stickybalancer::api
