// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/health_runner.hpp"

#include <mod_watchdog.h>

#include <algorithm>
#include <exception>
#include <vector>

#include "mod_stickybalancer/checked_balancer.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/thread_turns.hpp"

namespace stickybalancer {
namespace {

constexpr const char *kWatchdogName = "_stickybalancer_checks_";
// mod_watchdog sleeps for its slice between two turns; connections that wait meanwhile are seen late.
constexpr apr_interval_time_t kTurn = apr_time_from_sec(60);
constexpr apr_interval_time_t kLookEvery = apr_time_from_msec(100);
// What is due within this time is begun together; what ends is looked for as often.
constexpr apr_interval_time_t kShortestWait = apr_time_from_msec(10);
constexpr apr_interval_time_t kLongestWait = apr_time_from_msec(100);
// A child that ends waits so long for its last turn, in which a name may be looked up.
constexpr int kLongestEnd_ms = 1000;

bool is_ending()
{
    int state = AP_MPMQ_RUNNING;
    return ap_mpm_query(AP_MPMQ_MPM_STATE, &state) != APR_SUCCESS || state == AP_MPMQ_STOPPING;
}

// Of this child.
class Runner {
public:
    Runner(const server_rec *main_server, CURLM *multi) : drive_{multi}
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

    void run(apr_pool_t *pool)
    {
        const auto began_at = apr_time_now();
        apr_pool_t *own = nullptr;
        apr_pool_create(&own, pool);
        // What has ended is looked at first: it may be due again.
        for (auto now = began_at; now - began_at < kTurn && !should_end(); now = apr_time_now()) {
            look(own);
            auto next = now + kLongestWait;
            if (!begin_due(own, apr_time_now(), next))
                break;
            drive(own, next);
            apr_pool_clear(own);
        }
        apr_pool_destroy(own);
    }

    bool begin_turn() { return turns_.begin(); }
    void end_turn() { turns_.end(); }
    bool should_end() const { return turns_.should_end() || is_ending(); }

    void stop()
    {
        for (auto &balancer : balancers_)
            balancer.yield(drive_);
    }

    // By another thread.
    void end_with_child()
    {
        turns_.ask_to_end();
        curl_multi_wakeup(drive_.multi);
        turns_.forbid_more(kLongestEnd_ms);
    }

private:
    // False: other processes make all checks.
    bool begin_due(apr_pool_t *pool, apr_time_t now, apr_time_t &next)
    {
        bool any = false;
        for (auto &balancer : balancers_)
            any |= balancer.begin_due(pool, drive_, now, next);
        return any;
    }

    // Until it is time to look for what is due.
    void drive(apr_pool_t *pool, apr_time_t next)
    {
        const auto until = std::max(next, apr_time_now() + kShortestWait);
        for (;;) {
            look(pool);
            const auto left = until - apr_time_now();
            if (left <= 0 || turns_.should_end())
                return;
            const auto ms = static_cast<int>((left + 999) / 1000);
            if (curl_multi_poll(drive_.multi, nullptr, 0, ms, nullptr) != CURLM_OK)
                apr_sleep(kShortestWait);
        }
    }

    // A pause before it is one in which nobody looked; so is one in the midst of it.
    void look(apr_pool_t *pool)
    {
        int running = 0;
        curl_multi_perform(drive_.multi, &running);
        const auto now = apr_time_now();
        drive_.was_away = false;
        drive_.was_away = drive_.is_away(now);
        drive_.looked_at = now;
        end_done(pool);
    }

    void end_done(apr_pool_t *pool)
    {
        int left = 0;
        while (const auto *message = curl_multi_info_read(drive_.multi, &left)) {
            HealthProbe *probe = nullptr;
            const auto code = message->data.result;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &probe);
            for (auto &balancer : balancers_)
                if (balancer.has(*probe)) {
                    balancer.end(pool, drive_, *probe, code, apr_time_now());
                    break;
                }
        }
    }

    ThreadTurns turns_;
    CheckDrive drive_;
    apr_pool_t *pool_ = nullptr;  // this thread's
    std::vector<CheckedBalancer> balancers_;
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

// Others make the checks, if they can.
void tell_of_no_checks(const server_rec *s, const char *why)
{
    log<message::no_checks_here>(s, why);
}

// No exception may leave: httpd is C.
apr_status_t run_checks(int state, void *main_server, apr_pool_t *pool) noexcept
{
    if (runner == nullptr || !runner->begin_turn())
        return APR_SUCCESS;
    bool is_broken = false;
    try {
        if (state == AP_WATCHDOG_STATE_RUNNING)
            runner->run(pool);
    } catch (const std::exception &error) {
        is_broken = true;
        tell_of_no_checks(static_cast<const server_rec *>(main_server), error.what());
    }
    if (is_broken || state == AP_WATCHDOG_STATE_STOPPING || runner->should_end())
        runner->stop();
    runner->end_turn();
    return APR_SUCCESS;
}

apr_status_t end_with_child(void *)
{
    runner->end_with_child();
    return APR_SUCCESS;
}

// Null: there is no memory.
Runner *made_runner(const server_rec *main_server) noexcept
{
    auto *multi = curl_multi_init();
    try {
        return multi != nullptr ? new Runner(main_server, multi) : nullptr;
    } catch (const std::exception &) {
        return nullptr;
    }
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

void prepare_health_runner(apr_pool_t *pchild, server_rec *main_server)
{
    if (!has_any_checks(main_server))
        return;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        (runner = made_runner(main_server)) == nullptr)
        tell_of_no_checks(main_server, "no memory");
    else
        apr_pool_pre_cleanup_register(pchild, nullptr, end_with_child);
}

}  // namespace stickybalancer
