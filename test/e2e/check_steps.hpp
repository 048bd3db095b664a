// SPDX-License-Identifier: Apache-2.0
//
// Members a and b that are checked, for the tests of StickyCheck. Intervals are short, so that tests are; what
// they measure is counted in checks, not in seconds.
#pragma once

#include <string>

#include "test/e2e/steps.hpp"

namespace stickybalancer::test {

struct Checked : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    // `check`: the balancer's lines beside its members.
    void start(const std::string &check, const std::string &of_b = "",
               const std::string &behind = "", const HttpdOptions &options = {});
    Browser bound_to(const std::string &route);
    // What mod_status' page says of the member, 0 for a: "Actual", "Check", ...
    std::string shown(int member, const std::string &key);
    bool wait_shown(int member, const std::string &key, const std::string &wanted);
    // Until the member has got so many requests of this path since now.
    static bool wait_for_checks(const FakeMember &member, const std::string &path, int count);
};

int count_of(const FakeMember &member, const std::string &path);

}  // namespace stickybalancer::test
