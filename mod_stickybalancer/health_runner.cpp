// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/health_runner.hpp"

#include <mod_watchdog.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "mod_stickybalancer/health_probe.hpp"
#include "mod_stickybalancer/health_states.hpp"
#include "mod_stickybalancer/log.hpp"

namespace stickybalancer {
namespace {

constexpr const char *kWatchdogName = "_stickybalancer_checks_";
constexpr std::size_t kMostUnderWay = 256;
// mod_watchdog sleeps for its slice between two turns; connections that wait meanwhile are seen late.
constexpr apr_interval_time_t kTurn = apr_time_from_sec(60);
constexpr apr_interval_time_t kLookEvery = apr_time_from_msec(100);
// What is due within this time is begun together; what ends is looked for as often.
constexpr apr_interval_time_t kShortestWait = apr_time_from_msec(10);
constexpr apr_interval_time_t kLongestWait = apr_time_from_msec(100);
constexpr apr_interval_time_t kComplainEvery = apr_time_from_sec(60);

bool is_ending()
{
    int state = AP_MPMQ_RUNNING;
    return ap_mpm_query(AP_MPMQ_MPM_STATE, &state) != APR_SUCCESS || state == AP_MPMQ_STOPPING;
}

// The checks of one balancer's members.
class CheckedBalancer {
public:
    CheckedBalancer(Attached &attached, apr_pool_t *pool) : attached_(attached), pool_(pool) {}

    // False: another process makes them, or there are none. `next`: when something is due again.
    bool begin_due(apr_pool_t *pool, CURLM *multi, std::size_t &under_way, apr_time_t now,
                   apr_time_t &next)
    {
        sb_due_probe due[kMostUnderWay];
        auto count = kMostUnderWay - std::min(under_way, kMostUnderWay);
        sb_time_us next_us = 0;
        if (sb_balancer_claim_probes(attached_.core, now, due, &count, &next_us) != SB_OK) {
            give_up(multi, under_way);
            return false;
        }
        next = std::min<apr_time_t>(next, next_us);
        for (std::size_t i = 0; i < count; ++i)
            begin(pool, multi, under_way, now, due[i]);
        return true;
    }

    void end(apr_pool_t *pool, CURLM *multi, HealthProbe &probe, CURLcode code, apr_time_t now)
    {
        note(pool, probe, probe.end(multi, code), now);
    }

    void give_up(CURLM *multi, std::size_t &under_way)
    {
        for (const auto &probe : probes_)
            if (probe && probe->is_under_way()) {
                probe->abort(multi);
                --under_way;
            }
    }

    void yield(CURLM *multi, std::size_t &under_way)
    {
        give_up(multi, under_way);
        sb_balancer_yield_probes(attached_.core);
    }

    bool has(const HealthProbe &probe) const
    {
        return probe.place() < probes_.size() && probes_[probe.place()].get() == &probe;
    }

private:
    void begin(apr_pool_t *pool, CURLM *multi, std::size_t &under_way, apr_time_t now,
               const sb_due_probe &due)
    {
        if (due.place >= probes_.size())
            probes_.resize(due.place + 1);
        auto &probe = probes_[due.place];
        auto &worker = *worker_of(due.handle);
        if (probe && probe->is_under_way()) {
            --under_way;
            note(pool, *probe, probe->end_late(multi, now), now);
        }
        if (!probe || &probe->worker() != &worker)
            probe = std::make_unique<HealthProbe>(pool_, attached_, worker, due.place);
        under_way += probe->begin(multi, now);
    }

    void note(apr_pool_t *pool, const HealthProbe &probe, const ProbeEnd &end, apr_time_t now)
    {
        const Occasion occasion{attached_.server, pool, now};
        auto &worker = probe.worker();
        if (!end.is_counted) {
            complain(occasion, worker, end.text);
            return;
        }
        const auto change =
            sb_balancer_note_probe(attached_.core, probe.place(), end.result, end.latency_us, now);
        if (change != 0)
            tell_check_change(attached_, occasion, worker, probe.place(), change,
                              {probe.check(), end.text, static_cast<int>(end.latency_us / 1000)});
    }

    void complain(const Occasion &occasion, proxy_worker &worker, const char *why)
    {
        if (occasion.now - complained_at_ < kComplainEvery)
            return;
        complained_at_ = occasion.now;
        log<message::check_not_made>(attached_.server, attached_.name,
                                     ap_proxy_worker_name(occasion.pool, &worker), why);
    }

