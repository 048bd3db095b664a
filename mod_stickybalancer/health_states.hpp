// SPDX-License-Identifier: Apache-2.0
//
// What checks come to in the world: mod_proxy's bit for members that a check found down, which is
// mod_proxy_hcheck's too ("HcFl" in balancer-manager), the member's actual state, and the log. Whichever process
// brought the change about says so, once for all.
//
// A member with checks that a request has put out of use has that bit, too, in place of mod_proxy's own for
// errors: retry= and forcerecovery= clear the latter. Where mod_proxy_hcheck checks a member, too (hcmethod=), the bit
// is left to it, and the member serves while both say so.
#pragma once

#include "mod_stickybalancer/attachment.hpp"

namespace stickybalancer {

// A check that has ended, for the log.
struct CheckReport {
    const char *check;   // "HEAD /running"
    const char *result;  // "404"
    int ms;
};

// sb_check_change, of one check.
void tell_check_change(Attached &attached, const Occasion &occasion, proxy_worker &worker,
                       std::uint32_t place, std::uint32_t change, const CheckReport &report);

// The status bits as the verdict has them; false where the member has no checks.
bool follow_verdict(Attached &attached, proxy_worker &worker, std::uint32_t place);

// A request has put the member out of use; nothing where it has no checks.
void quarantine(Attached &attached, proxy_worker &worker, std::uint32_t place, apr_time_t now);

// A request has ended that observe= counts.
void observe_request(Attached &attached, const Occasion &occasion, proxy_worker &worker,
                     bool has_failed, sb_reason reason);

// [child] What checks said before a restart counts from the first request on.
void restore_verdicts(const server_rec *main_server);

}  // namespace stickybalancer
