// SPDX-License-Identifier: Apache-2.0
//
// A member `a`, and a standby that serves while `a` is disabled.
#pragma once

#include <string>

#include "test/e2e/steps.hpp"

namespace stickybalancer::test {

struct StandbyScenario : Scenario {
    FakeMember a = start_member("a"), standby = start_member("standby");

    // `options`: of the standby's StickyMember; `lines`: of the section; `more`: behind it, before the ProxyPass.
    void start_with(const std::string &options, const std::string &lines,
                    const std::string &more = {})
    {
        start_httpd(
            "<Proxy \"balancer://app\">\n"
            "BalancerMember \"{a.url}\" route=a retry=1\n"
            "BalancerMember \"{standby.url}\" route=s status=+H\n" +
            (options.empty() ? "" : "StickyMember s " + options + '\n') + lines + "\n</Proxy>\n" +
            more + "ProxyPass \"/\" \"balancer://app/\"\n");
    }
    void disable_a(bool on)
    {
        httpd.balancer_manager("app", "a", {{"w_status_D", on ? "1" : "0"}});
    }
};

}  // namespace stickybalancer::test
