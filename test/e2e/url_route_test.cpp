// SPDX-License-Identifier: Apache-2.0
//
// stickysession=COOKIE|parameter: a URL names the member by a path parameter or in its query.
// Caught if: the name is found where it is not a parameter, a URL beats a valid cookie, or the
// client of a URL gets no cookie of its own.
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

std::string balancer(const std::string &settings)
{
    return R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            BalancerMember "{c.url}" route=c
            StickyCookie insert
        </Proxy>
        ProxyPass "/" "balancer://app/" )" +
           settings;
}

struct ThreeMembers : Scenario {
    FakeMember a = start_member("a"), b = start_member("b"), c = start_member("c");

    void check_named(const std::string &target, const std::string &cause)
    {
        for (int i = 0; i < 3; ++i) {
            Browser client = new_browser();
            const auto answer = client.get(target);
            BOOST_TEST(answer.member == "b", target << " went to " << answer.member);
            BOOST_TEST(answer.set_cookies().size() == 1u, target << '\n' << answer);
            BOOST_TEST(client.cookie("ROUTEID") == ".b");
            BOOST_TEST(client.get("/without").member == "b");
        }
        BOOST_TEST(b.requests().at(b.requests().size() - 2).target == target);  // nothing cut out
        check_log(target, cause);
    }
    void check_not_named(const std::string &target)
    {
        std::string before = new_browser().get("/").member;
        for (int i = 0; i < 3; ++i) {
            const auto answer = new_browser().get(target);
            BOOST_TEST(answer.member != before, target << " kept " << before);
            BOOST_TEST(answer.set_cookies().size() == 1u, target);
            before = answer.member;
        }
        requests_ += 4;
    }

private:
    void check_log(const std::string &target, const std::string &cause)
    {
        int count = 0;
        for (const auto &line : httpd.access_log().wait_for(requests_ += 6))
            if (line.at("uri") == target) {
                ++count;
                BOOST_TEST(line.at("cause") == cause, target << " by " << line.at("cause"));
                BOOST_TEST(line.at("changed") == "-", target);
            }
        BOOST_TEST(count == 3, target);
    }

    std::size_t requests_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(url_route_test)

BOOST_FIXTURE_TEST_CASE(parameters_name_a_member, ThreeMembers)
{
    start_httpd(balancer("stickysession=ROUTEID|sid"));
    for (const auto *target :
         {"/page;sid=x.b", "/page;v=1;sid=.b", "/a;sid=x.b/page;v=1", "/a;v=1;sid=.b/b/page",
          "/;sid=b", "/page;sid=.gone;sid=.b", "/a;sid=.gone/page;sid=.b", "/page;sid=.b?sid=.c"})
        check_named(target, "path");
    for (const auto *target : {"/page?sid=x.b", "/page?v=1&sid=.b", "/page?sid=.b&v=1",
                               "/page;v=1?sid=b", "/page?sid=.gone&sid=.b", "/page?sid=&sid=.b",
                               "/page;sid=.gone?sid=.b", "/page?u=http://h/;x&sid=.b"})
        check_named(target, "query");
}

// Rows with a member in them are followed by mod_proxy_balancer.
BOOST_FIXTURE_TEST_CASE(what_only_looks_like_a_parameter_names_none, ThreeMembers)
{
    start_httpd(balancer("stickysession=ROUTEID|sid"));
    for (const auto *target :
         {"/page?xsid=.b", "/page?q=sid=.b", "/sid=.b", "/sid=.b/page", "/page;xsid=.b",
          "/page;v=sid=.b", "/page?sidx=.b", "/page?SID=.b", "/page?ROUTEID=.b", "/page;ROUTEID=.b",
          "/page?sid", "/page;sid", "/page;sid=", "/page?sid=.", "/page?sid=.gone",
          "/page?x;sid=.b.", "/page?sid=.bb"})
        check_not_named(target);
}

BOOST_FIXTURE_TEST_CASE(one_name_is_for_both, ThreeMembers)
{
    start_httpd(balancer("stickysession=ROUTEID"));
    check_named("/page?ROUTEID=.b", "query");
    check_named("/page;ROUTEID=.b", "path");
    check_not_named("/page?XROUTEID=.b");
    check_not_named("/foo/ROUTEID=.b");
}

BOOST_FIXTURE_TEST_CASE(a_valid_cookie_beats_the_url, ThreeMembers)
{
    start_httpd(balancer("stickysession=ROUTEID|sid"));
    for (const auto *target : {"/page;sid=.b", "/page?sid=.b"}) {
        const auto by_cookie = new_browser().get(target, {{"Cookie", "ROUTEID=.c"}});
        BOOST_TEST(by_cookie.member == "c");
        BOOST_TEST(by_cookie.set_cookies().empty());
        const auto by_url = new_browser().get(target, {{"Cookie", "ROUTEID=.gone"}});
        BOOST_TEST(by_url.member == "b");
        BOOST_TEST(by_url.set_cookie("ROUTEID").starts_with("ROUTEID=.b;"));
    }
}

// As mod_jk ends a session id, and servlets write more parameters behind it.
BOOST_FIXTURE_TEST_CASE(a_semicolon_may_end_a_parameter, ThreeMembers)
{
    start_httpd(balancer("stickysession=ROUTEID|sid scolonpathdelim=On"));
    check_named("/page;sid=x.b;foo=1", "path");
    check_named("/page;sid=x.b;foo=.c/more", "path");
    check_named("/page?sid=x.b;foo=1", "query");
}

BOOST_AUTO_TEST_SUITE_END()
