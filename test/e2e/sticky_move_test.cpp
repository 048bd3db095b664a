// SPDX-License-Identifier: Apache-2.0
//
// sticky-move: at such a request the client of a draining member may be moved to another one; and the whole of
// taking a member out, with it.
// Caught if: clients leave a draining member at other requests, do not at these, or come back; a client sees an
// error on the way; or one is moved although its member does not drain, or nobody else takes it.
#include <boost/test/unit_test.hpp>

#include "test/e2e/session_steps.hpp"

using namespace stickybalancer::test;

namespace {

const std::string kMoveAtLogin = "SetEnvIf Request_URI \"^/login\" sticky-move\n";

struct Moving : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    void start(const std::string &lines = "")
    {
        start_httpd(kMoveAtLogin +
                    "Header always set X-Sticky \"%{STICKY_CAUSE}e %{STICKY_STATE}e\"\n"
                    "<Proxy \"balancer://app\">\n"
                    "BalancerMember \"{a.url}\" route=a\nBalancerMember \"{b.url}\" route=b\n"
                    "StickyCookie insert\n" +
                    lines + "\n</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(sticky_move_test)

BOOST_FIXTURE_TEST_CASE(a_client_of_a_draining_member_goes_at_such_a_request_and_stays_gone, Moving)
{
    start();
    auto client = new_browser_on("b");
    BOOST_TEST(client.get("/login").member == "b");  // it does not drain
    httpd.drain("app", "b");
    BOOST_TEST(client.get("/").member == "b");
    const auto moved = client.post("/login", "name and password");
    BOOST_TEST(moved.member == "a");
    BOOST_TEST(moved.header("X-Sticky") == "redispatch VU");
    BOOST_TEST(moved.set_cookie("ROUTEID") == "ROUTEID=.a; path=/; HttpOnly; SameSite=Lax");
    BOOST_TEST(a.last_request().body == "name and password");
    httpd.undrain("app", "b");
    BOOST_TEST(client.get("/").member == "a");
    BOOST_TEST(client.get("/login").member == "a");
}

BOOST_FIXTURE_TEST_CASE(where_nobody_else_takes_it_it_stays, Moving)
{
    start();
    auto client = new_browser_on("b");
    httpd.drain("app", "a");
    httpd.drain("app", "b");
    const auto stayed = client.get("/login");
    BOOST_TEST(stayed.member == "b");
    BOOST_TEST(stayed.header("X-Sticky") == "cookie VN");
    httpd.undrain("app", "a");
    httpd.balancer_manager("app", "a", {{"w_status_D", "1"}});
    BOOST_TEST(client.get("/login").member == "b");
}

BOOST_FIXTURE_TEST_CASE(where_the_others_are_full_of_requests_it_stays, Moving)
{
    start("StickyMember a maxconn=1");
    auto client = new_browser_on("b");
    a.hold("/slow");
    auto of_a = new_browser();
    of_a.add_cookie("ROUTEID", ".a");
    auto slow = of_a.start_get("/slow");
    BOOST_REQUIRE(a.wait_held("/slow", 1));
    httpd.drain("app", "b");
    BOOST_TEST(client.get("/login").header("X-Sticky") == "cookie VN");
    a.release("/slow");
    BOOST_TEST(slow.wait().status == 200);
    BOOST_TEST(client.get("/login").member == "a");
}

BOOST_FIXTURE_TEST_CASE(a_client_that_may_not_be_moved_is_not, Moving)
{
    start("StickyWhenDown reject");
    auto client = new_browser_on("b");
    httpd.drain("app", "b");
    BOOST_TEST(client.get("/login").member == "b");
}

BOOST_FIXTURE_TEST_CASE(another_modules_method_places_it, Moving)
{
    start("ProxySet lbmethod=byrequests");
    auto client = new_browser_on("b");
    httpd.drain("app", "b");
    BOOST_TEST(client.get("/").member == "b");
    const auto moved = client.get("/login");
    BOOST_TEST(moved.member == "a");
    BOOST_TEST(moved.header("X-Sticky") == "redispatch VU");
}

BOOST_FIXTURE_TEST_CASE(a_session_moves_in_the_table, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID", "SetEnvIf Request_URI \"^/cart\" sticky-move\n");
    const auto id = log_in_at("b");
    httpd.drain("app", "b");
    BOOST_TEST(is_kept(cookie(id), "b"));
    const auto moved = new_browser().get("/cart", cookie(id)).member;
    BOOST_TEST(moved != "b");
    httpd.undrain("app", "b");
    BOOST_TEST(is_kept(cookie(id), moved));
}

// Draining, moving, stopping and coming back under twenty clients: no error, and nobody moves before his time.
BOOST_FIXTURE_TEST_CASE(a_member_is_taken_out_and_back_and_nobody_notices, Moving)
{
    start();
    std::vector<Browser> clients;
    std::vector<std::string> homes;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(new_browser());
        homes.push_back(clients.back().get("/").member);
    }
    const auto all_ask = [&](const std::string &path, const std::string &instead_of_b) {
        for (std::size_t i = 0; i < clients.size(); ++i) {
            if (homes[i] == "b")
                homes[i] = instead_of_b;
            const auto answer = clients[i].get(path);
            BOOST_TEST(answer.status == 200);
            BOOST_TEST(answer.member == homes[i]);
        }
    };
    all_ask("/", "b");
    httpd.drain("app", "b");
    all_ask("/", "b");
    all_ask("/login", "a");
    const auto before = b.requests().size();
    httpd.balancer_manager("app", "b", {{"w_status_D", "1"}});
    b.stop();
    all_ask("/", "a");
    b.start_again();
    BOOST_TEST(b.requests().size() == before);
    httpd.balancer_manager("app", "b", {{"w_status_D", "0"}, {"w_status_N", "0"}});
    all_ask("/", "a");
    BOOST_TEST(share_of_new_clients(*this, 8)["b"] == 4);
}

BOOST_AUTO_TEST_SUITE_END()
