// SPDX-License-Identifier: Apache-2.0
//
// What operators change of members. All of it under the balancer's own mutex, which mod_proxy adds members under:
// of two who write at one time each finds what the other one has done. It counts for every process before the
// answer goes out, outlives restarts, and is one line in the log.
//
// Thread safety: any thread of any child.
#pragma once

#include "mod_stickybalancer/api/change_reader.hpp"
#include "mod_stickybalancer/api/our_balancers.hpp"

namespace stickybalancer::api {

class ChangeLock {
public:
    explicit ChangeLock(const Attached &attached);
    ~ChangeLock();
    ChangeLock(const ChangeLock &) = delete;
    ChangeLock &operator=(const ChangeLock &) = delete;

    explicit operator bool() const { return is_held_; }

private:
    proxy_balancer &balancer_;
    bool is_held_;
};

// Each with the lock held.
void change(request_rec *r, Attached &attached, proxy_worker &member, const MemberChange &change);

// Null, and the member, which takes requests; or why not.
std::optional<Refusal> add(request_rec *r, Attached &attached, const NewMember &wanted,
                           proxy_worker *&member);

// One that was added: it gets no request from here on, is shown nowhere, and is not added again.
void remove(request_rec *r, Attached &attached, proxy_worker &member);

}  // namespace stickybalancer::api
