// SPDX-License-Identifier: Apache-2.0
#include "test/e2e/status_page.hpp"

#include <sstream>
#include <stdexcept>

namespace stickybalancer::test {

std::map<std::string, std::string> shown_balancer(Browser &through)
{
    static const std::string kPrefix = "StickyBalancer[0]";
    std::map<std::string, std::string> lines;
    std::istringstream page(through.get("/server-status?auto").body);
    for (std::string line; std::getline(page, line);) {
        const auto colon = line.find(": ");
        if (!line.starts_with(kPrefix) || colon == std::string::npos)
            continue;
        const auto key = line.substr(kPrefix.size(), colon - kPrefix.size());
        if (!lines.emplace(key, line.substr(colon + 2)).second)
            throw std::runtime_error("the page says " + key + " twice");
    }
    return lines;
}

std::string shown(const Scenario &scenario, const std::string &key)
{
    auto client = scenario.new_browser();
    return shown_balancer(client)[key];
}

bool wait_until_shown(const Scenario &scenario, const std::string &key, const std::string &value)
{
    return wait_until(within(std::chrono::seconds(10)),
                      [&] { return shown(scenario, key) == value; });
}

}  // namespace stickybalancer::test
