// SPDX-License-Identifier: Apache-2.0
//
// maxage= makes a cookie that lasts beyond the browser's session, and that an active client keeps.
// Caught if: Max-Age is wrong or absent, the cookie is sent with each answer, or never again.
#include <boost/test/unit_test.hpp>

#include <ctime>
#include <regex>

#include "test/support/scenario.hpp"
#include "test/support/wait.hpp"

using namespace stickybalancer::test;

namespace {

// A cookie's two times are written in base 36.
std::string seconds_ago(std::time_t age)
{
    std::string text;
    for (auto rest = this_second() - age; rest > 0; rest /= 36)
        text.insert(text.begin(), "0123456789abcdefghijklmnopqrstuvwxyz"[rest % 36]);
    return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_maxage_test)

BOOST_FIXTURE_TEST_CASE(durations_become_seconds, Scenario)
{
    start_member("a");
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"30s", "30"},   {"90", "90"},    {"30min", "1800"},
        {"30m", "1800"}, {"8h", "28800"}, {"2d", "172800"}};
    std::string text;
    for (const auto &[duration, seconds] : rows)
        text += "<Proxy \"balancer://m" + duration +
                "\">\n    BalancerMember \"{a.url}\" route=a\n    StickyCookie insert maxage=" +
                duration + "\n</Proxy>\n" + "ProxyPass \"/m" + duration + "/\" \"balancer://m" +
                duration + "/\"\n";
    start_httpd(text);
    for (const auto &[duration, seconds] : rows) {
        const auto line = new_browser().get("/m" + duration + "/").set_cookie("ROUTEID");
        const std::regex one("ROUTEID=[^;]*\\.a(; [^;]+)*; Max-Age=" + seconds + "(; [^;]+)*",
                             std::regex::icase);
        BOOST_TEST(std::regex_match(line, one), "maxage=" << duration << ": " << line);
    }
}

BOOST_FIXTURE_TEST_CASE(a_cookie_is_refreshed_on_use_but_not_each_time, Scenario)
{
    start_member("a"), start_member("b");
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            StickyCookie insert maxage=1h
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    const auto answer_to = [&](const std::string &value) {
        Browser client = new_browser();
        client.add_cookie("ROUTEID", value);
        const auto answer = client.get("/");
        BOOST_TEST(answer.member == "b");
        const auto again = client.get("/");
        BOOST_TEST(again.member == "b");
        BOOST_TEST(again.set_cookies().empty());
        return answer;
    };
    for (int i = 0; i < 2; ++i) {
        Browser client = new_browser_on("b");
        for (int request = 0; request < 5; ++request)
            BOOST_TEST(client.get("/").set_cookies().empty());
    }
    // At most once in a sixteenth of the time, which is 225 s of an hour.
    for (const int age : {0, 1, 100, 200})
        BOOST_TEST(
            answer_to(seconds_ago(5000) + '-' + seconds_ago(age) + ".b").set_cookies().empty(),
            age);
    for (const int age :
         {300, 3000, 4000, 100'000}) {  // beyond an hour: the browser's clock is off
        const auto answer = answer_to(seconds_ago(age + 1) + '-' + seconds_ago(age) + ".b");
        BOOST_TEST(answer.set_cookies().size() == 1u, age);
        BOOST_TEST(answer.set_cookie("ROUTEID").find("; Max-Age=3600;") != std::string::npos);
    }
    // As before maxage was configured: its age is not known.
    const auto answer = answer_to(".b");
    BOOST_TEST(answer.set_cookies().size() == 1u);
    BOOST_TEST(answer.set_cookie("ROUTEID").find("; Max-Age=3600;") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
