// SPDX-License-Identifier: Apache-2.0
//
// Members and balancers, in tables and one by one.
#include "mod_stickybalancer/stickyctl/commands.hpp"
#include "mod_stickybalancer/stickyctl/field_table.hpp"
#include "mod_stickybalancer/stickyctl/lookup.hpp"

namespace stickybalancer::stickyctl {
namespace {

constexpr auto kNumber = Shows::kNumber;
constexpr auto kAge = Shows::kAge;

}  // namespace

ExitCode show_status(Invocation &invocation)
{
    const auto balancers = invocation.balancers();
    if (invocation.wants_json())
        return invocation.show(balancers);
    return invocation.show(table_of({{"BALANCER", "balancer"},
                                     {"MEMBER", "name"},
                                     {"LABEL", "label", Shows::kText, 4},
                                     {"REQUESTED", "requested"},
                                     {"ACTUAL", "actual"},
                                     {"REASON", "reason", Shows::kText, 3},
                                     {"SINCE", "since", kAge, 5},
                                     {"CHECK", "check.last", Shows::kText, 6},
                                     {"CHECK FOUND", "check.text", Shows::kText, 7},
                                     {"WEIGHT", "weight", kNumber, 2},
                                     {"ACTIVE", "active", kNumber},
                                     {"QUEUED", "queued", kNumber, 1},
                                     {"SESSIONS", "sessions", kNumber}},
                                    members_of(balancers), invocation.wants_csv()));
}

ExitCode show_members(Invocation &invocation)
{
    const auto balancers = invocation.balancers();
    if (invocation.wants_json())
        return invocation.show(Json{{"members", members_of(balancers)}});
    return invocation.show(table_of({{"BALANCER", "balancer"},
                                     {"MEMBER", "name"},
                                     {"LABEL", "label", Shows::kText, 3},
                                     {"URL", "url", Shows::kText, 4},
                                     {"ROUTE", "route", Shows::kText, 6},
                                     {"REQUESTED", "requested"},
                                     {"ACTUAL", "actual"},
                                     {"REASON", "reason", Shows::kText, 5},
                                     {"WEIGHT", "weight", kNumber, 2},
                                     {"SET", "set", kNumber, 8},
                                     {"STANDBY", "standby", Shows::kText, 8},
                                     {"ACTIVE", "active", kNumber},
                                     {"CONNECTING", "connecting", kNumber, 7},
                                     {"QUEUED", "queued", kNumber, 2},
                                     {"LIMIT", "limit", kNumber, 7},
                                     {"SESSIONS", "sessions", kNumber},
                                     {"LAST SEEN", "last_seen", kAge, 6},
                                     {"REQUESTS", "totals.requests", kNumber, 5}},
                                    members_of(balancers), invocation.wants_csv()));
}

ExitCode show_statistics(Invocation &invocation)
{
    const auto members = members_of(invocation.balancers());
    if (invocation.wants_json())
        return invocation.show(Json{{"members", members}});
    return invocation.show(table_of({{"BALANCER", "balancer"},
                                     {"MEMBER", "name"},
                                     {"ACTUAL", "actual"},
                                     {"REQUESTED", "requested", Shows::kText, 5},
                                     {"WEIGHT", "weight", kNumber, 6},
                                     {"ACTIVE", "active", kNumber, 2},
                                     {"QUEUED", "queued", kNumber, 5},
                                     {"SESSIONS", "sessions", kNumber},
                                     {"REQUESTS", "totals.requests", kNumber},
                                     {"COOKIE", "totals.causes.cookie", kNumber, 3},
                                     {"PATH", "totals.causes.path", kNumber, 8},
                                     {"QUERY", "totals.causes.query", kNumber, 8},
                                     {"TABLE", "totals.causes.table", kNumber, 3},
                                     {"HASH", "totals.causes.hash", kNumber, 8},
                                     {"FORCED", "totals.causes.forced", kNumber, 8},
                                     {"POLICY", "totals.causes.policy", kNumber, 3},
                                     {"REDISPATCH", "totals.causes.redispatch", kNumber, 4},
                                     {"PERSIST", "totals.causes.persist", kNumber, 8},
                                     {"CONNECT FAILED", "totals.failures.connect", kNumber, 6},
                                     {"RESET", "totals.failures.reset", kNumber, 7},
                                     {"TIMEOUT", "totals.failures.timeout", kNumber, 7},
                                     {"BAD STATUS", "totals.failures.status", kNumber, 7},
                                     {"RETRIED", "totals.retried", kNumber, 7},
                                     {"WAITED", "totals.queue.waits", kNumber, 7},
                                     {"WAITED MS", "totals.queue.wait_ms", kNumber, 9},
                                     {"TURNED AWAY", "totals.queue.lost", kNumber, 7},
                                     {"CHECKS PASSED", "totals.checks.passed", kNumber, 9},
                                     {"CHECKS FAILED", "totals.checks.failed", kNumber, 7}},
                                    members, invocation.wants_csv()));
}

ExitCode show_balancers(Invocation &invocation)
{
    const auto balancers = invocation.api().balancers();
    if (invocation.wants_json())
        return invocation.show(balancers);
    const auto &list = list_of(balancers, "balancers");
    return invocation.show(table_of({{"BALANCER", "name"},
                                     {"LABEL", "label", Shows::kText, 4},
                                     {"HOST", "host", Shows::kText, 5},
                                     {"POLICY", "policy", Shows::kText, 2},
                                     {"PERSISTENCE", "persistence", Shows::kText, 1},
                                     {"MEMBERS", "member_count", kNumber},
                                     {"ACTIVE", "active", kNumber},
                                     {"CONNECTING", "connecting", kNumber, 6},
                                     {"QUEUED", "queued", kNumber, 3},
                                     {"SESSIONS", "sessions", kNumber},
                                     {"LAST SEEN", "last_seen", kAge, 5},
                                     {"REQUESTS", "totals.requests", kNumber, 4}},
                                    {list.begin(), list.end()}, invocation.wants_csv()));
}

ExitCode show_balancer(Invocation &invocation)
{
    auto balancer = find_balancer(invocation.api().balancers(), invocation.options().balancer);
    if (!invocation.wants_json())
        balancer.erase("members");
    return invocation.show_record(balancer);
}

ExitCode show_member(Invocation &invocation)
{
    const auto balancers = invocation.api().balancers();
    return invocation.show_record(find_member(balancers, invocation.options().member).member);
}

}  // namespace stickybalancer::stickyctl
