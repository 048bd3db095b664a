// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/health_states.hpp"

#include "mod_stickybalancer/health_lines.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_records.hpp"
#include "mod_stickybalancer/member_settings.hpp"

namespace stickybalancer {
namespace {

constexpr unsigned kFailedCheck = PROXY_WORKER_HC_FAIL;

void set_bits(proxy_worker &worker, unsigned bits)
{
    __atomic_or_fetch(&worker.s->status, bits, __ATOMIC_RELAXED);
}

void clear_bits(proxy_worker &worker, unsigned bits)
{
    if ((__atomic_load_n(&worker.s->status, __ATOMIC_RELAXED) & bits) != 0)
        __atomic_and_fetch(&worker.s->status, ~bits, __ATOMIC_RELAXED);
}

// Of a member that mod_proxy_hcheck checks, too, the bit is that module's: the core looks at both.
unsigned own_bits(const proxy_worker &worker)
{
    return worker.s->method == NONE ? kFailedCheck : 0;
}

// Errors of requests are in the verdict by now; one that comes later is a new one.
void put_out_of_use(proxy_worker &worker)
{
    set_bits(worker, own_bits(worker));
    clear_bits(worker, PROXY_WORKER_IN_ERROR);
}

sb_member_check check_of(const Attached &attached, std::uint32_t place)
{
    sb_member_check check{};
    check.struct_size = sizeof(check);
    sb_balancer_member_check(attached.core, place, &check);
    return check;
}

class Teller {
public:
    Teller(Attached &attached, const Occasion &occasion, proxy_worker &worker, std::uint32_t place,
           const CheckReport &report)
        : attached_(attached), occasion_(occasion), worker_(worker), place_(place), report_(report)
    {
    }

    void tell(std::uint32_t change) const
    {
        if ((change & SB_CHECK_DOWN) != 0)
            tell_down();
        if ((change & SB_CHECK_UP) != 0)
            tell_up();
        if ((change & SB_CHECK_DRAINING) != 0)
            log<message::check_drains>(occasion_.server, attached_.name, name(), report_.check,
                                       report_.result, report_.ms);
        if ((change & SB_CHECK_READY) != 0)
            log<message::check_ready>(occasion_.server, attached_.name, name(), report_.check,
                                      report_.result, report_.ms);
    }

private:
    void tell_down() const
    {
        put_out_of_use(worker_);
        sb_balancer_note_state(attached_.core, place_, SB_DOWN, SB_REASON_CHECK_FAILED,
                               occasion_.now);
        log<message::check_took_down>(occasion_.server, attached_.name, name(), report_.check,
                                      report_.result, report_.ms, results(),
                                      static_cast<int>(settings().fall));
    }

    void tell_up() const
    {
        const auto slow_start_us =
            member_settings(attached_.server, *attached_.balancer, worker_).slow_start_us;
        sb_balancer_note_state(attached_.core, place_, slow_start_us > 0 ? SB_STARTING : SB_UP,
                               SB_REASON_CHECK_PASSED, occasion_.now);
        clear_bits(worker_, own_bits(worker_) | PROXY_WORKER_IN_ERROR);
        log<message::check_brought_back>(occasion_.server, attached_.name, name(), report_.check,
                                         report_.result, report_.ms, results(),
                                         static_cast<int>(settings().rise));
    }

    const char *name() const { return ap_proxy_worker_name(occasion_.pool, &worker_); }
    int results() const { return static_cast<int>(check_of(attached_, place_).results); }
    CheckSettings settings() const
    {
        return check_settings(attached_.server, *attached_.balancer, worker_);
    }

    Attached &attached_;
    const Occasion &occasion_;
    proxy_worker &worker_;
    std::uint32_t place_;
    const CheckReport &report_;
};

}  // namespace

void tell_check_change(Attached &attached, const Occasion &occasion, proxy_worker &worker,
                       std::uint32_t place, std::uint32_t change, const CheckReport &report)
{
    Teller(attached, occasion, worker, place, report).tell(change);
}

bool follow_verdict(Attached &attached, proxy_worker &worker, std::uint32_t place)
{
    const auto check = check_of(attached, place);
    if (check.has_checks == 0)
        return false;
    if (check.is_down != 0)
        put_out_of_use(worker);
    // It may have come back meanwhile.
    if (check.is_down == 0 || check_of(attached, place).is_down == 0)
        clear_bits(worker, own_bits(worker));
    return true;
}

void quarantine(Attached &attached, proxy_worker &worker, std::uint32_t place, apr_time_t now)
{
    if (sb_balancer_note_outcome(attached.core, place, SB_OUTCOME_OUT_OF_USE, now) != 0)
        put_out_of_use(worker);
}

void observe_request(Attached &attached, const Occasion &occasion, proxy_worker &worker,
                     bool has_failed, sb_reason reason)
{
    std::uint32_t place = kNoPlace;
    if (!find_place(attached, worker, place) ||
        sb_balancer_note_outcome(attached.core, place,
                                 has_failed ? SB_OUTCOME_FAILED : SB_OUTCOME_ANSWERED,
                                 occasion.now) == 0)
        return;
    put_out_of_use(worker);
    sb_balancer_note_state(attached.core, place, SB_DOWN, reason, occasion.now);
    const auto settings = check_settings(attached.server, *attached.balancer, worker);
    log<message::observed_down>(occasion.server, attached.name,
                                ap_proxy_worker_name(occasion.pool, &worker),
                                static_cast<int>(settings.observe));
}

void restore_verdicts(const server_rec *main_server)
{
    for (const auto *s = main_server; s != nullptr; s = s->next) {
        const auto *list = config_of(s).attached;
        for (int i = 0; i < list->nelts; ++i) {
            auto &attached = *APR_ARRAY_IDX(list, i, Attached *);
            for (auto *worker : members_of(*attached.balancer))
                if (std::uint32_t place = kNoPlace; find_place(attached, *worker, place) &&
                                                    !follow_verdict(attached, *worker, place) &&
                                                    worker->s->method == NONE)
                    clear_bits(*worker,
                               kFailedCheck);  // of checks that are no more (BalancerPersist)
        }
    }
}

}  // namespace stickybalancer
