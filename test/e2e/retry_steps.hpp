// SPDX-License-Identifier: Apache-2.0
//
// Two members, of which the first fails what it is told to; the second answers everything.
#pragma once

#include <string>

#include "test/e2e/steps.hpp"

namespace stickybalancer::test {

struct RetryScenario : Scenario {
    explicit RetryScenario(MemberKind kind = MemberKind::kHttp)
        : bad(start_member("bad", kind)), good(start_member("good", kind))
    {
    }

    FakeMember bad, good;

    // `retry`: options of StickyRetry; none: no such line. `member`: of both. `more`: before the ProxyPass.
    void start(const std::string &retry = "", const std::string &member = "",
               const std::string &more = "", const HttpdOptions &options = {})
    {
        start_httpd("<Proxy \"balancer://app\">\nBalancerMember \"{bad.url}\" route=bad " + member +
                        "\nBalancerMember \"{good.url}\" route=good " + member +
                        "\nStickyCookie insert\n" + (retry.empty() ? "" : "StickyRetry " + retry) +
                        "\n</Proxy>\n" + more + "\nProxyPass \"/\" \"balancer://app/\"\n",
                    options);
    }
    // Its first request on its connection is over: from the second on, mod_proxy rather closes than answers.
    Browser client_of_bad() { return new_browser_on("bad"); }
    Browser client_of_good() { return new_browser_on("good"); }

    static int count(const FakeMember &member, const std::string &path)
    {
        int found = 0;
        for (const auto &request : member.requests())
            found += request.target == path;
        return found;
    }
    // One whole answer of the other member, with its cookie, and nothing of the failed attempt's.
    void check_moved(const Response &answer, const Browser &client, const std::string &path)
    {
        BOOST_TEST(answer.status == 200, path);
        BOOST_TEST(answer.member == "good", path);
        BOOST_TEST(answer.set_cookies().size() == 1u, path);
        BOOST_TEST(client.cookie("ROUTEID") == ".good", path);
        BOOST_TEST(count(bad, path) == 1, path);
        BOOST_TEST(count(good, path) == 1, path);
    }
    // What mod_proxy says of connections that end before an answer.
    void allow_ended_connections()
    {
        for (const auto *id : {"AH01102", "AH00898", "AH01084", "AH01097", "AH02608"})
            httpd.log().allow(id);
    }
};

}  // namespace stickybalancer::test
