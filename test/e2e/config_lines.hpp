// SPDX-License-Identifier: Apache-2.0
//
// Single lines of a balancer's section, and what httpd -t says of them.
#pragma once

#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>
#include <vector>

#include "test/support/scenario.hpp"

namespace stickybalancer::test {

struct ConfigLine {
    std::string text;               // line 3 of the file
    std::vector<std::string> says;  // empty: it is right
};
inline std::ostream &operator<<(std::ostream &out, const ConfigLine &line)
{
    return out << line.text.substr(0, 70);
}

inline std::string section_with(const std::string &line)
{
    return "<Proxy \"balancer://app\">\nBalancerMember \"http://127.0.0.1:13001\" route=a\n" +
           line + "\n</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n";
}

inline void check_said(const ConfigTest &result, const ConfigLine &line)
{
    BOOST_TEST(result.accepted() == line.says.empty(), result.output);
    for (const auto &text : line.says)
        BOOST_TEST(result.says(text), "'" << text << "' is not in:\n" << result.output);
}

inline void check_line(Scenario &scenario, const ConfigLine &line)
{
    const auto result = scenario.httpd.config_test(section_with(line.text));
    check_said(result, line);
    if (line.says.empty())
        return;
    const auto directive = line.text.substr(0, line.text.find(' '));
    BOOST_TEST(result.says("line 3 of"), result.output);
    BOOST_TEST(result.says(directive + ": "), result.output);
}

}  // namespace stickybalancer::test
