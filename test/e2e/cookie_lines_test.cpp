// SPDX-License-Identifier: Apache-2.0
//
// Several Cookie lines, and long ones.
// Caught if: only the first line is read, or a cookie at the end of 8 kB is overlooked.
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

const char *const kTwoMembers = R"(
    <Proxy "balancer://app">
        BalancerMember "{a.url}" route=a
        BalancerMember "{b.url}" route=b
        StickyCookie insert
    </Proxy>
    ProxyPass "/" "balancer://app/" stickysession=ROUTEID
)";

struct TwoMembers : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    void check_each(Browser &client, const std::vector<Headers> &rows)
    {
        for (const auto &headers : rows)
            for (int i = 0; i < 3; ++i) {
                client.disconnect();
                const auto answer = client.get("/", headers);
                BOOST_TEST_CONTEXT(headers.size()
                                   << " lines, the last: " << headers.back().value.substr(0, 60))
                {
                    BOOST_TEST(answer.status == 200);
                    BOOST_TEST(answer.member == "b");
                    BOOST_TEST(answer.set_cookies().empty());
                }
                client.forget_cookies();
            }
    }
};

const std::vector<Headers> kLines = {
    {{"Cookie", "x=1"}, {"Cookie", "ROUTEID=.b"}},
    {{"Cookie", "ROUTEID=.b"}, {"Cookie", "x=1"}},
    {{"Cookie", "x=1"}, {"Cookie", "ROUTEID=.gone"}, {"Cookie", "ROUTEID=.b"}},
    {{"Cookie", "x=1"}, {"cookie", "y=2; ROUTEID=.b; z=3"}, {"COOKIE", "w=4"}},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_lines_test)

BOOST_FIXTURE_TEST_CASE(several_lines_over_http_1, TwoMembers)
{
    start_httpd(kTwoMembers);
    Browser client = new_browser();
    check_each(client, kLines);
}

BOOST_FIXTURE_TEST_CASE(several_lines_over_http_2, TwoMembers,
                        *boost::unit_test::precondition([](boost::unit_test::test_unit_id) {
                            return has_http2_for_clients();
                        }))
{
    start_httpd(kTwoMembers, {.tls = true, .http2 = true});
    for (const auto protocol : {Protocol::kH2c, Protocol::kH2Tls}) {
        Browser client = new_browser({.protocol = protocol});
        BOOST_TEST(client.get("/", {{"Cookie", "ROUTEID=.b"}}).http_version == "2");
        check_each(client, kLines);
    }
}

BOOST_FIXTURE_TEST_CASE(lines_as_long_as_httpd_takes_them, TwoMembers)
{
    start_httpd(kTwoMembers);
    Browser client = new_browser();
    const std::string value(8000, 'x');
    std::string many;
    for (int i = 0; i < 700; ++i)
        many += "c" + std::to_string(i) + "=1; ";
    std::string junk;
    for (int i = 0; i < 400; ++i)
        junk += "ROUTEID=.gone" + std::to_string(i) + "; ";
    check_each(client, {
                           {{"Cookie", "x=" + value + "; ROUTEID=.b"}},
                           {{"Cookie", "ROUTEID=.b; x=" + value}},
                           {{"Cookie", "ROUTEID=" + value + "; ROUTEID=.b"}},
                           {{"Cookie", "ROUTEID=" + value + ".b"}},  // a long session id
                           {{"Cookie", many + "ROUTEID=.b"}},
                           {{"Cookie", junk + "ROUTEID=.b"}},
                       });
    BOOST_TEST((b.last_request().headers.first("Cookie") == junk + "ROUTEID=.b"));
}

BOOST_FIXTURE_TEST_CASE(a_long_route_that_does_not_exist_names_nobody, TwoMembers)
{
    start_httpd(kTwoMembers);
    for (const std::size_t length : {63u, 64u, 65u, 255u, 256u, 8000u}) {
        const auto answer =
            new_browser().get("/", {{"Cookie", "ROUTEID=." + std::string(length, 'b')}});
        BOOST_TEST(answer.status == 200);
        BOOST_TEST(answer.set_cookie("ROUTEID").starts_with("ROUTEID=." + answer.member + ';'));
    }
}

BOOST_AUTO_TEST_SUITE_END()
