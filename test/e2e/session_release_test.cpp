// SPDX-License-Identifier: Apache-2.0
//
// A session that is over is forgotten: the application says so with X-Sticky-Release, the administrator
// with sticky-release.
// Caught if: it is still found, another one is forgotten with it, it is learned by the answer that ends it,
// or the client sees the header.
#include <boost/test/unit_test.hpp>

#include "test/e2e/session_steps.hpp"

using namespace stickybalancer::test;

namespace {

const std::string kLines = "StickyOn cookie:JSESSIONID\nStickyOn header:X-Token";

struct Release : SessionScenario {
    Release()
    {
        for (auto &each : members)
            each.on("/bye", Answer{.headers = {{"X-Sticky-Release", "1"}}});
    }
    // It was at `member`, and is nobody's now: it is balanced as a new one.
    void expect_forgotten(const Headers &headers)
    {
        new_browser().get("/again", headers);
        BOOST_TEST(logged(httpd, "/again").at("cause") == "policy");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(session_release_test)

BOOST_FIXTURE_TEST_CASE(the_application_ends_a_session, Release)
{
    start(kLines);
    const auto id = log_in(), other = log_in();
    const auto bye = new_browser().get("/bye", cookie(id));
    BOOST_TEST(bye.member == member_of(id));
    BOOST_TEST(bye.header("X-Sticky-Release") == "");
    BOOST_TEST(count("Sessions") == 1);
    BOOST_TEST(is_kept(cookie(other), member_of(other)));
    expect_forgotten(cookie(id));
}

BOOST_FIXTURE_TEST_CASE(the_administrator_ends_a_session, Release)
{
    start(kLines, "SetEnvIf Request_URI ^/logout sticky-release\n");
    const auto id = log_in();
    BOOST_TEST(new_browser().get("/logout", cookie(id)).member == member_of(id));
    BOOST_TEST(count("Sessions") == 0);
    expect_forgotten(cookie(id));
}

BOOST_FIXTURE_TEST_CASE(all_sessions_of_the_request_end, Release)
{
    start(kLines);
    const Headers both = {{"Cookie", "JSESSIONID=x"}, {"X-Token", "t"}};
    new_browser().get("/", both);
    BOOST_TEST(count("Sessions") == 2);
    new_browser().get("/bye", both);
    BOOST_TEST(count("Sessions") == 0);
}

BOOST_FIXTURE_TEST_CASE(and_those_that_the_answer_names, Release)
{
    for (auto &each : members)
        each.on("/bye", Answer{.headers = {{"X-Sticky-Release", "1"},
                                           {"Set-Cookie", "JSESSIONID=y; Path=/"}}});
    start(kLines);
    new_browser().get("/", cookie("x"));
    new_browser().get("/", cookie("y"));
    BOOST_TEST(count("Sessions") == 2);
    BOOST_TEST(new_browser().get("/bye", cookie("x")).set_cookies().size() == 1u);
    BOOST_TEST(count("Sessions") == 0);
}

BOOST_FIXTURE_TEST_CASE(a_session_that_ends_with_its_first_request_is_not_learned, Release)
{
    start(kLines);
    new_browser().get("/bye", cookie("x"));
    BOOST_TEST(count("Sessions.learned") == 0);
}

// Whoever answers.
BOOST_FIXTURE_TEST_CASE(a_logout_that_httpd_answers_itself_is_one_too, Release)
{
    start(kLines, "SetEnvIf Request_URI ^/logout sticky-release\n");
    const auto id = log_in();
    for (auto &each : members)
        each.stop();
    allow_failed_connections();
    BOOST_TEST(new_browser().get("/logout", cookie(id)).status == 503);
    BOOST_TEST(count("Sessions") == 0);
    httpd.log().allow("SB4001");
}

BOOST_FIXTURE_TEST_CASE(a_websockets_handshake_may_be_the_logout, Release)
{
    start_httpd("SetEnvIf Request_URI ^/logout sticky-release\n" + std::string(kServerStatus) +
                site(kLines, "retry=1 upgrade=websocket"));
    const auto id = log_in();
    WebsocketClient socket(httpd.port(), "/logout", cookie(id));
    BOOST_TEST(socket.ask("hello") == "hello");
    BOOST_TEST(count("Sessions") == 0);
    socket.close();
}

BOOST_FIXTURE_TEST_CASE(an_answer_that_deletes_the_cookie_teaches_nothing, Release)
{
    for (auto &each : members)
        each.on("/gone", Answer{.headers = {{"Set-Cookie", "JSESSIONID=; Max-Age=0"}}});
    for (const char *learn : {"request", "both"}) {
        start("StickyOn cookie:JSESSIONID learn=" + std::string(learn));
        new_browser().get("/gone", cookie("x"));
        BOOST_TEST(count("Sessions") == 0);
        httpd.stop();
    }
}

// With the module's own cookie both go.
BOOST_FIXTURE_TEST_CASE(the_cookie_goes_with_it, Release)
{
    start(kLines + "\nStickyCookie insert");
    Browser client = new_browser();
    client.add_cookie("JSESSIONID", "x");
    client.get("/");
    BOOST_TEST(client.cookie("ROUTEID") != "");
    BOOST_TEST(count("Sessions") == 1);
    client.get("/bye");
    BOOST_TEST(client.cookie("ROUTEID") == "");
    BOOST_TEST(count("Sessions") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
