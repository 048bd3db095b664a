// SPDX-License-Identifier: Apache-2.0
#include "test/unit/support/balancer.hpp"

#include <algorithm>

namespace stickybalancer::test {
namespace {

members::MemberIndex index_of(const selection::View &view, std::string_view name)
{
    const auto all = view.members.all();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](auto &m) { return m.handle == handle_of(name); });
    return static_cast<members::MemberIndex>(found - all.begin());
}

}  // namespace

Request &Request::set(std::string &field, std::string_view text)
{
    field = text;
    return *this;
}

Request &Request::ignoring_persistence()
{
    ignores_ = true;
    return *this;
}

Request &Request::tried(std::string_view name)
{
    tried_.push_back(handle_of(name));
    return *this;
}

Request &Request::hashed_by(std::uint64_t key)
{
    affinity_ = key;
    return *this;
}

Request &Request::moving()
{
    may_move_ = true;
    return *this;
}

Request &Request::at_s(std::int64_t now_s)
{
    now_s_ = now_s;
    return *this;
}

Request &Request::with_session(const stick_table::TablePair &table, const stick_table::Key &key)
{
    table_ = table;
    sessions_.push_back(key);
    return *this;
}

selection::PickRequest Request::view() const
{
    return {{forced_route_, cookie_header_, path_, query_, ignores_},
            tried_,
            {now_s_ * kSecond},
            affinity_,
            {table_, sessions_},
            selection::WhenDown::kRedispatch,
            may_move_};
}

Balancer::Balancer()
{
    settings.mode = persistence::CookieMode::kInsert;
    settings.cookie_name = "ROUTEID";
    settings.url_parameter = "ROUTEID";
}

selection::View Balancer::view() const
{
    const selection::Placement placement{places_unbound ? balance::find_policy(policy) : nullptr,
                                         shm::kCursorCount,
                                         tree.tree(),
                                         &total_active,
                                         serving_weights,
                                         balance_factor};
    selection::View made{settings, failover, members.table(), placement};
    made.session_limits = session_limits;
    made.refresh({kNow_s * kSecond});
    return made;
}

std::string Balancer::pick_by(const selection::View &in_force, const Request &request)
{
    const auto chosen = selection::pick(request.view(), in_force, cursors);
    return chosen ? name_of(in_force.members[chosen->member].handle) : "";
}

selection::SessionCount Balancer::begin(const selection::View &in_force, std::string_view name,
                                        bool places_session, std::int64_t now_s)
{
    members.load(name).active.fetch_add(1);
    total_active.fetch_add(1);
    return in_force.begun(index_of(in_force, name), places_session, {now_s * kSecond});
}

void Balancer::end(const selection::View &in_force, std::string_view name,
                   const balance::Outcome &outcome, std::int64_t now_s)
{
    members.load(name).active.fetch_add(~0U);
    total_active.fetch_add(~std::uint64_t{0});
    in_force.ended(index_of(in_force, name), outcome, {now_s * kSecond});
}

Decision Balancer::pick(const Request &request)
{
    const auto in_force = view();
    auto asked = request.view();
    asked.when_down = when_down;
    const auto chosen = selection::pick(asked, in_force, cursors);
    if (!chosen)
        return {.status = chosen.status()};
    return {.status = base::Status::kOk,
            .member = chosen->member == members::kNoMember
                          ? ""
                          : name_of(in_force.members[chosen->member].handle),
            .cause = chosen->cause,
            .cookie = chosen->hint.cookie,
            .asked_route = std::string(chosen->hint.asked_route),
            .marks_retry = chosen->marks_retry,
            .recovers_all = chosen->recovers_all,
            .moves_route = chosen->moves_route,
            .binds_client = chosen->binds_client,
            .wants_cookie = chosen->wants_cookie,
            .cookie_fault = chosen->hint.cookie_fault,
            .dates = chosen->dates,
            .session = chosen->session};
}

std::map<std::string, int> Balancer::picks(const Request &request, int count)
{
    std::map<std::string, int> counts;
    for (int i = 0; i < count; ++i)
        ++counts[pick(request).member];
    return counts;
}

}  // namespace stickybalancer::test
