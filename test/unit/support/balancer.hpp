// SPDX-License-Identifier: Apache-2.0
//
// A balancer without a host: members, settings, a request in one expression, and what was decided,
// by names.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/selection/pick.hpp"
#include "core/shm/layout.hpp"
#include "test/unit/support/members.hpp"
#include "test/unit/support/print.hpp"

namespace stickybalancer::test {

// What a client sends; made by unbound(), bound_to() and so on, refined by the members below.
class Request {
public:
    Request &cookie(std::string_view header) { return set(cookie_header_, header); }
    Request &path(std::string_view text) { return set(path_, text); }
    Request &query(std::string_view text) { return set(query_, text); }
    Request &forced(std::string_view route) { return set(forced_route_, route); }
    Request &ignoring_persistence();
    Request &tried(std::string_view name);
    Request &at_s(std::int64_t now_s);

    selection::PickRequest view() const;

private:
    Request &set(std::string &field, std::string_view text);

    std::string cookie_header_, path_ = "/", query_, forced_route_;
    bool ignores_ = false;
    std::vector<std::uint64_t> tried_;
    std::int64_t now_s_ = kNow_s;
};

inline Request unbound() { return {}; }
inline Request bound_to(std::string_view route)
{
    return Request().cookie("ROUTEID=." + std::string(route));
}
inline Request forced_to(std::string_view route) { return Request().forced(route); }

// A decision in words: the member's name, empty where the host places the request; or why there is
// none.
struct Decision {
    base::Status status = base::Status::kOk;
    std::string member = {};
    selection::Cause cause = selection::Cause::kPolicy;
    persistence::CookieState cookie = persistence::CookieState::kNone;
    std::string asked_route = {};
    bool marks_retry = false;
    bool moves_route = false;
    bool binds_client = false;
    bool wants_cookie = false;
    persistence::CookieFault cookie_fault = persistence::CookieFault::kNone;
    persistence::CookieDates dates = {};
};

class Balancer {
public:
    Members members;
    persistence::Settings settings;
    selection::Failover failover;
    bool places_unbound = true;

    Balancer();

    // The view is made again for each call, as after a change; only the cursors go on.
    Decision pick(const Request &request);
    std::map<std::string, int> picks(const Request &request, int count);
    selection::View view() const;

    balance::Cursor cursors[shm::kCursorCount]{};
};

// a, b, c: up, weight 1. Cookie ROUTEID, inserted; URL parameter ROUTEID; round robin.
struct ThreeMembers : Balancer {
    ThreeMembers() { members.add("a").add("b").add("c"); }
};

}  // namespace stickybalancer::test
