// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/session_keeper.hpp"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <algorithm>

#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/core_settings.hpp"
#include "mod_stickybalancer/live_sessions.hpp"
#include "mod_stickybalancer/log.hpp"

namespace stickybalancer {
namespace {

struct Keeper {
    server_rec *main_server;
    std::int64_t interval_us;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    bool ends;  // with `mutex`
};

template <typename Visit>
void for_each_with_table(const server_rec *main_server, const Visit &visit)
{
    for (const auto *s = main_server; s != nullptr; s = s->next) {
        const auto *list = config_of(s).attached;
        for (int i = 0; list != nullptr && i < list->nelts; ++i)
            if (auto &attached = *APR_ARRAY_IDX(list, i, Attached *); attached.has_table())
                visit(attached);
    }
}

// 0: there is no table.
std::int64_t interval_of(const server_rec *main_server)
{
    constexpr std::int64_t kLongest_us = 1000 * 1000;
    std::int64_t interval_us = 0;
    for_each_with_table(main_server, [&](const Attached &attached) {
        const auto own_us = std::min(kLongest_us, table_expire_us(attached.config.options) / 4);
        interval_us = interval_us == 0 ? own_us : std::min(interval_us, own_us);
    });
    return interval_us;
}

// A session's use is noted to a sixteenth of its life.
void keep_sessions(Attached &attached)
{
    const auto now_us = apr_time_now();
    const auto interval_us = table_expire_us(attached.config.options) / 16;
    attached.live_sessions->keep_each(now_us, interval_us, [&](const sb_session &session) {
        sb_balancer_keep_session(attached.core, &session, now_us);
    });
}

timespec time_after(std::int64_t us)
{
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    const auto ns = time.tv_nsec + us * 1000;
    return {time.tv_sec + ns / 1000000000, ns % 1000000000};
}

// False: the child ends.
bool wait_for_interval(Keeper &keeper)
{
    const auto until = time_after(keeper.interval_us);
    pthread_mutex_lock(&keeper.mutex);
    while (!keeper.ends && pthread_cond_timedwait(&keeper.ended, &keeper.mutex, &until) == 0) {
    }
    const bool goes_on = !keeper.ends;
    pthread_mutex_unlock(&keeper.mutex);
    return goes_on;
}

void *keep_until_the_end(void *data)
{
    auto &keeper = *static_cast<Keeper *>(data);
    while (wait_for_interval(keeper))
        for_each_with_table(keeper.main_server, keep_sessions);
    return nullptr;
}

apr_status_t end_keeper(void *data)
{
    auto &keeper = *static_cast<Keeper *>(data);
    pthread_mutex_lock(&keeper.mutex);
    keeper.ends = true;
    pthread_cond_signal(&keeper.ended);
    pthread_mutex_unlock(&keeper.mutex);
    pthread_join(keeper.thread, nullptr);
    return APR_SUCCESS;
}

bool start_thread(Keeper &keeper)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&keeper.mutex, nullptr);
    pthread_cond_init(&keeper.ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = pthread_create(&keeper.thread, nullptr, keep_until_the_end, &keeper);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return error == 0;
}

}  // namespace

void start_session_keeper(apr_pool_t *pchild, server_rec *main_server)
{
    const auto interval_us = interval_of(main_server);
    if (interval_us == 0)
        return;
    auto &keeper = *static_cast<Keeper *>(apr_pcalloc(pchild, sizeof(Keeper)));
    keeper.main_server = main_server;
    keeper.interval_us = interval_us;
    if (start_thread(keeper))
        apr_pool_pre_cleanup_register(pchild, &keeper, end_keeper);
    else
        log<message::no_session_keeper>(main_server);
}

}  // namespace stickybalancer
