// SPDX-License-Identifier: Apache-2.0
//
// mod_status' page tells what is asked of a member from what it is, each with its time: a member that is
// ready and down, one that drains and is up.
// Caught if: one is taken for the other, a state of the configuration is not told, a time is another's or
// moves without a change, or a child tells something else.
#include <boost/test/unit_test.hpp>

#include <ctime>

#include "test/e2e/status_page.hpp"

using namespace stickybalancer::test;

namespace {

struct Requests : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    static std::string site(const std::string &words_of_b = "")
    {
        return "<Proxy \"balancer://app\">\n"
               "BalancerMember \"{a.url}\" route=a retry=300\n"
               "BalancerMember \"{b.url}\" route=b retry=300 " +
               words_of_b + "\nStickyCookie insert\n</Proxy>\n" + kServerStatus +
               "ProxyPass \"/\" \"balancer://app/\"\n";
    }
    void ask_b()
    {
        auto client = new_browser();
        client.add_cookie("ROUTEID", ".b");
        client.get("/");
    }
    void change(const HttpdInstance::Form &form) { httpd.balancer_manager("app", b.url(), form); }
    std::string of_b(const std::string &key) { return shown(*this, "Member[1]" + key); }
    std::string html() { return new_browser().get("/server-status").body; }
};

// In seconds since 1970; 0 where it is no time as the page writes it.
std::time_t time_of(const std::string &text)
{
    std::tm parts{};
    const auto *end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return end != nullptr && *end == '\0' ? ::timegm(&parts) : 0;
}

void check_is_between(std::time_t before, const std::string &shown)
{
    BOOST_TEST(time_of(shown) >= before, shown);
    BOOST_TEST(time_of(shown) <= this_second(), shown);
}

// Until the clock of the page shows another second than this one.
void pass(const std::string &shown)
{
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return this_second() > time_of(shown); }));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(member_requests_test)

BOOST_FIXTURE_TEST_CASE(a_member_that_never_changed_is_ready_and_up, Requests)
{
    start_httpd(site());
    ask_b();
    for (const std::string member : {"Member[0]", "Member[1]"}) {
        BOOST_TEST(shown(*this, member + "Requested") == "ready");
        BOOST_TEST(shown(*this, member + "RequestedSince") == "");
        BOOST_TEST(shown(*this, member + "Actual") == "up");
        BOOST_TEST(shown(*this, member + "Reason") == "none");
        BOOST_TEST(shown(*this, member + "Since") == "");
    }
}

BOOST_FIXTURE_TEST_CASE(a_dead_member_is_ready_and_down, Requests)
{
    start_httpd(site());
    auto on_every_child = browsers_on_every_child(*this);
    b.stop();
    allow_failed_connections();
    const auto before = this_second();
    ask_b();
    for (auto &browser : on_every_child) {
        auto lines = shown_balancer(browser);
        BOOST_TEST(lines["Member[1]Requested"] == "ready");
        BOOST_TEST(lines["Member[1]Actual"] == "down");
        BOOST_TEST(lines["Member[1]Reason"] == "connect-failed");
        check_is_between(before, lines["Member[1]Since"]);
        BOOST_TEST(lines["Member[0]Actual"] == "up");
    }
    BOOST_TEST(html().find("<tr><td>down</td><td></td><td>127.0.0.1:" + std::to_string(b.port()) +
                           "</td><td>0</td><td>READY (1)</td>") != std::string::npos);
    const auto since = of_b("Since");
    pass(since);
    ask_b();
    BOOST_TEST(of_b("Since") == since);
}

BOOST_FIXTURE_TEST_CASE(what_an_operator_asks_is_told_in_every_child, Requests)
{
    start_httpd(site());
    auto on_every_child = browsers_on_every_child(*this);
    struct Step {
        HttpdInstance::Form form;
        std::string requested, in_table;
    };
    const Step steps[] = {{{{"w_status_N", "1"}}, "drain", "DRAIN (1)"},
                          {{{"w_status_S", "1"}}, "stopped", "STOPPED (1)"},
                          {{{"w_status_S", "0"}, {"w_lf", "2.5"}}, "drain", "DRAIN (2.5)"},
                          {{{"w_status_N", "0"}, {"w_status_D", "1"}}, "stopped", "STOPPED (2.5)"},
                          {{{"w_status_D", "0"}, {"w_lf", "1.25"}}, "ready", "READY (1.25)"}};
    for (const auto &step : steps) {
        const auto before = this_second();
        change(step.form);
        for (auto &browser : on_every_child) {
            auto lines = shown_balancer(browser);
            BOOST_TEST(lines["Member[1]Requested"] == step.requested);
            check_is_between(before, lines["Member[1]RequestedSince"]);
            BOOST_TEST(lines["Member[1]Actual"] == "up");
            BOOST_TEST(lines["Member[1]Since"] == "");
            BOOST_TEST(lines["Member[0]Requested"] == "ready");
            BOOST_TEST(lines["Member[0]RequestedSince"] == "");
        }
        BOOST_TEST(html().find("<td>" + step.in_table + "</td>") != std::string::npos);
        pass(of_b("RequestedSince"));
    }
}

BOOST_FIXTURE_TEST_CASE(other_changes_leave_the_time_of_the_request, Requests)
{
    start_httpd(site());
    httpd.drain("app", "b");
    const auto since = of_b("RequestedSince");
    pass(since);
    change({{"w_lf", "2"}});
    httpd.graceful();
    httpd.log().expect("SB1005");
    BOOST_TEST(of_b("Requested") == "drain");
    BOOST_TEST(of_b("RequestedSince") == since);
}

BOOST_FIXTURE_TEST_CASE(what_the_configuration_asks_is_told_as_well, Requests)
{
    auto before = this_second();
    start_httpd(site("status=+N"));
    BOOST_TEST(of_b("Requested") == "drain");
    check_is_between(before, of_b("RequestedSince"));
    for (const auto *word : {"status=+D", "", "status=+S"}) {
        pass(of_b("RequestedSince"));
        before = this_second();
        httpd.rewrite_config(site(word));
        BOOST_TEST(of_b("Requested") == (*word == '\0' ? "ready" : "stopped"));
        check_is_between(before, of_b("RequestedSince"));
    }
}

// Nobody asks for anything but the page.
BOOST_FIXTURE_TEST_CASE(a_check_that_fails_is_told_without_a_request, Requests)
{
    start_httpd(site("hcmethod=TCP hcinterval=1 hcfails=1 hcpasses=1"));
    b.stop();
    allow_failed_connections();
    BOOST_TEST(wait_until_shown(*this, "Member[1]Actual", "down"));
    BOOST_TEST(of_b("Reason") == "check-failed");
    BOOST_TEST(of_b("Requested") == "ready");
    httpd.log().expect("SB2101");
    b.start_again();
    BOOST_TEST(wait_until_shown(*this, "Member[1]Actual", "up"));
    BOOST_TEST(of_b("Reason") == "check-passed");
    BOOST_TEST(time_of(of_b("Since")) > 0);
}

BOOST_AUTO_TEST_SUITE_END()
