// SPDX-License-Identifier: Apache-2.0
//
// StickyMonitorURI: a monitor in front is told whether each balancer of the host can take new clients.
// Caught if: it hears up where clients are turned away, or down where they are served; if it is logged,
// kept out by what is for clients, or changes anything by asking.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>

#include "test/e2e/steps.hpp"
#include "test/support/wait.hpp"

using namespace stickybalancer::test;
using std::chrono::seconds;

namespace {

const std::string kMembers = R"(
    BalancerMember "{a.url}" route=a retry=1
    BalancerMember "{b.url}" route=b retry=1
)";

const std::string kPatientMembers = R"(
    BalancerMember "{a.url}" route=a retry=300
    BalancerMember "{b.url}" route=b retry=300
)";

struct Asked : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    void start(const std::string &lines, const std::string &of_balancer = "StickyCookie insert",
               const std::string &members = kMembers)
    {
        start_httpd(lines + "\n<Proxy \"balancer://app\">" + members + of_balancer +
                    "\n</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n");
    }
    Response ask(const std::string &path = "/lb") const { return new_browser().get(path); }
    bool comes_to(int status) const
    {
        return wait_until(within(seconds(10)), [&] { return ask().status == status; });
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(monitor_uri_test)

BOOST_FIXTURE_TEST_CASE(the_answer_is_one_word_that_nobody_may_keep, Asked)
{
    start("StickyMonitorURI /lb");
    const auto up = ask();
    BOOST_TEST(up.status == 200);
    BOOST_TEST(up.body == "up\n");
    BOOST_TEST(up.header("Content-Type") == "text/plain");
    BOOST_TEST(up.header("Cache-Control") == "no-store");
    BOOST_TEST(up.set_cookies().empty());
    const auto head = new_browser().request("HEAD", "/lb?from=front");
    BOOST_TEST(head.status == 200);
    BOOST_TEST(head.body == "");
    BOOST_TEST(head.header("Content-Length") == "3");
    BOOST_TEST(a.requests().empty());
    BOOST_TEST(b.requests().empty());
}

BOOST_FIXTURE_TEST_CASE(other_paths_are_the_members, Asked)
{
    start("StickyMonitorURI /lb");
    for (const auto *path : {"/lb/", "/lb/x", "/LB", "/lbx", "/", "/x/lb", "/lb;x=1"})
        BOOST_TEST(ask(path).member != "", path);
}

BOOST_FIXTURE_TEST_CASE(it_is_not_logged_and_the_next_request_of_the_connection_is, Asked)
{
    start("StickyMonitorURI /lb\nCustomLog logs/bytes.log \"%U %I\"");
    Browser plain = new_browser(), after = new_browser();
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(after.get("/lb").status == 200);
    after.get("/page");
    plain.get("/page");
    BOOST_TEST(after.connection_count() == 1);
    const auto lines = httpd.access_log().wait_for(2);
    BOOST_TEST(lines.size() == 2u);
    for (const auto &line : lines)
        BOOST_TEST(line.at("uri") == "/page");
    // Each line has the bytes of its own request, though nobody logged those before it.
    std::ifstream bytes(httpd.root() / "logs" / "bytes.log");
    std::string first, second;
    BOOST_TEST((std::getline(bytes, first) && std::getline(bytes, second)));
    BOOST_TEST(first == second);
}

BOOST_FIXTURE_TEST_CASE(drained_members_take_no_new_clients, Asked)
{
    start("StickyMonitorURI /lb");
    httpd.drain("app", a.url());
    BOOST_TEST(ask().status == 200);
    httpd.drain("app", b.url());
    const auto down = ask();
    BOOST_TEST(down.status == 503);
    BOOST_TEST(down.body == "down\n");
    httpd.undrain("app", a.url());
    BOOST_TEST(ask().status == 200);
}

BOOST_FIXTURE_TEST_CASE(so_many_members_and_no_fewer, Asked)
{
    start("StickyMonitorURI /lb fail-below=2");
    BOOST_TEST(ask().status == 200);
    httpd.drain("app", a.url());
    BOOST_TEST(ask().status == 503);
}

// Only a request can find out whether it is back, so the monitor has to let one come.
BOOST_FIXTURE_TEST_CASE(a_failed_member_counts_again_when_it_may_be_tried, Asked)
{
    start("StickyMonitorURI /lb fail-below=2");
    allow_failed_connections();
    a.stop();
    BOOST_TEST(new_browser().get("/").member == "b");
    BOOST_TEST(new_browser().get("/").member == "b");
    BOOST_TEST(ask().status == 503);
    BOOST_TEST(comes_to(200));
    a.start_again();
}

// Requests try them all the time, and none of them is served.
BOOST_FIXTURE_TEST_CASE(it_is_down_while_every_member_fails_and_up_with_the_first_that_is_back,
                        Asked)
{
    start("StickyMonitorURI /lb", "StickyCookie insert", kPatientMembers);
    allow_failed_connections();
    httpd.log().allow("SB4001");
    b.stop();
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(new_browser().get("/").member == "a");
    a.stop();
    for (int i = 0; i < 5; ++i) {
        BOOST_TEST(new_browser().get("/").status == 503);
        BOOST_TEST(ask().status == 503);
    }
    a.start_again();
    BOOST_TEST(new_browser().get("/").member == "a");
    BOOST_TEST(ask().status == 200);
}

// Where those in front send nothing meanwhile, nobody would find out that a member is back.
BOOST_FIXTURE_TEST_CASE(once_retry_is_over_it_lets_a_request_come_that_tries_them, Asked)
{
    start("StickyMonitorURI /lb");
    allow_failed_connections();
    httpd.log().allow("SB4001");
    a.stop();
    b.stop();
    BOOST_TEST(new_browser().get("/").status == 503);
    BOOST_TEST(comes_to(200));
}

BOOST_FIXTURE_TEST_CASE(weight_0_is_for_clients_that_are_bound, Asked)
{
    start("StickyMonitorURI /lb fail-below=2", "StickyCookie insert\nStickyMember b weight=0");
    BOOST_TEST(ask().status == 503);
}

BOOST_FIXTURE_TEST_CASE(each_balancer_of_the_host_and_of_this_module_counts, Asked)
{
    start(R"(
        StickyMonitorURI /lb
        <Proxy "balancer://other">
            BalancerMember "{a.url}/other" route=a
            BalancerMember "{b.url}/other" route=b status=+H
            StickyCookie insert name=OTHER path=/other
        </Proxy>
        <Proxy "balancer://stock">
            BalancerMember "{a.url}/stock" route=a status=+D
        </Proxy>
        ProxyPass "/other" "balancer://other"
        ProxyPass "/stock" "balancer://stock"
    )");
    BOOST_TEST(ask().status == 200);
    httpd.drain("other", a.url() + "/other");
    BOOST_TEST(ask().status == 200);  // its standby would
    httpd.drain("other", b.url() + "/other");
    BOOST_TEST(ask().status == 503);
}

BOOST_FIXTURE_TEST_CASE(what_other_hosts_have_is_their_concern, Asked)
{
    const std::string host = R"(
        Listen 127.0.0.1:{port.NAME}
        <VirtualHost 127.0.0.1:{port.NAME}>
            <Proxy "balancer://NAME">
                BalancerMember "{a.url}/NAME" route=a
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://NAME/"
            StickyMonitorURI /lb
        </VirtualHost>
    )";
    const auto named = [&](const std::string &name) {
        auto text = host;
        for (auto at = text.find("NAME"); at != std::string::npos; at = text.find("NAME"))
            text.replace(at, 4, name);
        return text;
    };
    start_httpd(named("one") + named("two"));
    const auto ask_at = [&](const char *name) {
        return new_browser({.port = httpd.port(name)}).get("/lb").status;
    };
    // balancer-manager shows the main server's balancers in any host, and each host's in its own.
    BOOST_TEST(ask_at("one") == 200);
    BOOST_TEST(ask_at("two") == 200);
    httpd.rewrite_config(named("one") + named("two") +
                         "<Proxy \"balancer://all\">\nBalancerMember \"{b.url}\" status=+N\n"
                         "StickyBalancer On\n</Proxy>\n");
    BOOST_TEST(ask_at("one") == 503);  // the main server's balancers are every host's
    BOOST_TEST(ask_at("two") == 503);
    httpd.log().allow("SB1104");
}

