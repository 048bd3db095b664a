// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/member_states.hpp"

#include "mod_stickybalancer/health_states.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_records.hpp"
#include "mod_stickybalancer/member_settings.hpp"

namespace stickybalancer {
namespace {

unsigned status_of(const proxy_worker &worker)
{
    return __atomic_load_n(&worker.s->status, __ATOMIC_RELAXED);
}

bool is_out_of_use(const proxy_worker &worker)
{
    const auto status = status_of(worker);
    return (status & PROXY_WORKER_HC_FAIL) != 0 ||
           ((status & PROXY_WORKER_IN_ERROR) != 0 && (status & PROXY_WORKER_IGNORE_ERRORS) == 0);
}

// One member's word in the region.
class StateWord {
public:
    StateWord(Attached &attached, const Occasion &occasion, proxy_worker &worker)
        : attached_(attached), occasion_(occasion), worker_(worker)
    {
        is_known_ = find_place(attached, worker, place_);
        status_.struct_size = sizeof(status_);
        is_known_ = is_known_ && sb_balancer_member_state(attached.core, place_, &status_) == SB_OK;
    }
    explicit operator bool() const { return is_known_; }
    bool is(sb_actual actual) const { return status_.actual == actual; }
    sb_reason reason() const { return static_cast<sb_reason>(status_.reason); }
    // A request did, and errors of this member are not ignored.
    bool has_failed() const
    {
        constexpr unsigned kBits = PROXY_WORKER_IN_ERROR | PROXY_WORKER_IGNORE_ERRORS;
        return (status_of(worker_) & kBits) == PROXY_WORKER_IN_ERROR;
    }
    sb_reason why_out_of_use() const
    {
        const bool has_failed_check = (status_of(worker_) & PROXY_WORKER_HC_FAIL) != 0;
        return has_failed_check ? SB_REASON_CHECK_FAILED : SB_REASON_CONNECT_FAILED;
    }

    void go_down(sb_reason reason) const
    {
        const bool was_in_use = is(SB_UP) || is(SB_STARTING);
        if (has_failed())
            quarantine(attached_, worker_, place_, occasion_.now);
        if (is(SB_CHECKING) && is_always_tried())
            return;
        if (!is(SB_DOWN) && change(SB_DOWN, reason) && was_in_use)
            log<message::member_down>(occasion_.server, attached_.name, name(),
                                      sb_reason_name(reason));
    }
    bool try_again(sb_reason reason) const
    {
        return is(SB_DOWN) && check().has_checks == 0 && change(SB_CHECKING, reason);
    }
    // By one request, whose end is its own to tell (trial.hpp).
    bool is_tried() const
    {
        return is(SB_CHECKING) && sb_balancer_is_tried(attached_.core, place_, occasion_.now) != 0;
    }
    void come_back(sb_reason reason) const
    {
        if (change(slow_start_us() > 0 ? SB_STARTING : SB_UP, reason))
            log<message::member_up>(occasion_.server, attached_.name, name(),
                                    sb_reason_name(reason));
    }
    // The trial's time is over; change() keeps a reason where the state stays.
    void open_again() const
    {
        if (is(SB_CHECKING) && change(SB_DOWN, SB_REASON_CONNECTED))
            change(SB_CHECKING, SB_REASON_CONNECTED);
    }
    void end_start() const
    {
        if (occasion_.now - status_.since_us >= slow_start_us())
            change(SB_UP, reason());
    }

