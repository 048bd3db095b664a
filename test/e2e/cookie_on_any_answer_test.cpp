// SPDX-License-Identifier: Apache-2.0
//
// A new client is bound by whatever a member answered, and by nothing that no member answered.
// Caught if: an error page loses or doubles the cookie, or one is set where no member served.
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

const std::string kBalancer = R"(
    <Proxy "balancer://app">
        BalancerMember "{a.url}" route=a
        BalancerMember "{b.url}" route=b
        StickyCookie insert
    </Proxy>
)";

std::string cookie_of(const std::string &member)
{
    return "ROUTEID=." + member + "; path=/; HttpOnly; SameSite=Lax";
}

struct TwoMembers : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");
    TwoMembers()
    {
        for (auto *member : {&a, &b})
            for (const int status : {204, 302, 304, 401, 404, 500, 503})
                member->on("/" + std::to_string(status),
                           Answer{.status = status, .headers = {{"X-Extra", "yes"}}});
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_on_any_answer_test)

BOOST_FIXTURE_TEST_CASE(every_status_of_a_member_brings_one_cookie, TwoMembers)
{
    start_httpd(kBalancer + "ProxyPass \"/\" \"balancer://app/\"");
    for (const int status : {200, 204, 302, 304, 401, 404, 500})
        for (const auto *method : {"GET", "HEAD", "POST", "OPTIONS"})
            BOOST_TEST_CONTEXT(method << ' ' << status)
            {
                Browser client = new_browser();
                const auto answer = client.request(method, "/" + std::to_string(status));
                const std::string member = client.cookie("ROUTEID").substr(1);
                BOOST_TEST(answer.status == status);
                BOOST_TEST(answer.set_cookies().size() == 1u);
                BOOST_TEST(answer.set_cookie("ROUTEID") == cookie_of(member));
                if (status != 304)  // which carries only some headers
                    BOOST_TEST(answer.member == member);
                BOOST_TEST(client.get("/200").member == member);
                BOOST_TEST(client.get("/200").set_cookies().empty());
            }
}

BOOST_FIXTURE_TEST_CASE(pages_of_our_own_for_errors_of_a_member_carry_it_too, TwoMembers)
{
    start_httpd(kBalancer + R"(
        ProxyErrorOverride On
        ErrorDocument 404 "nothing here"
        ErrorDocument 500 /pages/500.html
        ProxyPass "/pages/" "!"
        Alias "/pages/" "{root}/htdocs/"
        ProxyPass "/" "balancer://app/"
    )");
    for (const int status : {404, 500}) {
        Browser client = new_browser();
        const auto answer = client.get("/" + std::to_string(status));
        const std::string member = client.cookie("ROUTEID").substr(1);
        BOOST_TEST(answer.status == status);
        BOOST_TEST(answer.set_cookies().size() == 1u);
        BOOST_TEST(answer.set_cookie("ROUTEID") == cookie_of(member));
        BOOST_TEST(client.get("/").member == member);
    }
}

// The page comes from the balancer as well, so one request is elected for twice.
BOOST_FIXTURE_TEST_CASE(an_error_page_from_the_same_balancer_makes_no_second_one, TwoMembers)
{
    start_httpd(kBalancer + R"(
        ProxyErrorOverride On
        ErrorDocument 404 /sorry
        ProxyPass "/" "balancer://app/"
    )");
    for (int i = 0; i < 3; ++i) {
        Browser client = new_browser();
        const auto answer = client.get("/404");
        BOOST_TEST(answer.status == 404);
        BOOST_TEST(answer.set_cookies().size() == 1u, answer);
        BOOST_TEST(answer.set_cookie("ROUTEID") == cookie_of(answer.member));
        BOOST_TEST(client.get("/").member == answer.member);
    }
}

BOOST_FIXTURE_TEST_CASE(what_httpd_answers_itself_binds_nobody, TwoMembers)
{
    start_httpd(kBalancer + R"(
        RewriteEngine On
        RewriteRule "^/rewritten(.*)$" "https://www.example.test/$1" [R=301,L]
        <Location "/moved">
            Redirect 302 "https://www.example.test/"
        </Location>
        <Location "/closed">
            Require all denied
        </Location>
        ProxyPass "/" "balancer://app/"
    )");
    const std::vector<std::pair<std::string, int>> rows = {
        {"/rewritten", 301}, {"/moved", 302}, {"/closed", 403}};
    for (const auto &[path, status] : rows) {
        const auto answer = new_browser().get(path);
        BOOST_TEST(answer.status == status);
        BOOST_TEST(answer.set_cookies().empty(), answer);
    }
    httpd.log().allow("AH01630");  // denied by server configuration
    BOOST_TEST(a.requests().size() + b.requests().size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_503_of_httpd_binds_nobody, TwoMembers)
{
    start_httpd(kBalancer + "ProxyPass \"/\" \"balancer://app/\"");
    a.stop(), b.stop();
    allow_failed_connections();
    for (int i = 0; i < 3; ++i) {  // refused by both, then both known to be in error
        const auto answer = new_browser().get("/");
        BOOST_TEST(answer.status == 503);
        BOOST_TEST(answer.set_cookies().empty(), answer);
    }
}

BOOST_AUTO_TEST_SUITE_END()