BOOST_FIXTURE_TEST_CASE(a_lame_duck_is_down_for_monitors_only, Asked)
{
    start("StickyMonitorURI /lb \"fail-if=-f '{root}/run/lameduck'\"");
    BOOST_TEST(ask().status == 200);
    std::ofstream(httpd.root() / "run" / "lameduck") << "";
    BOOST_TEST(ask().status == 503);
    BOOST_TEST(ask("/page").member != "");
    std::filesystem::remove(httpd.root() / "run" / "lameduck");
    BOOST_TEST(ask().status == 200);
}

BOOST_DATA_TEST_CASE_F(Asked, other_methods_are_refused_and_logged,
                       (std::vector<std::string>{"POST", "PUT", "DELETE", "OPTIONS", "BREW"}),
                       method)
{
    start("StickyMonitorURI /lb");
    Browser client = new_browser();
    const auto refused = client.request(method, "/lb", method == "POST" ? "body" : "");
    BOOST_TEST(refused.status == 405);
    BOOST_TEST(refused.header("Allow") == "GET, HEAD");
    BOOST_TEST(logged(httpd, "/lb").at("status") == "405");
    BOOST_TEST(client.get("/page").status == 200);
    BOOST_TEST(client.connection_count() == 1);
}

BOOST_FIXTURE_TEST_CASE(what_is_for_clients_does_not_keep_a_monitor_out, Asked)
{
    start(R"(
        StickyMonitorURI /lb "fail-if=%{QUERY_STRING} == 'ill'"
        RewriteEngine On
        RewriteRule ^ https://elsewhere.example/ [R=301,L]
        <Location "/">
            Require all denied
        </Location>
        ErrorDocument 503 /sorry
    )");
    BOOST_TEST(ask("/page").status == 301);
    BOOST_TEST(ask().status == 200);
    BOOST_TEST(ask("/lb?ill").body == "down\n");
}

BOOST_FIXTURE_TEST_CASE(a_host_without_balancers_is_up_until_it_is_told_otherwise, Scenario)
{
    start_httpd("StickyMonitorURI /lb \"fail-if=%{QUERY_STRING} == 'ill'\"");
    httpd.log().expect("SB1150");
    BOOST_TEST(new_browser().get("/lb").status == 200);
    BOOST_TEST(new_browser().get("/lb?ill").status == 503);
}

BOOST_AUTO_TEST_SUITE_END()
