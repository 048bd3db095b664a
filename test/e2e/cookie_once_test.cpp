// SPDX-License-Identifier: Apache-2.0
//
// One cookie of ours on a response, whatever else sets cookies; the application's pass untouched.
// Caught if: the old `Header add` line makes a second one, or an application's cookie is changed,
// folded into another line, or taken for ours.
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

int count_of(const Response &response, const std::string &name)
{
    const auto lines = response.set_cookies();
    return static_cast<int>(std::count_if(lines.begin(), lines.end(), [&](const auto &line) {
        return line.substr(0, line.find('=')) == name;
    }));
}

const std::string kBalancer = R"(
    <Proxy "balancer://app">
        BalancerMember "{a.url}" route=a
        BalancerMember "{b.url}" route=b
        StickyCookie insert
    </Proxy>
    ProxyPass "/" "balancer://app/" stickysession=ROUTEID
)";

const std::string kRecipe =
    " Set-Cookie \"ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/\" env=BALANCER_ROUTE_CHANGED\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_once_test)

BOOST_FIXTURE_TEST_CASE(the_old_recipe_beside_ours_makes_no_second_cookie, Scenario)
{
    start_member("a"), start_member("b");
    start_httpd(kBalancer);
    for (const auto *verb : {"Header add", "Header always add", "Header set", "Header merge",
                             "Header append", "Header onsuccess add"}) {
        BOOST_TEST_CONTEXT(verb)
        {
            httpd.rewrite_config(kBalancer + verb + kRecipe);
            Browser client = new_browser();
            const auto first = client.get("/");
            BOOST_TEST(first.status == 200);
            BOOST_TEST(first.set_cookies().size() == 1u, first);
            BOOST_TEST(first.set_cookie("ROUTEID") ==
                       "ROUTEID=." + first.member + "; path=/; HttpOnly; SameSite=Lax");
            const auto second = client.get("/");
            BOOST_TEST(second.member == first.member);
            BOOST_TEST(second.set_cookies().empty(), second);
        }
    }
}

BOOST_FIXTURE_TEST_CASE(cookies_of_the_application_pass_each_on_its_line, Scenario)
{
    const Headers cookies = {
        {"Set-Cookie", "I18N_LANGUAGE=\"en\"; Path=/"},
        {"Set-Cookie", "XROUTEID=.b; path=/; Expires=Thu, 01 Jan 2037 00:00:00 GMT"},
        {"Set-Cookie", "ROUTEID2=.b"},
        {"set-cookie", "routeid=.b"},
        {"Set-Cookie", "note=ROUTEID=.b;   path=/;HttpOnly"},
        {"Set-Cookie", "I18N_LANGUAGE=\"en\"; Path=/"},
    };
    auto a = start_member("a"), b = start_member("b");
    for (auto *member : {&a, &b})
        member->on("/", Answer{.headers = cookies});
    start_httpd(kBalancer);

    std::vector<std::string> expected;
    for (const auto &cookie : cookies)
        expected.push_back(cookie.value);
    Browser client = new_browser();
    const auto first = client.get("/");
    auto seen = first.set_cookies();
    BOOST_TEST(count_of(first, "ROUTEID") == 1);
    std::erase(seen, "ROUTEID=." + first.member + "; path=/; HttpOnly; SameSite=Lax");
    BOOST_TEST(seen == expected, boost::test_tools::per_element());

    // All of them come back, and none misleads.
    const auto second = client.get("/");
    BOOST_TEST(second.member == first.member);
    BOOST_TEST(second.set_cookies() == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(an_application_that_sets_our_name_does_not_make_two, Scenario)
{
    auto a = start_member("a"), b = start_member("b");
    for (auto *member : {&a, &b})
        member->on("/", Answer{.headers = {{"Set-Cookie", "ROUTEID=mine; Path=/"},
                                           {"Set-Cookie", "other=1"}}});
    start_httpd(kBalancer);
    Browser client = new_browser();
    const auto first = client.get("/");
    BOOST_TEST(count_of(first, "ROUTEID") == 1, first);
    BOOST_TEST(client.cookie("ROUTEID") == "." + first.member);
    BOOST_TEST(count_of(first, "other") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
