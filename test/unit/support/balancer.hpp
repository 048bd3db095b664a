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
#include "test/unit/support/tree_memory.hpp"

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
    Request &hashed_by(std::uint64_t key);
    Request &moving();  // away from a draining member
    // The sessions are added to those that the request has.
    Request &with_session(const stick_table::TablePair &table, const stick_table::Key &key);

    selection::PickRequest view() const;

private:
    Request &set(std::string &field, std::string_view text);

    std::string cookie_header_, path_ = "/", query_, forced_route_;
    bool ignores_ = false;
    std::vector<std::uint64_t> tried_;
    std::int64_t now_s_ = kNow_s;
    std::uint64_t affinity_ = 0;
    bool may_move_ = false;
    stick_table::TablePair table_;
    std::vector<stick_table::Key> sessions_;
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
    bool recovers_all = false;
    bool moves_route = false;
    bool binds_client = false;
    bool wants_cookie = false;
    persistence::CookieFault cookie_fault = persistence::CookieFault::kNone;
    persistence::CookieDates dates = {};
    std::uint32_t session = 0;
};

class Balancer {
public:
    Members members;
    persistence::Settings settings;
    selection::Failover failover;
    selection::WhenDown when_down = selection::WhenDown::kRedispatch;  // of every request of pick()
    bool places_unbound = true;
    std::string policy = "roundrobin";
    std::uint32_t balance_factor = 0;
    stick_table::Limits session_limits;

    Balancer();

    // The view is made again for each call, as after a change; only what is shared goes on.
    Decision pick(const Request &request);
    std::map<std::string, int> picks(const Request &request, int count);
    selection::View view() const;
    // With a view that stays.
    std::string pick_by(const selection::View &view, const Request &request = {});

    // An attempt on a member begins or ends, counted as its host counts it.
    selection::SessionCount begin(const selection::View &view, std::string_view name,
                                  bool places_session = true, std::int64_t now_s = kNow_s);
    void end(const selection::View &view, std::string_view name,
             const balance::Outcome &outcome = {}, std::int64_t now_s = kNow_s);

    balance::Cursor cursors[shm::kCursorCount]{};
    base::Relaxed<std::uint64_t> total_active{};
    mutable base::Relaxed<std::uint64_t> serving_weights[shm::kCursorCount]{};
    TreeMemory tree{1024};
};

// a, b, c: up, weight 1. Cookie ROUTEID, inserted; URL parameter ROUTEID; round robin.
struct ThreeMembers : Balancer {
    ThreeMembers() { members.add("a").add("b").add("c"); }
};

}  // namespace stickybalancer::test
