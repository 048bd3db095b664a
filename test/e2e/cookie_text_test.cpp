// SPDX-License-Identifier: Apache-2.0
//
// The text of the cookie, to the byte.
// Caught if: an attribute is lost, doubled or misplaced, or Secure is missing on TLS.
#include <boost/test/unit_test.hpp>

#include <map>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

const std::vector<Protocol> kProtocols = {Protocol::kHttp1, Protocol::kHttp1Tls};

struct Row {
    const char *options;
    const char *http;
    const char *https;  // empty: the same
};

const std::vector<Row> kRows = {
    {"", "ROUTEID=.a; path=/; HttpOnly; SameSite=Lax",
     "ROUTEID=.a; path=/; HttpOnly; SameSite=Lax; Secure"},
    {"httponly=on secure=auto samesite=lax path=/", "ROUTEID=.a; path=/; HttpOnly; SameSite=Lax",
     "ROUTEID=.a; path=/; HttpOnly; SameSite=Lax; Secure"},
    {"httponly=off secure=off", "ROUTEID=.a; path=/; SameSite=Lax", ""},
    {"secure=on", "ROUTEID=.a; path=/; HttpOnly; SameSite=Lax; Secure", ""},
    {"secure=off samesite=strict", "ROUTEID=.a; path=/; HttpOnly; SameSite=Strict", ""},
    {"samesite=none", "ROUTEID=.a; path=/; HttpOnly; SameSite=None; Secure", ""},
    {"samesite=none secure=off", "ROUTEID=.a; path=/; HttpOnly; SameSite=None; Secure", ""},
    {"samesite=off secure=off", "ROUTEID=.a; path=/; HttpOnly", ""},
    {"samesite=off httponly=off secure=off", "ROUTEID=.a; path=/", ""},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_text_test)

// One balancer for each row, under a path of its own.
BOOST_FIXTURE_TEST_CASE(attributes_are_written_in_one_order, Scenario)
{
    start_member("a");
    std::string text;
    for (std::size_t i = 0; i < kRows.size(); ++i) {
        const auto name = "row" + std::to_string(i);
        text += "<Proxy \"balancer://" + name + "\">\n    BalancerMember \"{a.url}\" route=a\n" +
                "    StickyCookie insert " + kRows[i].options + "\n</Proxy>\n" + "ProxyPass \"/" +
                name + "/\" \"balancer://" + name + "/\" stickysession=ROUTEID\n";
    }
    start_httpd(text, {.tls = true});
    for (std::size_t i = 0; i < kRows.size(); ++i)
        for (const auto protocol : kProtocols) {
            const bool tls = protocol == Protocol::kHttp1Tls;
            const std::string https = kRows[i].https;
            BOOST_TEST_CONTEXT("StickyCookie insert " << kRows[i].options << ", TLS " << tls)
            {
                const auto answer =
                    new_browser({.protocol = protocol}).get("/row" + std::to_string(i) + "/");
                BOOST_TEST(answer.member == "a");
                BOOST_TEST(answer.set_cookies().size() == 1u);
                BOOST_TEST(answer.set_cookie("ROUTEID") ==
                           (tls && !https.empty() ? https : kRows[i].http));
            }
        }
}

BOOST_FIXTURE_TEST_CASE(a_name_a_path_and_a_domain_are_followed, Scenario)
{
    start_member("a"), start_member("b");
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            StickyCookie insert name=SERVERID path=/shop domain=example.test samesite=off
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    Browser client = new_browser({.host = "www.example.test"});
    const auto first = client.get("/shop/");
    BOOST_TEST(first.set_cookies().size() == 1u);
    BOOST_TEST(first.set_cookie("SERVERID") ==
               "SERVERID=." + first.member + "; path=/shop; domain=example.test; HttpOnly");
    BOOST_TEST(client.get("/shop/2").member == first.member);
    BOOST_TEST(client.get("/shop/3").set_cookies().empty());
    BOOST_TEST(client.get("/elsewhere").set_cookies().size() == 1u);  // not sent there
}

BOOST_FIXTURE_TEST_CASE(a_location_does_not_change_the_path, Scenario)
{
    start_member("a");
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            StickyCookie insert
        </Proxy>
        <Location "/deep/in/the/tree/">
            ProxyPass "balancer://app/other/"
            ProxyPassReverse "balancer://app/other/"
            ProxyPassReverseCookiePath "/" "/deep/"
        </Location>
    )");
    BOOST_TEST(new_browser().get("/deep/in/the/tree/x").set_cookie("ROUTEID") ==
               "ROUTEID=.a; path=/; HttpOnly; SameSite=Lax");
}

BOOST_AUTO_TEST_SUITE_END()
