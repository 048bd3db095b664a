// SPDX-License-Identifier: Apache-2.0
//
// mod_status' page as tests read it.
#pragma once

#include <map>
#include <string>

#include "test/e2e/steps.hpp"

namespace stickybalancer::test {

// Of ?auto, the lines of the first balancer of ours: "Member[1]Name" to "b".
std::map<std::string, std::string> shown_balancer(Browser &through);
// One of them, through any child; "" where there is no such line.
std::string shown(const Scenario &scenario, const std::string &key);
// Waits until it has this value; says whether it came to that.
bool wait_until_shown(const Scenario &scenario, const std::string &key, const std::string &value);

}  // namespace stickybalancer::test
