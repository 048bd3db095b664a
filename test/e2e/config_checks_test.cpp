// SPDX-License-Identifier: Apache-2.0
//
// StickyCheck: the words of a line, which member it means, and what cannot be.
// Caught if: a slip is taken for something else, a check that can never pass is accepted, or a message does not name
// line, value and what to write instead.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/e2e/config_lines.hpp"

using namespace stickybalancer::test;

namespace {

std::string site(const std::string &lines)
{
    return R"(<Proxy "balancer://app">
BalancerMember "http://127.0.0.1:8001" route=a
BalancerMember "https://127.0.0.1:8002" route=b
BalancerMember "ajp://127.0.0.1:8003" route=j
BalancerMember "http://[::1]:8004" route=v6
)" + lines +
           R"(
</Proxy>
ProxyPass "/" "balancer://app/"
)";
}

const std::string kHttp = "StickyCheck off member=j\nStickyCheck http ";

// Of one line: accepting, rejecting.
const std::vector<ConfigLine> kWords = {
    {"StickyCheck", {"'' is not known", "off, http, tcp or tls"}},
    {"StickyCheck ping", {"'ping' is not known"}},
    {"StickyCheck tcp", {}},
    {"stickycheck TCP INTERVAL=5s", {}},
    {"StickyCheck tcp colour=red", {"'colour=red' is not an option", "interval=", "observe="}},
    {"StickyCheck tcp interval=50ms", {"interval='50ms' is too short", "100ms to 1d"}},
    {"StickyCheck tcp interval=2", {}},
    {"StickyCheck tcp timeout=0", {"timeout='0' is too short"}},
    {"StickyCheck tcp rise=0", {"rise='0' is too low", "1 to 1000"}},
    {"StickyCheck tcp fall=1001", {"fall='1001' is too high"}},
    {"StickyCheck tcp port=0", {"port='0' is too low"}},
    {"StickyCheck tcp port=65536", {"port='65536' is too high"}},
    {"StickyCheck tcp observe=3", {}},
    {"StickyCheck off interval=2s",
     {"interval= has no effect with off; it goes with http, tcp, tls"}},
    {"StickyCheck off uri=/", {"uri= has no effect with off"}},
    {"StickyCheck off member=a", {}},
    {"StickyCheck tcp source=host", {"source='host'"}},
    {"StickyCheck tcp uri=/", {"uri= has no effect with tcp; it goes with http"}},
    {"StickyCheck tls match=x", {"match= has no effect with tls"}},
    {"StickyCheck tcp interval=1s interval=2s", {"interval= is given twice"}},
    {kHttp + "uri=running", {"uri='running' is not allowed", "begins with '/'"}},
    {kHttp + "\"uri=/a b\"", {"uri='/a b'"}},
    {kHttp + "method=get", {"method='get'", "capital letters"}},
    {kHttp + "host=http://x/", {"host='http://x/'"}},
    {kHttp + "host=x:99999", {"host='x:99999'", ":PORT"}},
    {kHttp + "host=x:0", {"host='x:0'"}},
    {kHttp + "host=x:", {"host='x:'"}},
    {kHttp + "host=:80", {"host=':80'"}},
    {kHttp + "host=[::1", {"host='[::1'"}},
    {kHttp + "host=::1", {"host='::1'"}},
    {kHttp + "host=[::1]:65535", {}},
    {kHttp + "host=x.example:1", {}},
    {kHttp + "header=\"A: 1\" header=\"B: 2\"", {}},
    {kHttp + "header=A", {"header='A' is no header", "NAME: VALUE"}},
    {kHttp + "header=\"A B: 1\"", {"is no header"}},
    {kHttp + "header=\"Host: x\"", {"is what host= says"}},
    {kHttp + "http-version=2", {"http-version='2' is not known", "1.0 or 1.1"}},
    {kHttp + "expect=200-299,304", {}},
    {kHttp + "expect=2xx", {"expect='2xx' is no list of statuses", "200,301-399"}},
    {kHttp + "expect=200-404 drain-on=404", {"404 is in expect= and in drain-on="}},
    {kHttp + "drain-on=200", {"200 is in expect= (default 200-399) and in drain-on="}},
    {kHttp + "drain-on=503,302", {"302 is in expect= (default 200-399)"}},
    {kHttp + "drain-on=200 expect=204", {}},
    {kHttp + "drain-on=", {"drain-on='' is no list"}},
    {kHttp + "match=(", {"match='(' is no regular expression"}},
    {kHttp + "match=", {"match='' is no regular expression"}},
    {kHttp + "match=ok method=HEAD", {"match= looks at the body", "use method=GET"}},
    {kHttp + "match=ok method=POST", {}},
};

