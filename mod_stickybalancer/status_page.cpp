// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/status_page.hpp"

#include <mod_status.h>

#include "mod_stickybalancer/member_view.hpp"
#include "mod_stickybalancer/page_text.hpp"

namespace stickybalancer {
namespace {

template <typename Function>
void for_each_fault(Function &&function)
{
    for (std::uint32_t fault = 1; const char *name = sb_fault_name(fault); ++fault)
        function(fault, name);
}

// What is told of a balancer's table of sessions.
struct SessionFact {
    const char *title;
    const char *key;
    std::uint64_t (*number)(const Attached &attached, const sb_table_numbers &numbers);
};

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

// show(fact, number) for each; nothing where there is no table.
template <typename Function>
void for_each_session_fact(const Attached &attached, const Function &show)
{
    sb_table_numbers numbers{};
    numbers.struct_size = sizeof(numbers);
    if (!attached.has_table() || sb_table_count(attached.table, &numbers) != SB_OK)
        return;
    for (const auto &fact : kSessionFacts)
        show(fact, fact.number(attached, numbers));
}

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

// One thing that is told of a member: a column of the table, a key of the text, or both.
struct Fact {
    const char *title;  // null: not in the table
    const char *key;    // null: not in the text
    const char *(*text)(apr_pool_t *pool, const MemberView &member);
};

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
constexpr Fact kFacts[] = {
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

// The texts of one row at a time: a balancer may have thousands.
class RowPool {
public:
    explicit RowPool(const request_rec *r) { apr_pool_create(&pool_, r->pool); }
    ~RowPool() { apr_pool_destroy(pool_); }
    RowPool(const RowPool &) = delete;
    RowPool &operator=(const RowPool &) = delete;

    apr_pool_t *fresh() const
    {
        apr_pool_clear(pool_);
        return pool_;
    }

private:
    apr_pool_t *pool_ = nullptr;
};

class Html {
public:
    explicit Html(request_rec *r) : r_(r), rows_(r) {}

    void show_members(const BalancerView &balancer) const
    {
        ap_rvputs(r_, "\n<h1>Members of ", html_text(r_->pool, balancer.name),
                  "</h1>\n<p>Active: ", count(balancer.active),
                  ", connecting: ", count(balancer.connecting),
                  ", queued: ", count(balancer.queued), "</p>\n<table border=\"0\"><tr>", nullptr);
        for (const auto &fact : kFacts)
            if (fact.title != nullptr)
                ap_rvputs(r_, "<th>", fact.title, "</th>", nullptr);
        ap_rputs("</tr>\n", r_);
        for (const auto &member : balancer.members)
            show_member(member);
        ap_rputs("</table>\n", r_);
        show_totals(balancer);
    }

    void show_refused_head() const
    {
        ap_rputs(
            "\n<h1>Cookies refused by mod_stickybalancer</h1>\n<table "
            "border=\"0\"><tr><th>Balancer</th>",
            r_);
        for_each_fault([this](std::uint32_t, const char *name) { show(r_->pool, "th", name); });
        ap_rputs("</tr>\n", r_);
    }

    void show_refused(const Attached &attached) const
    {
        ap_rputs("<tr>", r_);
        show(r_->pool, "td", attached.name);
        for_each_fault([&](std::uint32_t fault, const char *) {
            show(r_->pool, "td", count(sb_balancer_refused_cookies(attached.core, fault)));
        });
        ap_rputs("</tr>\n", r_);
    }

    void end_table() const { ap_rputs("</table>\n", r_); }

    void show_sessions_head() const
    {
        ap_rputs(
            "\n<h1>Sessions of mod_stickybalancer's tables</h1>\n<table "
            "border=\"0\"><tr><th>Balancer</th>",
            r_);
        for (const auto &fact : kSessionFacts)
            show(r_->pool, "th", fact.title);
        ap_rputs("</tr>\n", r_);
    }

    void show_sessions(const Attached &attached) const
    {
        ap_rputs("<tr>", r_);
        show(r_->pool, "td", attached.name);
        for_each_session_fact(attached, [&](const SessionFact &, std::uint64_t number) {
            show(r_->pool, "td", count(number));
        });
        ap_rputs("</tr>\n", r_);
    }

private:
    void show_member(const MemberView &member) const
    {
        auto *pool = rows_.fresh();
        ap_rputs("<tr>", r_);
        for (const auto &fact : kFacts)
            if (fact.title != nullptr)
                show(pool, "td", fact.text(pool, member));
        ap_rputs("</tr>\n", r_);
    }
    void show_totals(const BalancerView &balancer) const
    {
        ap_rvputs(r_, "\n<h1>Totals of ", html_text(r_->pool, balancer.name),
                  "</h1>\n<table border=\"0\"><tr><th>Name</th>", nullptr);
        const sb_member_totals none{};
        for_each_total(none, [this](const char *group, const char *name, std::uint64_t) {
            show(r_->pool, "th", apr_pstrcat(r_->pool, group, name, nullptr));
        });
        ap_rputs("</tr>\n", r_);
        for (const auto &member : balancer.members)
            show_totals(member);
        ap_rputs("</table>\n", r_);
    }
    void show_totals(const MemberView &member) const
    {
        auto *pool = rows_.fresh();
        ap_rputs("<tr>", r_);
        show(pool, "td", member.name);
        for_each_total(member.totals, [&](const char *, const char *, std::uint64_t number) {
            show(pool, "td", count_text(pool, number));
        });
        ap_rputs("</tr>\n", r_);
    }
    void show(apr_pool_t *pool, const char *tag, const char *text) const
    {
        ap_rvputs(r_, "<", tag, ">", html_text(pool, text), "</", tag, ">", nullptr);
    }
    const char *count(std::uint64_t number) const { return count_text(r_->pool, number); }

    request_rec *r_;
    RowPool rows_;
};

class Text {
public:
    Text(request_rec *r, int number)
        : r_(r), rows_(r), prefix_(apr_psprintf(r->pool, "StickyBalancer[%d]", number))
    {
    }

    void show_balancer(const BalancerView &balancer, const Attached &attached) const
    {
        show(prefix_, "Name", balancer.name);
        show(prefix_, "Active", count(balancer.active));
        show(prefix_, "Connecting", count(balancer.connecting));
        show(prefix_, "Queued", count(balancer.queued));
        for_each_fault([&](std::uint32_t fault, const char *name) {
            show(prefix_, apr_pstrcat(r_->pool, "CookiesRefused.", name, nullptr),
                 count(sb_balancer_refused_cookies(attached.core, fault)));
        });
        for_each_session_fact(attached, [&](const SessionFact &fact, std::uint64_t number) {
            show(prefix_, fact.key, count(number));
        });
    }

    void show_members(const BalancerView &balancer) const
    {
        int number = 0;
        for (const auto &member : balancer.members)
            show_member(member, number++);
    }

private:
    void show_member(const MemberView &member, int number) const
    {
        auto *pool = rows_.fresh();
        const char *prefix = apr_psprintf(pool, "%sMember[%d]", prefix_, number);
        for (const auto &fact : kFacts)
            if (fact.key != nullptr)
                show(prefix, fact.key, line_text(pool, fact.text(pool, member)));
        for_each_total(
            member.totals, [&](const char *group, const char *name, std::uint64_t total) {
                show(prefix, apr_pstrcat(pool, group, name, nullptr), count_text(pool, total));
            });
    }
    void show(const char *prefix, const char *key, const char *line) const
    {
        ap_rvputs(r_, prefix, key, ": ", line, "\n", nullptr);
    }
    const char *count(std::uint64_t number) const { return count_text(r_->pool, number); }

    request_rec *r_;
    RowPool rows_;
    const char *prefix_;
};

template <typename Visit>
int for_each_of_ours(const request_rec *r, const Visit &visit)
{
    const auto *list = config_of(r->server).attached;
    int count = 0;
    for (int i = 0; list != nullptr && i < list->nelts; ++i)
        if (auto &attached = *APR_ARRAY_IDX(list, i, Attached *); attached.elects())
            visit(attached, count++);
    return count;
}

void show_as_text(request_rec *r)
{
    for_each_of_ours(r, [r](Attached &attached, int number) {
        const Text text(r, number);
        const auto view = view_of(attached, r, r->pool);
        text.show_balancer(view, attached);
        text.show_members(view);
    });
}

void show_tables(const request_rec *r, const Html &html)
{
    bool is_any = false;
    for_each_of_ours(r, [&](const Attached &attached, int) {
        if (!attached.has_table())
            return;
        if (!is_any)
            html.show_sessions_head();
        is_any = true;
        html.show_sessions(attached);
    });
    if (is_any)
        html.end_table();
}

void show_as_html(request_rec *r)
{
    const Html html(r);
    const int count = for_each_of_ours(
        r, [&](Attached &attached, int) { html.show_members(view_of(attached, r, r->pool)); });
    if (count == 0)
        return;
    html.show_refused_head();
    for_each_of_ours(r, [&](const Attached &attached, int) { html.show_refused(attached); });
    ap_rputs("</table>\n", r);
    show_tables(r, html);
}

int show_status(request_rec *r, int flags)
{
    if ((flags & AP_STATUS_SHORT) != 0)
        show_as_text(r);
    else
        show_as_html(r);
    return OK;
}

}  // namespace

void register_status_page()
{
    APR_OPTIONAL_HOOK(ap, status_hook, show_status, nullptr, nullptr, APR_HOOK_MIDDLE);
}

}  // namespace stickybalancer
