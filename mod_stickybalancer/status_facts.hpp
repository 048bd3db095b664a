// SPDX-License-Identifier: Apache-2.0
//
// What mod_status' page tells, whether as HTML or as text: of members, of what is counted of them, of cookies that were
// refused, and of tables of sessions.
#pragma once

#include <cstdint>
#include <span>

#include "mod_stickybalancer/member_view.hpp"

namespace stickybalancer {

// One thing that is told of a member: a column of the table, a key of the text, or both.
struct MemberFact {
    const char *title;  // null: not in the table
    const char *key;    // null: not in the text
    const char *(*text)(apr_pool_t *pool, const MemberView &member);
};

std::span<const MemberFact> member_facts();

// What is told of a balancer's table of sessions.
struct SessionFact {
    const char *title;
    const char *key;
    std::uint64_t (*number)(const Attached &attached, const sb_table_numbers &numbers);
};

std::span<const SessionFact> session_facts();

// function(fault, name) for each reason to refuse a cookie.
template <typename Function>
void for_each_fault(Function &&function)
{
    for (std::uint32_t fault = 1; const char *name = sb_fault_name(fault); ++fault)
        function(fault, name);
}

// show(group, name, number) for each number that is counted of a member.
template <typename Function>
void for_each_total(const sb_member_totals &totals, const Function &show)
{
    for (std::uint32_t cause = 0; cause < SB_CAUSE_COUNT; ++cause)
        show("Causes.", sb_cause_name(cause), totals.by_cause[cause]);
    for (std::uint32_t outcome = 0; outcome < SB_COOKIE_OUTCOME_COUNT; ++outcome)
        show("Cookies.", sb_cookie_outcome_name(outcome), totals.by_cookie[outcome]);
    for (std::uint32_t failure = 0; failure < SB_FAILURE_COUNT; ++failure)
        show("Failures.", sb_failure_name(failure), totals.failures[failure]);
    show("", "Retried", totals.retried);
    show("Queue.", "waits", totals.queue_waits);
    show("Queue.", "ms", totals.queue_us / 1000);
    show("Queue.", "lost", totals.queue_lost);
}

// show(fact, number) for each; nothing where there is no table.
template <typename Function>
void for_each_session_fact(const Attached &attached, const Function &show)
{
    sb_table_numbers numbers{};
    numbers.struct_size = sizeof(numbers);
    if (!attached.has_table() || sb_table_count(attached.table, &numbers) != SB_OK)
        return;
    for (const auto &fact : session_facts())
        show(fact, fact.number(attached, numbers));
}

}  // namespace stickybalancer