    Attached &attached_;
    apr_pool_t *pool_;  // members are never taken away while a child lives, nor are their checks
    std::vector<std::unique_ptr<HealthProbe>> probes_;  // by place; null where none was made yet
    apr_time_t complained_at_ = 0;
};

// Of this child.
class Runner {
public:
    explicit Runner(const server_rec *main_server) : multi_(curl_multi_init())
    {
        apr_pool_create_unmanaged(&pool_);
        // Servers that share a balancer's members share its checks.
        std::vector<std::uint32_t> seen;
        for (const auto *s = main_server; s != nullptr; s = s->next) {
            const auto *list = config_of(s).attached;
            for (int i = 0; i < list->nelts; ++i) {
                auto &attached = *APR_ARRAY_IDX(list, i, Attached *);
                if (!attached.elects() || check_lines_of(s, *attached.balancer).count() == 0 ||
                    std::find(seen.begin(), seen.end(), attached.region_index) != seen.end())
                    continue;
                seen.push_back(attached.region_index);
                balancers_.emplace_back(attached, pool_);
            }
        }
    }

    explicit operator bool() const { return multi_ != nullptr; }

    void run(apr_pool_t *pool)
    {
        const auto began_at = apr_time_now();
        apr_pool_t *own = nullptr;
        apr_pool_create(&own, pool);
        for (auto now = began_at; now - began_at < kTurn && !is_ending(); now = apr_time_now()) {
            auto next = now + kLongestWait;
            if (!begin_due(own, now, next))
                break;
            drive(own, next);
            apr_pool_clear(own);
        }
        apr_pool_destroy(own);
    }

    void stop()
    {
        for (auto &balancer : balancers_)
            balancer.yield(multi_, under_way_);
    }

private:
    // False: other processes make all checks.
    bool begin_due(apr_pool_t *pool, apr_time_t now, apr_time_t &next)
    {
        bool any = false;
        for (auto &balancer : balancers_)
            any |= balancer.begin_due(pool, multi_, under_way_, now, next);
        return any;
    }

    // Until it is time to look for what is due.
    void drive(apr_pool_t *pool, apr_time_t next)
    {
        const auto until = std::max(next, apr_time_now() + kShortestWait);
        for (;;) {
            int running = 0;
            curl_multi_perform(multi_, &running);
            end_done(pool);
            const auto left = until - apr_time_now();
            if (left <= 0)
                return;
            const auto ms = static_cast<int>((left + 999) / 1000);
            if (curl_multi_poll(multi_, nullptr, 0, ms, nullptr) != CURLM_OK)
                apr_sleep(kShortestWait);
        }
    }

    void end_done(apr_pool_t *pool)
    {
        int left = 0;
        while (const auto *message = curl_multi_info_read(multi_, &left)) {
            HealthProbe *probe = nullptr;
            const auto code = message->data.result;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &probe);
            --under_way_;
            for (auto &balancer : balancers_)
                if (balancer.has(*probe)) {
                    balancer.end(pool, multi_, *probe, code, apr_time_now());
                    break;
                }
        }
    }

    CURLM *multi_;
    apr_pool_t *pool_ = nullptr;  // this thread's
    std::vector<CheckedBalancer> balancers_;
    std::size_t under_way_ = 0;
};

// Lives as long as the child: mod_watchdog's thread may outlast its pools.
Runner *runner = nullptr;

bool has_checks(const server_rec *s)
{
    for (const auto &balancer : balancers_of(s)) {
        const auto &lines = check_lines_of(s, balancer);
        for (int i = 0; i < lines.count(); ++i)
            if (lines[i].options->check_kind.value_or(0) != 0)
                return true;
    }
    return false;
}

bool has_any_checks(const server_rec *main_server)
{
    for (const auto *s = main_server; s != nullptr; s = s->next)
        if (has_checks(s))
            return true;
    return false;
}

apr_status_t run_checks(int state, void *, apr_pool_t *pool)
{
    if (runner != nullptr && state == AP_WATCHDOG_STATE_RUNNING)
        runner->run(pool);
    if (runner != nullptr && (state == AP_WATCHDOG_STATE_STOPPING || is_ending()))
        runner->stop();
    return APR_SUCCESS;
}

}  // namespace

void start_health_runner(apr_pool_t *pconf, server_rec *main_server)
{
    const auto get = APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance);
    const auto enrol = APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_register_callback);
    ap_watchdog_t *watchdog = nullptr;
    if (has_any_checks(main_server) && get != nullptr && enrol != nullptr &&
        get(&watchdog, kWatchdogName, 0, 0, pconf) == APR_SUCCESS)
        enrol(watchdog, kLookEvery, main_server, run_checks);
}

void prepare_health_runner(server_rec *main_server)
{
    if (!has_any_checks(main_server) || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return;
    runner = new Runner(main_server);
    if (!*runner)
        runner = nullptr;  // no memory: other children check
}

}  // namespace stickybalancer