// Compared with the members.
const std::vector<ConfigLine> kMembers = {
    {"StickyCheck http",
     {"SB1137", "StickyCheck http is no check for ajp://127.0.0.1:8003", "use tcp"}},
    {"StickyCheck http port=8009", {}},
    {"StickyCheck tcp\nStickyCheck http member=j", {"SB1137", "line 7: "}},
    {"StickyCheck tcp\nStickyCheck tls member=a", {"SB1137", "does not speak TLS"}},
    {"StickyCheck tcp\nStickyCheck tls member=b", {}},
    {"StickyCheck tcp member=nobody", {"SB1132", "member=nobody names none", "a, b, j, v6"}},
    {"StickyCheck tcp\nStickyCheck tcp", {"SB1134", "the members of balancer://app are", "line 6"}},
    {"StickyCheck tcp member=a\nStickyCheck off member=http://127.0.0.1:8001", {"SB1134"}},
    {"StickyCheck tcp\nStickyCheck off member=a\nStickyCheck off member=b", {}},
    {"StickyCheck tcp source=127.0.0.9",
     {"SB1133", "to http://[::1]:8004 of balancer://app, which has an IPv6 address"}},
    {"StickyCheck tcp source=127.0.0.9\nStickyCheck tcp member=v6", {}},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(config_checks_test)

BOOST_DATA_TEST_CASE_F(Scenario, a_line_is_right_or_refused, boost::unit_test::data::make(kWords))
{
    check_said(httpd.config_test(site(sample.text)), sample);
}

BOOST_DATA_TEST_CASE_F(Scenario, lines_are_compared_with_the_members,
                       boost::unit_test::data::make(kMembers))
{
    check_said(httpd.config_test(site(sample.text)), sample);
}

BOOST_FIXTURE_TEST_CASE(what_would_serve_badly_is_warned_of, Scenario)
{
    auto result = httpd.config_test(site("StickyCheck tcp interval=1s timeout=2s"));
    BOOST_TEST(result.accepted());
    BOOST_TEST(result.says("SB1131"), result.output);
    BOOST_TEST(result.says("timeout=2000ms is above interval=1000ms"), result.output);
    result = httpd.config_test(site("StickyCheck tcp interval=5s down-interval=1s timeout=2s"));
    BOOST_TEST(result.says("is above interval=1000ms"), result.output);
    result = httpd.config_test(site("StickyCheck tcp source=192.0.2.9\nStickyCheck off member=v6"));
    BOOST_TEST(result.accepted(), result.output);
    BOOST_TEST(result.says("SB1139"), result.output);
    BOOST_TEST(result.says("line 6: StickyCheck of balancer://app: source=192.0.2.9 is no address"),
               result.output);
    result = httpd.config_test(site("StickyCheck tcp source=127.0.0.9\nStickyCheck off member=v6"));
    BOOST_TEST(!result.says("SB1139"), result.output);
    result = httpd.config_test(
        site("BalancerMember http://127.0.0.1:8005 hcmethod=TCP\nStickyCheck tcp"));
    BOOST_TEST(result.accepted(), result.output);
    BOOST_TEST(result.says("SB1135"), result.output);
    BOOST_TEST(result.says("http://127.0.0.1:8005 of balancer://app has an hcmethod, too"),
               result.output);
}

BOOST_FIXTURE_TEST_CASE(an_httpd_without_mod_watchdog_is_told_of, Scenario)
{
    const auto result =
        httpd.config_test("LoadModule without_watchdog_module " + std::string(SB_WITHOUT_WATCHDOG) +
                          '\n' + site("StickyCheck tcp"));
    BOOST_TEST(!result.accepted());
    BOOST_TEST(result.says("SB1136"), result.output);
    BOOST_TEST(result.says("StickyCheck of balancer://app needs mod_watchdog"), result.output);
}

BOOST_FIXTURE_TEST_CASE(members_of_the_main_server_are_checked_by_its_own_lines_only, Scenario)
{
    const auto result = httpd.config_test(site("StickyBalancer On") + R"(
<VirtualHost *:{port}>
<Proxy "balancer://app">
StickyCheck tcp
</Proxy>
</VirtualHost>
)");
    BOOST_TEST(!result.accepted());
    BOOST_TEST(result.says("SB1138"), result.output);
}

BOOST_AUTO_TEST_SUITE_END()
