// SPDX-License-Identifier: Apache-2.0
//
// /metrics: what is told of members has two labels, what is told of balancers one. All samples of a family stand
// together, so everything is read first.
#include <cstring>

#include "mod_stickybalancer/api/answer.hpp"
#include "mod_stickybalancer/api/call.hpp"
#include "mod_stickybalancer/api/metrics_writer.hpp"
#include "mod_stickybalancer/member_view.hpp"

namespace stickybalancer::api {
namespace {

struct Seen {
    const char *name;
    const Attached *attached;
    BalancerView view;
    sb_table_numbers table;
};
using AllSeen = std::span<const Seen>;

AllSeen look(request_rec *r)
{
    const auto balancers = our_balancers(r);
    auto *all = static_cast<Seen *>(apr_pcalloc(r->pool, (balancers.size() + 1) * sizeof(Seen)));
    for (std::size_t i = 0; i < balancers.size(); ++i) {
        auto &attached = *balancers[i].attached;
        all[i] = {balancers[i].name, &attached, view_of(attached, r, r->pool), {}};
        all[i].table.struct_size = sizeof(all[i].table);
        if (attached.has_table())
            sb_table_count(attached.table, &all[i].table);
    }
    return {all, balancers.size()};
}

std::uint64_t sum(const std::uint64_t (&numbers)[SB_FAILURE_COUNT])
{
    std::uint64_t all = 0;
    for (const auto number : numbers)
        all += number;
    return all;
}

std::uint64_t attempts_of(const sb_member_totals &totals)
{
    std::uint64_t all = 0;
    for (const auto number : totals.by_cause)
        all += number;
    return all;
}

bool is_up(const MemberView &m) { return m.state.actual == SB_UP || m.state.actual == SB_STARTING; }

// One family with a sample for each member.
struct MemberFamily {
    bool is_counter;
    const char *name;
    const char *help;
    void (*write)(Output &out, const MemberView &member);
};
using Member = const MemberView &;

constexpr MemberFamily kMemberFamilies[] = {
    {false, "member_up", "1: up or starting; 0: down or checking",
     [](Output &o, Member m) { o << (is_up(m) ? 1 : 0); }},
    {false, "member_requested", "What is asked of it; 0: ready, 1: drain, 2: stopped",
     [](Output &o, Member m) { o << m.request.requested; }},
    {false, "member_active", "Requests under way, over all processes",
     [](Output &o, Member m) { o << m.load.active; }},
    {false, "member_connecting", "Of those, the ones that have no connection yet",
     [](Output &o, Member m) { o << m.load.connecting; }},
    {false, "member_queued", "Requests that wait for a place at it",
     [](Output &o, Member m) { o << m.load.queued; }},
    {false, "member_sessions",
     "Clients bound to it that were seen within the lifetime of a session",
     [](Output &o, Member m) { o << m.sessions.sessions; }},
    {false, "member_weight", "Its share of new clients",
     [](Output &o, Member m) { o << Hundredths{m.weight_hundredths}; }},
    {false, "member_last_seen_seconds",
     "When a client bound to it was last seen, since 1970; 0: never",
     [](Output &o, Member m) { o << Seconds{m.sessions.last_seen_us}; }},
    {true, "member_requests", "Attempts of requests that went to it",
     [](Output &o, Member m) { o << attempts_of(m.totals); }},
    {true, "member_failures", "Of those, the ones that failed",
     [](Output &o, Member m) { o << sum(m.totals.failures); }},
    {true, "member_checks_failed", "Checks of it that failed",
     [](Output &o, Member m) { o << m.check.failed; }},
};

void write_members(MetricsWriter &metrics, AllSeen all)
{
    for (const auto &family : kMemberFamilies) {
        if (family.is_counter)
            metrics.counter(family.name, family.help);
        else
            metrics.gauge(family.name, family.help);
        for (const auto &seen : all)
            for (const auto &member : seen.view.members) {
                auto &out = metrics.sample({{"balancer", seen.name}, {"member", member.name}});
                family.write(out, member);
                out << '\n';
            }
    }
}

// Calls each(seen, out) for each balancer, behind its label.
template <typename Each>
void write_balancers(MetricsWriter &metrics, AllSeen all, const Each &each)
{
    for (const auto &seen : all) {
        auto &out = metrics.sample({{"balancer", seen.name}});
        each(seen, out);
        out << '\n';
    }
}

// A counter with a second label, which name(i) is the value of.
template <std::size_t N>
void write_kinds(MetricsWriter &metrics, AllSeen all, const char *label,
                 const char *(*name)(std::uint32_t), std::uint64_t (sb_member_totals::*numbers)[N])
{
    for (const auto &seen : all)
        for (std::uint32_t i = 0; i < N; ++i)
            metrics.sample({{"balancer", seen.name}, {label, name(i)}})
                << (seen.view.totals.*numbers)[i] << '\n';
}

void write_requests(MetricsWriter &metrics, AllSeen all)
{
    metrics.counter("requests",
                    "Attempts of requests, by what the choice of their member rested on");
    write_kinds(metrics, all, "cause", sb_cause_name, &sb_member_totals::by_cause);
    metrics.counter("cookies", "Requests, by what their cookie of ours was good for");
    write_kinds(metrics, all, "outcome", sb_cookie_outcome_name, &sb_member_totals::by_cookie);
    metrics.counter("failures", "Attempts that failed");
    write_kinds(metrics, all, "kind", sb_failure_name, &sb_member_totals::failures);
    metrics.counter("retries", "Attempts that another member had failed before");
    write_balancers(metrics, all, [](const Seen &s, Output &o) { o << s.view.totals.retried; });
}

void write_queues(MetricsWriter &metrics, AllSeen all)
{
    metrics.counter("queue_waits", "Attempts that had to wait for a place at their member");
    write_balancers(metrics, all, [](const Seen &s, Output &o) { o << s.view.totals.queue_waits; });
    metrics.counter("queue_seconds", "How long they waited");
    write_balancers(metrics, all, [](const Seen &s, Output &o) {
        o << Seconds{static_cast<std::int64_t>(s.view.totals.queue_us)};
    });
    metrics.counter("queue_lost", "Those that got no place");
    write_balancers(metrics, all, [](const Seen &s, Output &o) { o << s.view.totals.queue_lost; });
}

void write_checks(MetricsWriter &metrics, AllSeen all)
{
    metrics.counter("checks", "Checks of members");
    for (const auto &seen : all) {
        metrics.sample({{"balancer", seen.name}, {"result", "passed"}})
            << seen.view.checks_passed << '\n';
        metrics.sample({{"balancer", seen.name}, {"result", "failed"}})
            << seen.view.checks_failed << '\n';
    }
}

void write_tables(MetricsWriter &metrics, AllSeen all)
{
    struct Family {
        bool is_counter;
        const char *name;
        const char *help;
        std::uint64_t sb_table_numbers::*number;
    };
    static constexpr Family kFamilies[] = {
        {false, "table_entries", "Sessions in the table", &sb_table_numbers::sessions},
        {true, "table_learned", "Sessions that were learned", &sb_table_numbers::learned},
        {true, "table_evictions", "Sessions that made room for others", &sb_table_numbers::evicted},
        {true, "table_refusals", "Sessions that were not learned, for want of room",
         &sb_table_numbers::refused},
        {true, "table_expirations", "Sessions that expired", &sb_table_numbers::expired},
        {true, "table_damaged", "Sessions that were dropped because they were damaged",
         &sb_table_numbers::damaged},
    };
    for (const auto &family : kFamilies) {
        if (family.is_counter)
            metrics.counter(family.name, family.help);
        else
            metrics.gauge(family.name, family.help);
        write_balancers(metrics, all,
                        [&](const Seen &s, Output &o) { o << s.table.*family.number; });
    }
    metrics.gauge("table_room", "Sessions that the table has room for; 0: there is no table");
    write_balancers(metrics, all, [](const Seen &s, Output &o) {
        o << (s.attached->has_table() ? sb_table_session_count(s.attached->table) : 0);
    });
}

// OpenMetrics is for whoever does not ask for the other one alone.
MetricsWriter::Format format_for(const request_rec *r)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");
    const bool is_older = accept != nullptr && std::strstr(accept, "text/plain") != nullptr &&
                          std::strstr(accept, "application/openmetrics-text") == nullptr;
    return is_older ? MetricsWriter::Format::kPrometheus : MetricsWriter::Format::kOpenMetrics;
}

}  // namespace

int show_metrics(const Call &call)
{
    const auto all = look(call.r);
    const auto format = format_for(call.r);
    begin_answer(call.r, HTTP_OK,
                 format == MetricsWriter::Format::kOpenMetrics
                     ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                     : "text/plain; version=0.0.4; charset=utf-8");
    apr_table_setn(call.r->headers_out, "Vary", "Accept");
    Body body(call.r);
    MetricsWriter metrics(body.out, format);
    metrics.info("The module that tells this");
    metrics.sample({{"version", SB_VERSION}}) << "1\n";
    write_members(metrics, all);
    write_requests(metrics, all);
    write_queues(metrics, all);
    write_checks(metrics, all);
    write_tables(metrics, all);
    metrics.end();
    return OK;
}

}  // namespace stickybalancer::api
