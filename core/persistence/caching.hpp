// SPDX-License-Identifier: Apache-2.0
//
// What a cache between us and the client may do with an answer, as far as its headers say: an answer
// that others get too must not carry one client's cookie. Source: RFC 9111 sections 3, 4.2 and 5.2.
//
// Thread safety: pure. No allocation.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bounded_writer.hpp"

namespace stickybalancer::persistence {

enum class Expires : std::uint8_t { kNone = 0, kPast = 1, kFuture = 2 };

// What is asked about.
struct CacheFacts {
    bool is_get_or_head = true;
    std::uint32_t status = 200;
    Expires expires = Expires::kNone;
    std::string_view cache_control = {};  // its lines, with commas between them
};

enum class Caching : std::uint8_t {
    kNone,    // no shared cache keeps it, or none hands its cookies on
    kMaybe,   // a cache may keep it, though nothing asks for that
    kShared,  // it is offered to shared caches
};

Caching caching_of(const CacheFacts &facts) noexcept;

// The Cache-Control that says the same, and "private"; without "public" and "s-maxage", which would
// contradict.
void write_private(base::BoundedWriter &out, std::string_view cache_control) noexcept;

}  // namespace stickybalancer::persistence
