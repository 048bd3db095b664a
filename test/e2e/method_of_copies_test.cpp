// SPDX-License-Identifier: Apache-2.0
//
// A balancer outside of all virtual hosts, and virtual hosts with ProxyPass: each has a copy of it, over the same
// members. The method that is named in one place is in force in all that name none; mod_proxy's own copies forget it.
// Caught if: a virtual host shares out by another method than the one that is named, two copies with different methods
// disturb each other, or the API tells what is in force where no request comes.
#include <boost/test/unit_test.hpp>

#include "test/e2e/api_steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Copies : Scenario {
    FakeMember a = start_member("a"), b = start_member("b"), c = start_member("c");
    std::vector<Browser> busy_clients;
    std::vector<PendingResponse> busy;

    void start(const std::string &in_section, const std::string &of_first,
               const std::string &of_second)
    {
        start_httpd(R"(
            Listen 127.0.0.1:{port.first}
            Listen 127.0.0.1:{port.second}
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" route=b
                BalancerMember "{c.url}" route=c
                StickyCookie insert
                )" + in_section +
                    R"(
            </Proxy>
            <VirtualHost 127.0.0.1:{port.first}>
                ProxyPass "/" "balancer://app/" )" +
                    of_first + R"(
            </VirtualHost>
            <VirtualHost 127.0.0.1:{port.second}>
                ProxyPass "/" "balancer://app/" )" +
                    of_second + R"(
            </VirtualHost>
        )" + kApiLocations);
    }
    Browser browser_of(const std::string &host) { return new_browser({.port = httpd.port(host)}); }
    // Under way at the member until it lets go.
    void keep_busy(FakeMember &member, int count, const std::string &host)
    {
        member.hold("/slow");
        busy_clients.reserve(busy_clients.size() + static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) {
            busy_clients.push_back(browser_of(host));
            busy_clients.back().add_cookie("ROUTEID", "." + member.name());
            busy.push_back(busy_clients.back().start_get("/slow"));
        }
        BOOST_REQUIRE(member.wait_held("/slow", count));
    }
    Share share(const std::string &host, int clients)
    {
        Share seen;
        for (int i = 0; i < clients; ++i)
            ++seen[browser_of(host).get("/").member];
        return seen;
    }
    Json shown() const
    {
        return Json::parse(new_browser().get(kApi + "/balancers").body).at("balancers").at(0);
    }
    std::string policy() const { return shown().at("policy").get<std::string>(); }
};

const Share kNoneAtC = {{"a", 15}, {"b", 15}};

}  // namespace

BOOST_AUTO_TEST_SUITE(method_of_copies_test)

BOOST_FIXTURE_TEST_CASE(what_the_section_names_is_in_force_in_the_virtual_hosts, Copies)
{
    start("ProxySet lbmethod=leastconn", "", "");
    keep_busy(c, 6, "first");
    BOOST_TEST((share("first", 30) == kNoneAtC));
    BOOST_TEST((share("second", 30) == kNoneAtC));
    BOOST_TEST(policy() == "leastconn");
}

BOOST_FIXTURE_TEST_CASE(what_one_virtual_host_names_is_in_force_where_nothing_is_named, Copies)
{
    start("", "lbmethod=leastconn", "");
    keep_busy(c, 6, "second");
    BOOST_TEST((share("first", 30) == kNoneAtC));
    BOOST_TEST((share("second", 30) == kNoneAtC));
    BOOST_TEST(policy() == "leastconn");
}

BOOST_FIXTURE_TEST_CASE(what_is_in_force_where_requests_come_is_shown, Copies)
{
    start("", "stickysession=JSESSIONID|jsessionid", "");
    BOOST_TEST(shown().at("persistence").dump().find("url:jsessionid") != std::string::npos);
    BOOST_TEST(
        shown().at("host").get<std::string>().ends_with(':' + std::to_string(httpd.port("first"))));
}

BOOST_FIXTURE_TEST_CASE(two_methods_do_not_disturb_each_other, Copies)
{
    start("", "lbmethod=leastconn", "lbmethod=roundrobin");
    keep_busy(c, 6, "first");
    const Share even = {{"a", 10}, {"b", 10}, {"c", 10}};
    for (int i = 0; i < 3; ++i) {
        BOOST_TEST((share("first", 30) == kNoneAtC));
        BOOST_TEST((share("second", 30) == even));
    }
}

BOOST_AUTO_TEST_SUITE_END()
