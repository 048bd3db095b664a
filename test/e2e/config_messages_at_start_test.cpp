// SPDX-License-Identifier: Apache-2.0
//
// What `httpd -t` says of a configuration stands in the error log of a start too: once, although
// httpd reads its configuration twice, and once more at each restart. A good one says nothing.
// Caught if: a message is lost, doubled, or said by each virtual host.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

const std::string kDoubtful = R"(
    <Proxy "balancer://yourlb">
        BalancerMember "{a.url}" route=1
        BalancerMember "{b.url}" route=1
        BalancerMember "{c.url}"
        StickyCookie passive name=ROUTEID
    </Proxy>
    <Proxy "balancer://empty">
        ProxySet lbmethod=byrequests
        StickyCookie insert
    </Proxy>
    Header add Set-Cookie "ROUTE_ID=.%{BALANCER_WORKER_ROUTE}e; path=/" env=BALANCER_ROUTE_CHANGED
    ProxyPass "/wrong/" "balancer://lbsits/"
    ProxyPass "/" "balancer://yourlb/"
)";

const std::vector<std::string> kIds = {"SB1101", "SB1102", "SB1103", "SB1104", "SB1108"};

struct Doubtful : Scenario {
    FakeMember a = start_member("a"), b = start_member("b"), c = start_member("c");

    void expect_each(int count)
    {
        for (const auto &id : kIds) {
            httpd.log().allow(id);
            BOOST_TEST(httpd.log().count(id) == count, id << " " << httpd.log().count(id));
        }
    }
};

// A fatal one: httpd does not start, and says why.
struct Fatal {
    const char *id;
    std::string line;
};
std::ostream &operator<<(std::ostream &out, const Fatal &fatal) { return out << fatal.id; }
const std::vector<Fatal> kFatal = {
    {"SB1105", "StickyCookie insert name=OTHER\nProxySet stickysession=ROUTEID"},
    {"SB1106", "StickyCookie insert\nProxySet stickysession=" + std::string(64, 'n')},
    {"SB1107", "StickyCookie insert name=__Host-lb"},
    {"SB1109", "StickyCookie insert\nBalancerMember \"http://127.0.0.1:1\" route=a;b"},
    {"SB1110", "</Proxy>\n<Proxy \"balancer://nobody\">\nStickyCookie insert"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(config_messages_at_start_test)

BOOST_FIXTURE_TEST_CASE(each_warning_comes_once, Doubtful)
{
    start_httpd(kDoubtful);
    expect_each(1);
    httpd.graceful();
    expect_each(2);
    BOOST_TEST(new_browser().get("/").status == 200);
}

BOOST_FIXTURE_TEST_CASE(virtual_hosts_do_not_repeat_it, Doubtful)
{
    start_httpd(kDoubtful, {.tls = true});
    expect_each(1);
}

BOOST_FIXTURE_TEST_CASE(a_good_configuration_says_nothing, Doubtful)
{
    const std::string good = R"(
        <Proxy "balancer://yourlb">
            BalancerMember "{a.url}" route=1
            BalancerMember "{b.url}" route=2
            BalancerMember "{c.url}" route=2 status=+H
            StickyCookie insert
        </Proxy>
        Header add Set-Cookie "ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/" \
            env=BALANCER_ROUTE_CHANGED
        ProxyPass "/" "balancer://yourlb/" stickysession=ROUTEID
    )";
    const auto result = httpd.config_test(good);
    BOOST_TEST(result.accepted());
    BOOST_TEST(!result.says("SB"), result.output);
    start_httpd(good);
    BOOST_TEST(httpd.log().count("SB1") == 1);
    BOOST_TEST(httpd.log().count("SB1001") == 1);
}

BOOST_DATA_TEST_CASE_F(Doubtful, a_fatal_mistake_keeps_httpd_from_starting,
                       boost::unit_test::data::make(kFatal))
{
    BOOST_CHECK_THROW(
        start_httpd("<Proxy \"balancer://app\">\n"
                    "BalancerMember \"{a.url}\" route=1\n" +
                    sample.line + "\n</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n"),
        std::runtime_error);
    httpd.log().expect(sample.id);
    BOOST_TEST(httpd.log().count(sample.id) == 1);
    httpd.log().allow("AH00014");  // Configuration check failed
}

BOOST_AUTO_TEST_SUITE_END()
