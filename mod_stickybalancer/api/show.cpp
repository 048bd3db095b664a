// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/show.hpp"

#include "mod_stickybalancer/api/etag.hpp"
#include "mod_stickybalancer/core_settings.hpp"

namespace stickybalancer::api {
namespace {

constexpr std::int64_t kSecond_us = 1'000'000;
constexpr std::int64_t kMillisecond_us = 1'000;

template <std::size_t N>
void show_kinds(JsonWriter &json, const char *field, const char *(*name)(std::uint32_t),
                const std::uint64_t (&numbers)[N])
{
    json.open_object(field);
    for (std::uint32_t kind = 0; kind < N; ++kind)
        json.number(name(kind), numbers[kind]);
    json.close_object();
}

void show_totals(JsonWriter &json, const sb_member_totals &totals, std::uint64_t checks_passed,
                 std::uint64_t checks_failed)
{
    std::uint64_t requests = 0;
    for (const auto count : totals.by_cookie)
        requests += count;
    json.open_object("totals");
    json.number("requests", requests);
    show_kinds(json, "causes", sb_cause_name, totals.by_cause);
    show_kinds(json, "cookies", sb_cookie_outcome_name, totals.by_cookie);
    show_kinds(json, "failures", sb_failure_name, totals.failures);
    json.number("retried", totals.retried);
    json.open_object("queue");
    json.number("waits", totals.queue_waits);
    json.number("wait_ms", totals.queue_us / kMillisecond_us);
    json.number("lost", totals.queue_lost);
    json.close_object();
    json.open_object("checks");
    json.number("passed", checks_passed);
    json.number("failed", checks_failed);
    json.close_object();
    json.close_object();
}

void show_sessions(JsonWriter &json, const sb_member_sessions &sessions)
{
    json.number("sessions", sessions.sessions);
    json.text("sessions_kind", kind_of(sessions));
    json.time("last_seen", sessions.last_seen_us);
}

void show_drain(JsonWriter &json, const sb_member_drain &drain)
{
    json.open_object("drain");
    json.time("since", drain.since_us);
    json.time("until", drain.deadline_us);
    json.text("clients", drain.since_us == 0 ? "none" : drain.is_overdue != 0 ? "moved" : "kept");
    json.close_object();
}

void show_check(JsonWriter &json, const MemberView &member)
{
    static constexpr const char *kKinds[] = {"off", "http", "tcp", "tls"};
    const auto &check = member.check;
    const bool has_result = check.passed + check.failed > 0;
    json.open_object("check");
    json.text("kind", kKinds[static_cast<std::size_t>(member.check_kind)]);
    json.text("last", !has_result ? "none" : check.has_failed != 0 ? "failed" : "passed");
    json.number("in_a_row", check.results);
    if (has_result)
        json.number("latency_ms", static_cast<std::uint64_t>(check.latency_us / kMillisecond_us));
    else
        json.null("latency_ms");
    json.text("text", check.text);
    json.number("passed", check.passed);
    json.number("failed", check.failed);
    json.flag("draining", check.is_draining != 0);
    json.close_object();
}

void show_state(JsonWriter &json, const MemberView &member)
{
    json.text("requested", sb_requested_name(member.request.requested));
    json.time("requested_since", member.request.since_us);
    json.text("actual", sb_actual_name(member.state.actual));
    json.text("reason", sb_reason_name(member.state.reason));
    json.time("since", member.state.since_us);
    json.flag("taking", member.takes_new_clients);
    show_drain(json, member.drain);
    show_check(json, member);
}

void show_limits(JsonWriter &json, const MemberView &member)
{
    json.number("weight", Hundredths{member.weight_hundredths});
    json.number("set", member.set);
    json.flag("standby", member.is_standby);
    json.number("minconn", member.min_connections);
    json.number("maxconn", member.max_connections);
    json.number("limit", member.load.limit);
    json.number("maxsessions", member.max_sessions);
}

// How clients are kept, in the order of authority.
void show_persistence(JsonWriter &json, apr_pool_t *pool, const Attached &attached)
{
    static constexpr const char *kModes[] = {"off", "passive", "insert", "rewrite", "prefix"};
    const auto &shared = *attached.balancer->s;
    const auto &options = attached.config.options;
    json.open_array("persistence");
    if (const auto mode = cookie_mode_of(options, shared); mode != SB_COOKIE_OFF)
        json.element(apr_pstrcat(pool, "cookie:", cookie_name_of(options, shared), " ",
                                 kModes[mode], nullptr));
    if (*shared.sticky_path != '\0')
        json.element(apr_pstrcat(pool, "url:", shared.sticky_path, nullptr));
    for (int i = 0; i < attached.session_key_count; ++i)
        json.element(
            apr_pstrcat(pool, "table ", key_text(pool, *attached.session_keys[i].key), nullptr));
    if (const auto *key = attached.hash_key.load(std::memory_order_acquire); key != nullptr)
        json.element(apr_pstrcat(pool, "hash ", key_text(pool, *key), nullptr));
    json.close_array();
}

void show_table(JsonWriter &json, const Attached &attached)
{
    sb_table_numbers numbers{};
    numbers.struct_size = sizeof(numbers);
    if (attached.has_table())
        sb_table_count(attached.table, &numbers);
    json.open_object("table");
    json.number("entries", numbers.sessions);
    json.number("room", attached.has_table() ? sb_table_session_count(attached.table) : 0);
    json.number("learned", numbers.learned);
    json.number("evicted", numbers.evicted);
    json.number("refused", numbers.refused);
    json.number("expired", numbers.expired);
    json.number("damaged", numbers.damaged);
    json.close_object();
}

}  // namespace

void show_member(JsonWriter &json, const OurBalancer &balancer, const MemberView &member)
{
    json.open_object();
    json.text("name", member.name);
    json.text("label", member.label);
    json.text("url", member.url);
    json.text("address", member.place);
    json.text("route", member.route);
    json.text("balancer", balancer.name);
    show_state(json, member);
    show_limits(json, member);
    json.number("active", member.load.active);
    json.number("connecting", member.load.connecting);
    json.number("queued", member.load.queued);
    show_sessions(json, member.sessions);
    json.time("sessions_end", member.sessions.end_us);
    json.flag("added", member.is_added);
    show_totals(json, member.totals, member.check.passed, member.check.failed);
    json.close_object();
}

void show_members(JsonWriter &json, const OurBalancer &balancer, const BalancerView &view)
{
    json.open_array("members");
    for (const auto &member : view.members)
        show_member(json, balancer, member);
    json.close_array();
}

void show_balancer(JsonWriter &json, apr_pool_t *pool, const OurBalancer &balancer,
                   const BalancerView &view, bool has_members)
{
    const auto &attached = *balancer.attached;
    json.open_object();
    json.text("name", balancer.name);
    json.text("label", attached.config.options.balancer_label.value_or(""));
    json.text("url", attached.name);
    json.text("host", balancer.host);
    json.text("policy", apr_pstrdup(pool, attached.balancer->s->lbpname));
    show_persistence(json, pool, attached);
    json.number("lifetime_s", static_cast<std::uint64_t>(view.sessions.lifetime_us / kSecond_us));
    json.number("active", view.active);
    json.number("connecting", view.connecting);
    json.number("queued", view.queued);
    show_sessions(json, view.sessions);
    show_totals(json, view.totals, view.checks_passed, view.checks_failed);
    show_table(json, attached);
    json.number("member_count", view.member_count);
    json.number("taking_count", view.taking_count);
    if (has_members)
        show_members(json, balancer, view);
    json.close_object();
}

void answer_with_member(request_rec *r, int status, const OurBalancer &balancer,
                        const MemberView &member)
{
    begin_json(r, status);
    ETag etag;
    etag << member;
    apr_table_setn(r->headers_out, "ETag", etag.text(r->pool));
    Body body(r);
    show_member(body.json, balancer, member);
}

}  // namespace stickybalancer::api
