// SPDX-License-Identifier: Apache-2.0
//
// A server that is about to go tells monitors so, by every child and virtual host and over restarts, while everybody is
// served; /health says what StickyMonitorURI says.
// Caught if: a monitor still gets 200, a client gets anything else than before, or it never ends.
#include <boost/test/unit_test.hpp>

#include "test/e2e/api_steps.hpp"
#include "test/support/wait.hpp"

using namespace stickybalancer::test;

namespace {

struct LameDuck : ApiScenario {
    void start_with_monitor()
    {
        start("</Proxy>\nStickyMonitorURI /up\n<Proxy \"balancer://app\">");
    }
    int asked(const std::string &for_) const
    {
        return call("PATCH", "/server", "{\"lameduck\":\"" + for_ + "\"}").status;
    }
    // Over connections of their own: many children answer.
    void expect(int status)
    {
        for (int i = 0; i < 20; ++i) {
            BOOST_TEST(new_browser().get("/").status == 200);
            BOOST_TEST(new_browser().get("/up").status == status);
            BOOST_TEST(new_browser().get("/ops/health").status == status);
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(lame_duck_test)

BOOST_FIXTURE_TEST_CASE(monitors_are_told_and_clients_are_served, LameDuck)
{
    start_with_monitor();
    expect(200);
    BOOST_TEST(get("/server").at("lameduck_until") == nullptr);
    BOOST_TEST(asked("1h") == 200);
    BOOST_TEST(get("/server").at("lameduck_until") != nullptr);
    expect(503);
    BOOST_TEST(Json::parse(new_browser().get("/look/health").body).at("status") == "lameduck");
    httpd.log().expect("SB2305");
    httpd.graceful();
    expect(503);
    httpd.stop();
    httpd.start_again();
    expect(503);
    BOOST_TEST(asked("0s") == 200);
    expect(200);
    BOOST_TEST(get("/server").at("lameduck_until") == nullptr);
}

BOOST_FIXTURE_TEST_CASE(it_ends_by_itself, LameDuck)
{
    start_with_monitor();
    BOOST_TEST(asked("1s") == 200);
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return new_browser().get("/up").status == 200; }));
    BOOST_TEST(get("/server").at("lameduck_until") == nullptr);
}

BOOST_FIXTURE_TEST_CASE(what_is_no_time_changes_nothing, LameDuck)
{
    start_with_monitor();
    for (const auto *body : {R"({"lameduck":20})", R"({"lameduck":"-1s"})", R"({"lameduck":"25h"})",
                             R"({})", R"({"lameduck":"1s","x":1})"})
        BOOST_TEST(is_error(call("PATCH", "/server", body), 422), body);
    expect(200);
}

BOOST_FIXTURE_TEST_CASE(health_is_down_where_nobody_takes_new_clients, LameDuck)
{
    start_with_monitor();
    BOOST_TEST(patch("a", R"({"requested":"drain"})").status == 200);
    BOOST_TEST(new_browser().get("/ops/health").status == 200);
    BOOST_TEST(patch("b", R"({"requested":"stopped"})").status == 200);
    const auto down = new_browser().get("/ops/health");
    BOOST_TEST(down.status == 503);
    BOOST_TEST(Json::parse(down.body).at("status") == "down");
    BOOST_TEST(new_browser().get("/up").status == 503);
}

BOOST_AUTO_TEST_SUITE_END()
