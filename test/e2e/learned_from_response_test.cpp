// SPDX-License-Identifier: Apache-2.0
//
// learn=response: the table learns the session that the application names in its answer, and the client
// comes back without a cookie of ours.
// Caught if: a client leaves the member that has its session, a cookie of ours is set, a line that deletes
// is learned, or an answer of httpd's own is taken for a member's.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/e2e/session_steps.hpp"

using namespace stickybalancer::test;

namespace {

const std::string kLine = "StickyOn cookie:JSESSIONID learn=response";

// Set-Cookie lines of one answer, and whether JSESSIONID=x is learned from them.
struct Row {
    std::vector<std::string> lines;
    bool is_learned;
};
std::ostream &operator<<(std::ostream &out, const Row &row)
{
    for (const auto &line : row.lines)
        out << '[' << line << ']';
    return out;
}
const Row kRows[] = {
    {{"JSESSIONID=x"}, true},
    {{"JSESSIONID=\"x\"; Path=/"}, true},
    {{"JSESSIONID=x; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}, true},
    {{"JSESSIONID=x; Expires=Fri, 31 Dec 2100 23:59:59 GMT"}, true},
    {{"JSESSIONID=x; Expires=when I say so"}, true},
    {{"JSESSIONID=; Path=/old; Max-Age=0", "JSESSIONID=x; Path=/"}, true},
    {{"other=1", "JSESSIONID=x", "more=2"}, true},
    {{"JSESSIONID=x; Max-Age=0"}, false},
    {{"JSESSIONID=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}, false},
    {{"JSESSIONID=x; Expires=Thu, 01-Jan-1970 00:00:10 GMT"}, false},
    {{"JSESSIONID=x; Expires=Sun, 06 Nov 1994 08:49:37 GMT"}, false},
    {{"JSESSIONID=x; Expires=Thu, 01-Jan-70 00:00:00 GMT"}, false},
    {{"JSESSIONID=x; Expires=Thursday, 01-Jan-70 00:00:00 GMT"}, false},
    {{"JSESSIONID=x; Expires=Mon, 01 Jan 1601 00:00:00 GMT"}, false},
    {{"JSESSIONID=x; Path=/", "JSESSIONID=gone; Path=/; Max-Age=0"}, false},
    {{"JSESSIONID=; Path=/"}, false},
    {{"jsessionid=x"}, false},
    {{"XJSESSIONID=x"}, false},
    {{"other=JSESSIONID=x"}, false},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(learned_from_response_test)

BOOST_FIXTURE_TEST_CASE(a_client_stays_where_it_has_logged_in, SessionScenario)
{
    start(kLine);
    for (int i = 0; i < 6; ++i) {
        Browser client = new_browser();
        const auto answer = client.get("/login");
        BOOST_TEST(answer.set_cookies().size() == 1u);
        BOOST_TEST(answer.set_cookie("JSESSIONID").ends_with("; Path=/; HttpOnly"));
        for (int j = 0; j < 6; ++j) {
            client.disconnect();  // any child may answer
            const auto next = client.get("/");
            BOOST_TEST(next.member == answer.member);
            BOOST_TEST(next.set_cookies().empty());
        }
    }
    BOOST_TEST(count("Sessions.learned") == 6);
    BOOST_TEST(count("Sessions") == 6);
}

BOOST_FIXTURE_TEST_CASE(every_child_knows_it_and_the_log_says_why, SessionScenario)
{
    start(kLine);
    const auto id = log_in();
    for (auto &browser : browsers_on_every_child(*this))
        BOOST_TEST(browser.get("/", cookie(id)).member == member_of(id));
    new_browser().get("/logged", cookie(id));
    BOOST_TEST(logged(httpd, "/logged").at("cause") == "table");
    BOOST_TEST(logged(httpd, "/logged").at("state") == "NN");
}

// Behind a proxy of thousands a client's address changes from request to request.
BOOST_FIXTURE_TEST_CASE(it_is_the_session_and_not_the_address_that_counts, SessionScenario)
{
    start(kLine);
    const auto id = log_in();
    for (const auto *source : {"127.0.0.2", "127.0.0.3", "127.1.2.3"})
        BOOST_TEST(is_kept(cookie(id), member_of(id), "/", {.source = source}));
}

BOOST_FIXTURE_TEST_CASE(what_a_client_invents_is_not_learned, SessionScenario)
{
    start(kLine);
    BOOST_TEST(is_spread(served(cookie("1-of-a"))));
    BOOST_TEST(count("Sessions") == 0);
}

BOOST_DATA_TEST_CASE_F(SessionScenario, what_of_an_answer_is_learned, kRows, row)
{
    for (auto &each : members)
        each.on("/set", [&row](const Request &) {
            Answer answer;
            for (const auto &line : row.lines)
                answer.headers.push_back({"Set-Cookie", line});
            return answer;
        });
    start(kLine);
    const auto first = new_browser().get("/set");
    BOOST_TEST(first.set_cookies().size() == row.lines.size());
    BOOST_TEST(count("Sessions") == (row.is_learned ? 1 : 0));
    if (row.is_learned)
        BOOST_TEST(is_kept(cookie("x"), first.member));
    else
        BOOST_TEST(is_spread(served(cookie("x"))));
}

BOOST_FIXTURE_TEST_CASE(of_two_lines_of_one_name_both_are_learned, SessionScenario)
{
    for (auto &each : members)
        each.on("/two", Answer{.headers = {{"Set-Cookie", "JSESSIONID=x; Path=/one"},
                                           {"Set-Cookie", "JSESSIONID=y; Path=/two"}}});
    start(kLine);
    const auto member = new_browser().get("/two").member;
    BOOST_TEST(is_kept(cookie("x"), member));
    BOOST_TEST(is_kept(cookie("y"), member));
}

BOOST_FIXTURE_TEST_CASE(a_header_may_name_it_and_other_ways_bring_it_back, SessionScenario)
{
    for (auto &each : members)
        each.on("/token", [name = each.name()](const Request &) {
            return Answer{.headers = {{"X-Session", "id-of-" + name}}};
        });
    start(
        "StickyOn header:X-Session learn=response\nStickyOn path:sid learn=none\n"
        "StickyOn query:sid learn=none");
    const auto member = new_browser().get("/token").member;
    const auto id = "id-of-" + member;
    BOOST_TEST(is_kept({{"X-Session", id}}, member));
    BOOST_TEST(is_kept({}, member, "/page;sid=" + id));
    BOOST_TEST(is_kept({}, member, "/page?sid=" + id));
    BOOST_TEST(is_spread(served(cookie(id, "X-Session"))));
}

BOOST_FIXTURE_TEST_CASE(any_status_of_a_member_is_an_answer, SessionScenario)
{
    for (const auto status : {204, 302, 404, 500, 503})
        for (auto &each : members)
            each.on("/" + std::to_string(status), [status](const Request &) {
                const auto id = "s" + std::to_string(status);
                return Answer{.status = status, .headers = {{"Set-Cookie", "JSESSIONID=" + id}}};
            });
    start(kLine);
    for (const auto status : {204, 302, 404, 500, 503}) {
        const auto answer = new_browser().get("/" + std::to_string(status));
        BOOST_TEST(answer.status == status);
        BOOST_TEST(is_kept(cookie("s" + std::to_string(status)), answer.member));
    }
}

// httpd's page goes out in place of the member's.
BOOST_FIXTURE_TEST_CASE(an_overridden_error_page_is_the_members_answer, SessionScenario)
{
    for (auto &each : members)
        each.on("/error", Answer{.status = 500, .headers = {{"Set-Cookie", "JSESSIONID=x"}}});
    start(kLine, "ProxyErrorOverride On\n");
    BOOST_TEST(new_browser().get("/error").status == 500);
    const auto share = served(cookie("x"));
    BOOST_TEST(share.size() == 1u);
    BOOST_TEST(count("Sessions.learned") == 1);
}

BOOST_FIXTURE_TEST_CASE(httpds_own_answer_is_no_members, SessionScenario)
{
    for (auto &each : members)
        each.on("/cut", Answer{.ending = Ending::kCloseInHeaders});
    for (const auto *id : {"AH10404", "AH01106", "AH00898"})  // error reading from remote server
        httpd.log().allow(id);
    start("StickyOn cookie:JSESSIONID learn=both");
    BOOST_TEST(new_browser().get("/cut", cookie("x")).status == 502);
    BOOST_TEST(count("Sessions") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
