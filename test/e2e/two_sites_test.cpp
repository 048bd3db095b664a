// SPDX-License-Identifier: Apache-2.0
//
// An office between two sites, as to where its new users go and what the application learns of them; the
// cookies of the tiers are in two_tiers_test.cpp.
// Caught if: new users go to the far site while the near one serves, users of the far site are brought to the
// near one, or the addresses that the application gets are out of order.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Office : Scenario {
    FakeMember near = start_member("near"), far = start_member("far");

    // What is said of the far site's member.
    void start(const std::string &of_far)
    {
        start_httpd(R"(
            <Proxy "balancer://sites">
                BalancerMember "{near.url}" route=SITE1 retry=1
                BalancerMember "{far.url}" route=SITE2 )" +
                    of_far + R"(
                StickyCookie passive name=SITE
            </Proxy>
            ProxyPass "/" "balancer://sites/"
        )");
    }
    std::string new_user() const { return new_browser().get("/").member; }
    std::string user_of(const std::string &site) const
    {
        return new_browser().get("/", {{"Cookie", "SITE=." + site}}).member;
    }
    void expect_near_is_preferred()
    {
        for (int i = 0; i < 8; ++i)
            BOOST_TEST(new_user() == "near");
        BOOST_TEST(far.requests().empty());
        BOOST_TEST(user_of("SITE2") == "far");
        BOOST_TEST(user_of("SITE1") == "near");

        near.stop();
        allow_failed_connections();
        BOOST_TEST(new_user() == "far");
        BOOST_TEST(user_of("SITE1") == "far");
        near.start_again();
        BOOST_TEST(
            wait_until(within(std::chrono::seconds(10)), [&] { return new_user() == "near"; }));
        BOOST_TEST(user_of("SITE2") == "far");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(two_sites_test)

BOOST_FIXTURE_TEST_CASE(the_far_site_stands_by, Office)
{
    start("status=+H connectiontimeout=2 retry=1");
    expect_near_is_preferred();
}

BOOST_FIXTURE_TEST_CASE(the_far_site_is_a_later_set, Office)
{
    start("lbset=1 connectiontimeout=2 retry=1");
    expect_near_is_preferred();
}

// Each member is checked as often as its own line says.
BOOST_FIXTURE_TEST_CASE(the_far_site_is_checked_less_often, Office)
{
    start(R"(status=+H
                StickyCheck http method=GET uri=/check member=SITE1 interval=100ms
                StickyCheck http method=GET uri=/check member=SITE2 interval=400ms)");
    BOOST_TEST(
        wait_until(within(std::chrono::seconds(20)), [&] { return near.requests().size() >= 24; }));
    const auto seldom = far.requests().size();
    BOOST_TEST(seldom >= 4u);
    BOOST_TEST(seldom <= 8u);
}

// Each tier from an address of its own: the application's X-Forwarded-For names all before its own peer.
BOOST_FIXTURE_TEST_CASE(the_application_knows_the_way_that_a_request_came, Scenario)
{
    auto app = start_member("app");
    const auto tier = [](const std::string &port, const std::string &next,
                         const std::string &source) {
        return "<VirtualHost 127.0.0.1:{" + port + "}>\n<Proxy \"balancer://" + source +
               "\">\nBalancerMember \"" + next + "\" route=x\nStickyMember x source=" + source +
               "\nStickyCookie passive name=SITE\n</Proxy>\nProxyPass \"/\" \"balancer://" +
               source + "/\"\n</VirtualHost>\n";
    };
    start_httpd("Listen 127.0.0.1:{port.director}\nListen 127.0.0.1:{port.front}\n" +
                tier("port", "http://127.0.0.1:{port.director}", "127.0.0.21") +
                tier("port.director", "http://127.0.0.1:{port.front}", "127.0.0.22") +
                tier("port.front", "{app.url}", "127.0.0.23"));
    const auto path_of = [&](const Headers &sent) {
        new_browser({.port = httpd.port(), .source = "127.0.0.7"}).get("/", sent);
        return app.last_request().headers.first("X-Forwarded-For");
    };
    BOOST_TEST(path_of({}) == "127.0.0.7, 127.0.0.21, 127.0.0.22");
    BOOST_TEST(path_of({{"X-Forwarded-For", "192.0.2.9"}}) ==
               "192.0.2.9, 127.0.0.7, 127.0.0.21, 127.0.0.22");
    BOOST_TEST(app.last_request().peer == "127.0.0.23");
}

BOOST_AUTO_TEST_SUITE_END()
