// SPDX-License-Identifier: Apache-2.0
//
// What mod_status' page shows of a member's load: requests under way and in its queue, its limit at this
// load, and the sums over the balancer; the same in every child.
// Caught if: a request is counted twice, by its own child only, or still when it is over or its child was
// killed; a sum is not that of the members; or the limit shown is not the one in force.
#include <boost/test/unit_test.hpp>

#include <signal.h>
#include <sys/socket.h>

#include "test/e2e/status_page.hpp"

using namespace stickybalancer::test;

namespace {

using Lines = std::map<std::string, std::string>;

struct MemberPage : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    void start(const std::string &lines = "")
    {
        start_httpd(
            "<Proxy \"balancer://app\">\n"
            "BalancerMember \"{a.url}\" route=a\n"
            "BalancerMember \"{b.url}\" route=b\n" +
            lines + "\nStickyCookie insert\n</Proxy>\n" + kServerStatus +
            "ProxyPass \"/\" \"balancer://app/\"\n");
    }
    // So many clients that ask for the path now.
    void ask(int count, const std::string &path, const std::string &member = "a")
    {
        for (int i = 0; i < count; ++i) {
            clients.push_back(std::make_unique<Browser>(new_browser()));
            clients.back()->add_cookie("ROUTEID", "." + member);
            answers.push_back(clients.back()->start_get(path));
        }
    }
    void release(FakeMember &member)
    {
        member.release_all();
        for (auto &answer : answers)
            BOOST_TEST(answer.wait().status == 200);
    }
    void expect(const std::vector<std::pair<std::string, std::string>> &lines)
    {
        for (const auto &[key, value] : lines)
            BOOST_TEST(wait_until_shown(*this, key, value),
                       key << " is not " << value << " but " << shown(*this, key));
    }

    std::vector<std::unique_ptr<Browser>> clients;
    std::vector<PendingResponse> answers;
};

// Its queue of connections is full: who connects waits, until it is gone.
class BusyListener {
public:
    BusyListener() : listener_(listen_on(port_))
    {
        ::listen(listener_.number(), 0);
        only_ = connect_to(port_.number());
    }
    std::string port() const { return std::to_string(port_.number()); }
    void close() { listener_.close(); }

private:
    ReservedPort port_;
    Fd listener_, only_;
};

long number(const Lines &lines, const std::string &key) { return std::stol(lines.at(key)); }

// All but what is reckoned once a second.
Lines without_sessions(Lines lines)
{
    std::erase_if(lines, [](const auto &line) {
        return line.first.ends_with("]Sessions") || line.first.ends_with("]SessionsEnd") ||
               line.first.ends_with("]LastSeen");
    });
    return lines;
}

