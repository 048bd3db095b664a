// SPDX-License-Identifier: Apache-2.0
//
// The server as a whole.
#include "mod_stickybalancer/stickyctl/commands.hpp"

namespace stickybalancer::stickyctl {
namespace {

void add_sums(Json &info, const Json &balancers)
{
    const auto &list = list_of(balancers, "balancers");
    info["balancers"] = list.size();
    for (const char *field :
         {"member_count", "active", "connecting", "queued", "sessions", "totals.requests",
          "totals.retried", "totals.cookies.forged", "totals.checks.failed"}) {
        std::int64_t sum = 0;
        for (const auto &balancer : list)
            sum += number_of(balancer, field);
        info[field == std::string("member_count") ? "members" : field] = sum;
    }
}

}  // namespace

ExitCode show_info(Invocation &invocation)
{
    auto api = invocation.api();
    auto info = api.server();
    const auto started = parse_instant(text_of(info, "started"));
    info["uptime_s"] = started ? (now() - *started).count() : 0;
    add_sums(info, api.read("balancers?members=no"));
    return invocation.show_record(info);
}

}  // namespace stickybalancer::stickyctl
