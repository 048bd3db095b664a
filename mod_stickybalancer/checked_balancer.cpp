// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/checked_balancer.hpp"

#include <algorithm>

#include "mod_stickybalancer/health_states.hpp"
#include "mod_stickybalancer/log.hpp"

namespace stickybalancer {
namespace {

constexpr apr_interval_time_t kComplainEvery = apr_time_from_sec(60);
// Three times as long as there is between two looks.
constexpr apr_interval_time_t kAway = apr_time_from_msec(300);
// As long as this there may be no room, as after a start, when all are due.
constexpr apr_interval_time_t kFullIsWell = apr_time_from_sec(5);

}  // namespace

bool CheckDrive::is_away(apr_time_t now) const { return was_away || now - looked_at > kAway; }

bool CheckedBalancer::begin_due(apr_pool_t *pool, CheckDrive &drive, apr_time_t now,
                                apr_time_t &next)
{
    sb_due_probe due[kMostUnderWay];
    const auto room = kMostUnderWay - std::min(drive.under_way, kMostUnderWay);
    auto count = room;
    sb_time_us next_us = 0;
    if (sb_balancer_claim_probes(attached_.core, now, due, &count, &next_us) != SB_OK) {
        give_up(drive);
        return false;
    }
    next = std::min<apr_time_t>(next, next_us);
    for (std::size_t i = 0; i < count; ++i)
        begin(pool, drive, now, due[i]);
    watch_room(count == room, now);
    return true;
}

void CheckedBalancer::begin(apr_pool_t *pool, CheckDrive &drive, apr_time_t now,
                            const sb_due_probe &due)
{
    if (due.place >= probes_.size())
        probes_.resize(due.place + 1);
    if (auto &probe = probes_[due.place]; probe && probe->is_under_way()) {
        --drive.under_way;
        note_all(pool, *probe, probe->end_late(drive.multi, now, drive.is_away(now)), now);
    }
    auto &probe = probe_of(due);
    if (was_asked_by_another(*probe, now))
        return;
    if (probe->begin(drive.multi, now)) {
        ++drive.under_way;
        askers_of(*probe).asked_at = now;
    } else {
        complain(pool, now, probe->worker(), "no memory for it");
        forget(probe);
    }
}

std::unique_ptr<HealthProbe> &CheckedBalancer::probe_of(const sb_due_probe &due)
{
    auto &probe = probes_[due.place];
    auto &worker = *worker_of(due.handle);
    if (probe && &probe->worker() != &worker)
        forget(probe);
    if (!probe) {
        probe = std::make_unique<HealthProbe>(pool_, attached_, worker, due.place);
        askers_of(*probe).probes.push_back(probe.get());
    }
    return probe;
}

void CheckedBalancer::forget(std::unique_ptr<HealthProbe> &probe)
{
    const auto askers = askers_.find(probe->question(attached_));
    std::erase(askers->second.probes, probe.get());
    if (askers->second.probes.empty())
        askers_.erase(askers);
    probe.reset();
}

// Of whom nothing is known yet asks for itself: the next answer may be an hour away.
bool CheckedBalancer::was_asked_by_another(const HealthProbe &probe, apr_time_t now)
{
    const auto &askers = askers_of(probe);
    if (askers.probes.size() < 2)
        return false;
    sb_member_check check{};
    check.struct_size = sizeof(check);
    sb_balancer_member_check(attached_.core, probe.place(), &check);
    const auto &settings = probe.settings();
    const auto interval = check.is_down != 0 ? settings.down_interval_us : settings.interval_us;
    return check.passed + check.failed > 0 && now >= askers.asked_at &&
           now - askers.asked_at < interval - interval / 10;
}

void CheckedBalancer::end(apr_pool_t *pool, CheckDrive &drive, HealthProbe &probe, CURLcode code,
                          apr_time_t now)
{
    --drive.under_way;
    note_all(pool, probe, probe.end(drive.multi, code, drive.is_away(now)), now);
}

void CheckedBalancer::give_up(CheckDrive &drive)
{
    for (const auto &probe : probes_)
        if (probe && probe->is_under_way()) {
            probe->abort(drive.multi);
            --drive.under_way;
        }
}

void CheckedBalancer::yield(CheckDrive &drive)
{
    give_up(drive);
    sb_balancer_yield_probes(attached_.core);
}

bool CheckedBalancer::has(const HealthProbe &probe) const
{
    return probe.place() < probes_.size() && probes_[probe.place()].get() == &probe;
}

void CheckedBalancer::note_all(apr_pool_t *pool, const HealthProbe &probe, const ProbeEnd &end,
                               apr_time_t now)
{
    auto &askers = askers_of(probe);
    if (!end.is_counted)
        askers.asked_at = 0;
    for (const auto *each : askers.probes)
        note(pool, *each, end, now);
}

void CheckedBalancer::note(apr_pool_t *pool, const HealthProbe &probe, const ProbeEnd &end,
                           apr_time_t now)
{
    auto &worker = probe.worker();
    if (!end.is_counted) {
        if (end.text != nullptr)
            complain(pool, now, worker, end.text);
        return;
    }
    const auto change = sb_balancer_note_probe(attached_.core, probe.place(), end.result,
                                               end.latency_us, str_of(end.text), now);
    if (change != 0)
        tell_check_change(attached_, {attached_.server, pool, now}, worker, probe.place(), change,
                          {probe.check(), end.text, static_cast<int>(end.latency_us / 1000)});
}

void CheckedBalancer::complain(apr_pool_t *pool, apr_time_t now, proxy_worker &worker,
                               const char *why)
{
    if (now - complained_at_ < kComplainEvery)
        return;
    complained_at_ = now;
    log<message::check_not_made>(attached_.server, attached_.name,
                                 ap_proxy_worker_name(pool, &worker), why);
}

void CheckedBalancer::watch_room(bool is_full, apr_time_t now)
{
    if (!is_full)
        full_since_ = 0;
    else if (full_since_ == 0)
        full_since_ = now;
    if (!is_full || now - full_since_ < kFullIsWell || now - told_full_at_ < kComplainEvery)
        return;
    told_full_at_ = now;
    log<message::checks_late>(attached_.server, attached_.name, static_cast<int>(kMostUnderWay));
}

}  // namespace stickybalancer