    // With checks: whoever changed the verdict says so, and may have been killed on the way.
    void follow_checks() const
    {
        const bool is_down = check().is_down != 0;
        if (!is_down && has_failed()) {
            go_down(SB_REASON_CONNECT_FAILED);
            return;
        }
        follow_verdict(attached_, worker_, place_);
        if (is_down && !is(SB_DOWN))
            change(SB_DOWN, SB_REASON_CHECK_FAILED);
        else if (!is_down && (is(SB_DOWN) || is(SB_CHECKING)))
            change(slow_start_us() > 0 ? SB_STARTING : SB_UP, SB_REASON_CHECK_PASSED);
        else if (is(SB_STARTING))
            end_start();
    }
    sb_member_check check() const
    {
        sb_member_check check{};
        check.struct_size = sizeof(check);
        sb_balancer_member_check(attached_.core, place_, &check);
        return check;
    }

private:
    // With retry=0 its interval is over as soon as it has failed.
    bool is_always_tried() const
    {
        return worker_.s->retry == 0 && (status_of(worker_) & PROXY_WORKER_HC_FAIL) == 0;
    }
    std::int64_t slow_start_us() const
    {
        return member_settings(attached_.server, *attached_.balancer, worker_).slow_start_us;
    }
    bool change(sb_actual actual, sb_reason reason) const
    {
        return sb_balancer_note_state(attached_.core, place_, actual, reason, occasion_.now) != 0;
    }
    const char *name() const { return ap_proxy_worker_name(occasion_.pool, &worker_); }

    Attached &attached_;
    const Occasion &occasion_;
    proxy_worker &worker_;
    std::uint32_t place_ = kNoPlace;
    sb_member_state status_{};
    bool is_known_ = false;
};

}  // namespace

void note_attempt(Attached &attached, const Occasion &occasion, proxy_worker &worker,
                  bool is_answered)
{
    const StateWord word(attached, occasion, worker);
    if (!word || word.is_tried())
        return;
    if (is_out_of_use(worker)) {
        // mod_proxy_hcheck may have said so meanwhile: no failure of this request, nor of a check of ours.
        if (word.has_failed() || word.check().has_checks == 0)
            word.go_down(word.why_out_of_use());
    } else if (is_answered && word.is(SB_CHECKING))
        word.come_back(SB_REASON_ANSWERED);
}

void note_failure(Attached &attached, const Occasion &occasion, proxy_worker &worker,
                  sb_reason reason)
{
    if (const StateWord word(attached, occasion, worker); word)
        word.go_down(reason);
}

bool note_retry(Attached &attached, const Occasion &occasion, proxy_worker &worker)
{
    const StateWord word(attached, occasion, worker);
    return word && word.try_again(SB_REASON_RETRY_DUE);
}

void note_connection(Attached &attached, const Occasion &occasion, proxy_worker &worker)
{
    if (const StateWord word(attached, occasion, worker); word)
        word.open_again();
}

void note_return(Attached &attached, const Occasion &occasion, proxy_worker &worker)
{
    if (const StateWord word(attached, occasion, worker); word && word.is(SB_CHECKING))
        word.come_back(SB_REASON_ANSWERED);
}

void note_states(Attached &attached, const Occasion &occasion)
{
    for (auto *worker : members_of(*attached.balancer)) {
        const StateWord word(attached, occasion, *worker);
        if (!word || (status_of(*worker) & PROXY_WORKER_INITIALIZED) == 0)
            continue;
        if (word.check().has_checks != 0) {
            word.follow_checks();
            continue;
        }
        if (word.is_tried())
            continue;
        if (is_out_of_use(*worker))
            word.go_down(word.why_out_of_use());
        else if (word.is(SB_DOWN) && word.reason() == SB_REASON_CHECK_FAILED)
            word.come_back(SB_REASON_CHECK_PASSED);
        else if (word.is(SB_DOWN))
            word.try_again(SB_REASON_CONFIGURED);
        else if (word.is(SB_STARTING))
            word.end_start();
    }
}

void note_operator(Attached &attached, const Occasion &occasion)
{
    for (auto *worker : members_of(*attached.balancer)) {
        const StateWord word(attached, occasion, *worker);
        if (word && !is_out_of_use(*worker) && word.is(SB_DOWN) && word.check().has_checks == 0)
            word.come_back(SB_REASON_OPERATOR);
    }
}

}  // namespace stickybalancer
