// SPDX-License-Identifier: Apache-2.0
#include "test/unit/support/balancer.hpp"

namespace stickybalancer::test {

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

Request &Request::at_s(std::int64_t now_s)
{
    now_s_ = now_s;
    return *this;
}

selection::PickRequest Request::view() const
{
    return {{forced_route_, cookie_header_, path_, query_, ignores_}, tried_, {now_s_ * kSecond}};
}

Balancer::Balancer()
{
    settings.mode = persistence::CookieMode::kInsert;
    settings.cookie_name = "ROUTEID";
    settings.url_parameter = "ROUTEID";
}

selection::View Balancer::view() const
{
    return {settings, failover, members.table(),
            places_unbound ? balance::find_policy("roundrobin") : nullptr, shm::kCursorCount};
}

Decision Balancer::pick(const Request &request)
{
    const auto in_force = view();
    const auto chosen = selection::pick(request.view(), in_force, cursors);
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
            .moves_route = chosen->moves_route,
            .binds_client = chosen->binds_client,
            .wants_cookie = chosen->wants_cookie,
            .cookie_fault = chosen->hint.cookie_fault,
            .dates = chosen->dates};
}

std::map<std::string, int> Balancer::picks(const Request &request, int count)
{
    std::map<std::string, int> counts;
    for (int i = 0; i < count; ++i)
        ++counts[pick(request).member];
    return counts;
}

}  // namespace stickybalancer::test
