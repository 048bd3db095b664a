// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/status_facts.hpp"

#include "mod_stickybalancer/page_text.hpp"

namespace stickybalancer {
namespace {

using Numbers = const sb_table_numbers &;

constexpr SessionFact kSessionFacts[] = {
    {"Sessions", "Sessions", [](const Attached &, Numbers n) { return n.sessions; }},
    {"Room", "Sessions.room",
     [](const Attached &attached, Numbers) { return sb_table_session_count(attached.table); }},
    {"Learned", "Sessions.learned", [](const Attached &, Numbers n) { return n.learned; }},
    {"Evicted", "Sessions.evicted", [](const Attached &, Numbers n) { return n.evicted; }},
    {"Refused", "Sessions.refused", [](const Attached &, Numbers n) { return n.refused; }},
    {"Expired", "Sessions.expired", [](const Attached &, Numbers n) { return n.expired; }},
    {"Damaged", "Sessions.damaged", [](const Attached &, Numbers n) { return n.damaged; }},
};

// "passed (12 in a row, 3 ms)", "failed (3 in a row, 1 ms): Connection refused"; "none" before the first; "off"
// where there are no checks.
const char *check_text(apr_pool_t *pool, const sb_member_check &check)
{
    if (check.has_checks == 0)
        return "off";
    if (check.passed + check.failed == 0)
        return "none";
    const char *why = check.has_failed != 0 ? check.text : "";
    return apr_psprintf(pool, "%s (%u in a row, %d ms)%s%s%s",
                        check.has_failed != 0 ? "failed" : "passed", check.results,
                        static_cast<int>(check.latency_us / 1000),
                        check.is_draining != 0 ? ", draining" : "", *why != '\0' ? ": " : "", why);
}

using Pool = apr_pool_t *;
using Member = const MemberView &;

const char *sessions_text(apr_pool_t *pool, const sb_member_sessions &sessions)
{
    return sessions.kind == SB_COUNT_NONE ? "" : count_text(pool, sessions.sessions);
}

// What a draining member does with its clients.
const char *clients_of(const sb_member_drain &drain)
{
    if (drain.since_us == 0)
        return "";
    return drain.is_overdue != 0 ? "moved" : "kept";
}

// Requested and actual, as operators of appliances know the two; then what else there is.
constexpr MemberFact kFacts[] = {
    {nullptr, "Name", [](Pool, Member m) { return m.name; }},
    {"Status", "Actual", [](Pool, Member m) { return sb_actual_name(m.state.actual); }},
    {"Label", "Label", [](Pool, Member m) { return m.label; }},
    {"Address", "Address", [](Pool, Member m) { return m.place; }},
    {"Active", "Active", [](Pool p, Member m) { return count_text(p, m.load.active); }},
    {"Requested", nullptr,
     [](Pool p, Member m) -> const char * {
         char *state = apr_pstrdup(p, sb_requested_name(m.request.requested));
         ap_str_toupper(state);
         return apr_pstrcat(p, state, " (", weight_text(p, m.weight_hundredths), ")", nullptr);
     }},
    {nullptr, "Requested", [](Pool, Member m) { return sb_requested_name(m.request.requested); }},
    {nullptr, "Weight", [](Pool p, Member m) { return weight_text(p, m.weight_hundredths); }},
    {"Reason", "Reason", [](Pool, Member m) { return sb_reason_name(m.state.reason); }},
    {"Since", "Since", [](Pool p, Member m) { return time_text(p, m.state.since_us); }},
    {"Check", "Check", [](Pool p, Member m) { return check_text(p, m.check); }},
    {"Requested since", "RequestedSince",
     [](Pool p, Member m) { return time_text(p, m.request.since_us); }},
    {"Drains since", "DrainsSince",
     [](Pool p, Member m) { return time_text(p, m.drain.since_us); }},
    {"Drains until", "DrainsUntil",
     [](Pool p, Member m) { return time_text(p, m.drain.deadline_us); }},
    {"Its clients", "DrainsClients", [](Pool, Member m) { return clients_of(m.drain); }},
    {"Name", nullptr, [](Pool, Member m) { return m.name; }},
    {"Route", "Route", [](Pool, Member m) { return m.route; }},
    {"URL", "URL", [](Pool, Member m) { return m.url; }},
    {"Connecting", "Connecting", [](Pool p, Member m) { return count_text(p, m.load.connecting); }},
    {"Queued", "Queued", [](Pool p, Member m) { return count_text(p, m.load.queued); }},
    {"Limit", "Limit", [](Pool p, Member m) { return count_text(p, m.load.limit); }},
    {"Minconn", "Minconn", [](Pool p, Member m) { return count_text(p, m.min_connections); }},
    {"Maxconn", "Maxconn", [](Pool p, Member m) { return count_text(p, m.max_connections); }},
    {"Sessions", "Sessions", [](Pool p, Member m) { return sessions_text(p, m.sessions); }},
    {nullptr, "SessionsKind", [](Pool, Member m) { return kind_of(m.sessions); }},
    {"Last seen", "LastSeen",
     [](Pool p, Member m) { return time_text(p, m.sessions.last_seen_us); }},
    {"Sessions end", "SessionsEnd",
     [](Pool p, Member m) { return time_text(p, m.sessions.end_us); }},
    {"Placed", "Placed", [](Pool p, Member m) { return count_text(p, m.load.placed); }},
};

}  // namespace

std::span<const MemberFact> member_facts() { return kFacts; }

std::span<const SessionFact> session_facts() { return kSessionFacts; }

}  // namespace stickybalancer
