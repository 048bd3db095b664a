// SPDX-License-Identifier: Apache-2.0
//
// What the body of a write says. Everything in it is understood and allowed, or nothing of it counts: what is
// wrong is said in one sentence, with the status that goes with it.
//
// Thread safety: pure. Throws std::bad_alloc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stickybalancer::api {

struct Refusal {
    int status;  // of HTTP
    std::string sentence;
};

enum class Requested { kReady, kDrain, kStopped };

// PATCH of a member: what is to be changed.
struct MemberChange {
    std::optional<Requested> requested;
    std::optional<std::uint32_t> weight_hundredths;
    bool names_deadline = false;
    std::int64_t deadline_us = 0;  // from now; 0: as configured
};

// POST to the members of a balancer.
struct NewMember {
    std::string url;
    std::string route;
    std::uint32_t weight_hundredths = 100;
};

// Each: nothing, and `out`; or why not.
std::optional<Refusal> read_change(std::string_view body, MemberChange &out);
std::optional<Refusal> read_new_member(std::string_view body, NewMember &out);
// {"lameduck":"20s"}; 0 ends it.
std::optional<Refusal> read_lame_duck(std::string_view body, std::int64_t &for_us);
// {"for":"1h"}
std::optional<Refusal> read_pin(std::string_view body, std::int64_t &for_us);

}  // namespace stickybalancer::api
