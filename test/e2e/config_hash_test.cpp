// SPDX-License-Identifier: Apache-2.0
//
// StickyHash: the forms of KEY, its option, and the method that it goes with.
// Caught if: a key that no request can have is accepted, or a line that has no effect is not told.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/e2e/config_lines.hpp"

using namespace stickybalancer::test;

namespace {

const std::vector<ConfigLine> kLines = {
    {"StickyHash", {"'' is not known", "cookie:NAME", "expr:EXPRESSION"}},
    {"StickyHash cooky:SID", {"'cooky:SID' is not known", "cookie:NAME"}},
    {"StickyHash cookie", {"'cookie' is not known"}},
    {"StickyHash client cookie:SID", {"'cookie:SID'"}},

    {"StickyHash cookie:SID", {}},
    {"StickyHash COOKIE:SID", {}},
    {"StickyHash cookie:", {"'cookie:' has no name", "cookie:NAME"}},
    {"StickyHash \"cookie:S ID\"", {"'cookie:S ID' has no name"}},
    {"StickyHash cookie:S;ID", {"'cookie:S;ID' has no name"}},
    {"StickyHash header:X-User", {}},
    {"StickyHash header:X-User:", {"'header:X-User:' has no name"}},
    {"StickyHash header:", {"'header:' has no name"}},
    {"StickyHash query:user", {}},
    {"StickyHash query:user[id]", {}},
    {"StickyHash query:", {"'query:' has no name"}},
    {"StickyHash query:a&b", {"'query:a&b' has no name"}},
    {"StickyHash query:a=b", {"'query:a=b' has no name"}},
    {"StickyHash path:jsessionid", {}},
    {"StickyHash path:", {"'path:' has no name"}},
    {"StickyHash path:a/b", {"'path:a/b' has no name"}},

    {"StickyHash client", {}},
    {"StickyHash Client/24", {}},
    {"StickyHash client/1/1", {}},
    {"StickyHash client/32/128", {}},
    {"StickyHash client/", {"'client/'", "1 to 32"}},
    {"StickyHash client/0", {"'client/0'", "1 to 32"}},
    {"StickyHash client/33", {"'client/33'", "1 to 32"}},
    {"StickyHash client/24/", {"'client/24/'", "1 to 128"}},
    {"StickyHash client/24/0", {"'client/24/0'", "1 to 128"}},
    {"StickyHash client/24/129", {"'client/24/129'", "1 to 128"}},
    {"StickyHash client/24/64/1", {"'client/24/64/1'", "1 to 128"}},
    {"StickyHash client/-1", {"'client/-1'", "1 to 32"}},
    {"StickyHash client/x", {"'client/x'", "1 to 32"}},
    {"StickyHash client24", {"'client24' is not known"}},

    {"StickyHash expr:%{REQUEST_URI}", {}},
    {"StickyHash \"expr:%{req:X-User} %{HTTP_HOST}\"", {}},
    {"StickyHash expr:", {"'expr:' has no expression"}},
    {"StickyHash expr:%{nothing:such}", {"'expr:%{nothing:such}' is no expression"}},

    {"StickyHash client balance-factor=101", {}},
    {"StickyHash client balance-factor=1000", {}},
    {"StickyHash client Balance-Factor=125", {}},
    {"StickyHash client balance-factor=100",
     {"balance-factor='100' is too low", "101 to 1000", "default none"}},
    {"StickyHash client balance-factor=1001", {"balance-factor='1001' is too high"}},
    {"StickyHash client balance-factor=125%", {"balance-factor='125%' is not a whole number"}},
    {"StickyHash client balance-factor", {"'balance-factor'"}},
    {"StickyHash client balance-factor=125 balance-factor=150", {"balance-factor=", "twice"}},
    {"StickyHash balance-factor=125", {"'balance-factor=125' is not known"}},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(config_hash_test)

BOOST_DATA_TEST_CASE_F(Scenario, a_line_is_right_or_refused, boost::unit_test::data::make(kLines))
{
    check_line(*this, sample);
}

BOOST_FIXTURE_TEST_CASE(it_has_no_effect_with_another_method, Scenario)
{
    for (const std::string method : {"", "byrequests", "roundrobin"}) {
        const auto result = httpd.config_test(section_with(
            "StickyHash client" + (method.empty() ? method : "\nProxySet lbmethod=" + method)));
        BOOST_TEST(result.accepted(), result.output);
        for (const auto &text :
             {std::string("SB1122"), std::string("line 3:"), std::string("balancer://app"),
              "lbmethod=" + (method.empty() ? "roundrobin" : method) + ';',
              std::string("add ProxySet lbmethod=hash")})
            BOOST_TEST(result.says(text), "'" << text << "' is not in:\n" << result.output);
    }
}

BOOST_FIXTURE_TEST_CASE(with_its_method_nothing_is_said, Scenario)
{
    for (const std::string line : {"StickyHash client\nProxySet lbmethod=hash",
                                   // the client's address, unless a key is named
                                   "StickyBalancer On\nProxySet lbmethod=hash"}) {
        const auto result = httpd.config_test(section_with(line));
        BOOST_TEST(result.accepted(), result.output);
        BOOST_TEST(!result.says("SB1"), result.output);
    }
}

BOOST_FIXTURE_TEST_CASE(a_start_warns_once_and_a_later_section_has_the_last_word, Scenario)
{
    start_member("a");
    start_httpd(
        "<Proxy \"balancer://app\">\nBalancerMember \"{a.url}\" route=a\n"
        "StickyHash client\n</Proxy>\n\n"
        "<Proxy \"balancer://app\">\nStickyHash cookie:SID\n</Proxy>\n"
        "ProxyPass \"/\" \"balancer://app/\"\n");
    httpd.log().expect("SB1122");
    BOOST_TEST(httpd.log().count("SB1122") == 1);
    BOOST_TEST(httpd.log().count("line 7: StickyHash of balancer://app") == 1);
    BOOST_TEST(new_browser().get("/").member == "a");
}

BOOST_FIXTURE_TEST_CASE(it_stands_in_a_balancers_section_only, Scenario)
{
    const auto result = httpd.config_test("\nStickyHash client\n" + section_with(""));
    BOOST_TEST(!result.accepted());
    BOOST_TEST(result.says("line 2 of"), result.output);
    BOOST_TEST(result.says("StickyHash: it is about one balancer"), result.output);
}

BOOST_AUTO_TEST_SUITE_END()