// Each sum is that of the same page's members, whatever happens meanwhile.
void check_sums(const Lines &lines)
{
    for (const std::string key : {"Active", "Connecting", "Queued"})
        BOOST_TEST(number(lines, key) ==
                   number(lines, "Member[0]" + key) + number(lines, "Member[1]" + key));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(member_page_test)

BOOST_FIXTURE_TEST_CASE(a_request_under_way_is_active_in_every_child, MemberPage)
{
    start();
    auto on_every_child = browsers_on_every_child(*this);
    expect({{"Active", "0"}});
    const auto before = without_sessions(shown_balancer(on_every_child.front()));
    a.hold("/slow");
    ask(1, "/slow");
    BOOST_REQUIRE(a.wait_held("/slow", 1));
    for (auto &browser : on_every_child) {
        auto expected = before;
        expected["Active"] = expected["Member[0]Active"] = "1";
        for (const std::string key : {"Placed", "Causes.cookie", "Cookies.valid"})
            expected["Member[0]" + key] = std::to_string(number(before, "Member[0]" + key) + 1);
        BOOST_TEST((without_sessions(shown_balancer(browser)) == expected));
    }
    release(a);
    for (auto &browser : on_every_child)
        BOOST_TEST(wait_until(within(std::chrono::seconds(10)), [&] {
            const auto lines = shown_balancer(browser);
            return lines.at("Active") == "0" && lines.at("Member[0]Active") == "0";
        }));
}

BOOST_FIXTURE_TEST_CASE(sums_are_those_of_the_members, MemberPage)
{
    start();
    a.hold("/slow");
    b.hold("/slow");
    ask(3, "/slow");
    ask(2, "/slow", "b");
    BOOST_REQUIRE(a.wait_held("/slow", 3) && b.wait_held("/slow", 2));
    expect({{"Member[0]Active", "3"}, {"Member[1]Active", "2"}, {"Active", "5"}});
    a.release("/slow");
    b.release("/slow");
    auto reader = new_browser();
    for (int i = 0; i < 50; ++i) {
        ask(1, "/", i % 2 == 0 ? "a" : "b");
        check_sums(shown_balancer(reader));
    }
    release(a);
    expect({{"Active", "0"}});
}

BOOST_FIXTURE_TEST_CASE(a_request_that_waits_is_queued_and_not_active, MemberPage)
{
    start("StickyMember a maxconn=1");
    a.hold("/slow");
    ask(1, "/slow");
    BOOST_REQUIRE(a.wait_held("/slow", 1));
    ask(1, "/queued");
    httpd.log().expect("SB4004");
    expect({{"Member[0]Queued", "1"},
            {"Queued", "1"},
            {"Member[0]Active", "1"},
            {"Active", "1"},
            {"Member[0]Limit", "1"},
            {"Member[1]Limit", "0"},
            {"Member[1]Queued", "0"}});
    release(a);
    expect({{"Queued", "0"}, {"Member[0]Queued", "0"}, {"Active", "0"}});
}

BOOST_FIXTURE_TEST_CASE(a_request_without_a_connection_is_active_and_connecting, MemberPage)
{
    BusyListener busy;
    httpd.define("busy.port", busy.port());
    start_httpd(std::string("<Proxy \"balancer://app\">\n"
                            "BalancerMember \"http://127.0.0.1:{busy.port}\" route=busy\n"
                            "BalancerMember \"{a.url}\" route=a\n"
                            "StickyCookie insert\n</Proxy>\n") +
                kServerStatus + "ProxyPass \"/\" \"balancer://app/\"\n");
    allow_failed_connections();
    ask(1, "/", "busy");
    expect({{"Member[0]Connecting", "1"},
            {"Member[0]Active", "1"},
            {"Member[1]Connecting", "0"},
            {"Connecting", "1"},
            {"Active", "1"}});
    busy.close();
    BOOST_TEST(answers.back().wait().member == "a");
    expect({{"Member[0]Connecting", "0"}, {"Connecting", "0"}, {"Active", "0"}});
    expect({{"Member[0]Actual", "down"}, {"Member[0]Placed", "1"}, {"Member[1]Placed", "1"}});
}

BOOST_FIXTURE_TEST_CASE(the_limit_is_the_one_at_this_load, MemberPage)
{
    start("StickyMember a minconn=4 maxconn=12");
    expect({{"Member[0]Limit", "4"}, {"Member[0]Minconn", "4"}, {"Member[0]Maxconn", "12"}});
    expect({{"Member[1]Limit", "0"}, {"Member[1]Minconn", "0"}, {"Member[1]Maxconn", "0"}});
    a.hold("/slow");
    ask(4, "/slow");
    BOOST_REQUIRE(a.wait_held("/slow", 4));
    expect({{"Member[0]Limit", "4"}});
    ask(8, "/slow");
    BOOST_REQUIRE(a.wait_held("/slow", 12));
    expect({{"Member[0]Limit", "12"}, {"Member[0]Active", "12"}});
    release(a);
    expect({{"Member[0]Limit", "4"}});
}

BOOST_FIXTURE_TEST_CASE(requests_of_a_killed_child_are_over, MemberPage)
{
    start("StickyMember a maxconn=2");
    a.hold("/slow");
    ask(2, "/slow");
    BOOST_REQUIRE(a.wait_held("/slow", 2));
    expect({{"Member[0]Active", "2"}});
    for (const auto pid : httpd.children())
        ::kill(pid, SIGKILL);
    // The page comes from a child that is new.
    expect({{"Member[0]Active", "0"}, {"Active", "0"}, {"Queued", "0"}});
    answers.clear();
    a.release("/slow");
}

BOOST_AUTO_TEST_SUITE_END()
