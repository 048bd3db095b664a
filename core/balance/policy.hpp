// SPDX-License-Identifier: Apache-2.0
//
// How an unbound request is placed. A policy is made from weights, off the path of requests, and
// proposes; whether the proposed member may serve is not its business (selection/pick.hpp): it is
// asked again. It never sees a cookie.
//
// Thread safety: an immutable object; what moves is the cursor, which processes share.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/base/relaxed.hpp"

namespace stickybalancer::balance {

using Cursor = base::Relaxed<std::uint64_t>;

class Policy {
public:
    virtual ~Policy() = default;

    // The place, in the list of weights, of the member whose turn it is; moves the cursor on.
    // No allocation, no lock; writes one shared cache line.
    virtual std::uint32_t propose(Cursor &cursor) const noexcept = 0;
};

// The register of policies: an administrator writes `lbmethod=NAME`.
struct PolicyEntry {
    std::string_view name;
    // `weights`: at least one, each 1 or more.
    std::unique_ptr<const Policy> (*make)(std::span<const std::uint32_t> weights);
};
std::span<const PolicyEntry> policies() noexcept;
const PolicyEntry *find_policy(std::string_view name) noexcept;  // null: not one of ours

}  // namespace stickybalancer::balance
