// SPDX-License-Identifier: Apache-2.0
//
// examples/soft-stop: servers leave for maintenance, each in its own way, and nobody touches the balancer.
// Caught if: a server that is leaving gets a new client, or loses one of its own before it has stopped.
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <functional>

#include "test/e2e/example_steps.hpp"
#include "test/e2e/steps.hpp"
#include "test/support/wait.hpp"

using namespace stickybalancer::test;
using std::chrono::seconds;

namespace {

struct SoftStop : ExampleScenario {
    struct Server {
        std::atomic<bool> runs{true}, leaves{false};
    };
    std::vector<Server> servers{4};
    ExampleScenario check_port{{}};

    SoftStop() : ExampleScenario({"1", "2", "3", "4"})
    {
        for (std::size_t i = 0; i < 4; ++i) {
            auto &server = servers[i];
            members[i].on("/running", [&server](const Request &) {
                return Answer{.status = server.runs ? 200 : 404};
            });
            members[i].on("*", [&server](const Request &) {
                return Answer{.headers =
                                  server.leaves ? Headers{{"X-Sticky-State", "drain"}} : Headers{}};
            });
        }
        const auto third = "127.0.0.1:" + std::to_string(members[2].port());
        check_port.start("soft-stop/check-port", {"CHECK_PORT"}, {"MEMBER3 http://" + third});
        start("soft-stop", {"SB_PORT"},
              {"CHECK_INTERVAL 100ms", "MEMBER3_AGAIN http://again@" + third,
               "CHECK_PORT " + std::to_string(check_port.ports["CHECK_PORT"].number())});
        BOOST_TEST(comes_to([&] { return served() == 4u; }));
    }
    ~SoftStop()
    {
        stop();  // before what it checks
    }

    std::set<std::string> new_clients()
    {
        std::set<std::string> found;
        for (int i = 0; i < 12; ++i)
            found.insert(browser().get("/").member);
        return found;
    }
    std::size_t served() { return new_clients().size(); }
    static bool comes_to(const std::function<bool()> &holds)
    {
        return wait_until(within(seconds(20)), holds);
    }
    bool new_clients_stay_away_from(const std::string &member)
    {
        return comes_to([&] { return !new_clients().contains(member); });
    }
    bool new_clients_come_to(const std::string &member)
    {
        return comes_to([&] { return new_clients().contains(member); });
    }
    void expect_kept(const std::string &member)
    {
        for (int i = 0; i < 4; ++i) {
            const auto answer = ask("ROUTEID=." + member);
            BOOST_TEST(answer.member == member);
            BOOST_TEST(answer.set_cookies().empty());
        }
    }
    // Its clients are told where they belong now.
    void expect_moved(const std::string &member)
    {
        const auto answer = ask("ROUTEID=." + member);
        BOOST_TEST(answer.member != member);
        BOOST_TEST(answer.set_cookie("ROUTEID").starts_with("ROUTEID=." + answer.member + ';'));
    }
    void stop_server(std::size_t i)
    {
        for (const auto *id : {"AH00957", "AH00959", "AH01114", "SB2101", "SB2104"})
            log.allow(id);
        members[i].stop();
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(soft_stop_test)

BOOST_FIXTURE_TEST_CASE(by_a_file_that_is_gone, SoftStop)
{
    servers[0].runs = false;
    BOOST_TEST(new_clients_stay_away_from("1"));
    log.expect("SB2104");
    expect_kept("1");
    servers[0].runs = true;
    BOOST_TEST(new_clients_come_to("1"));

    servers[0].runs = false;
    BOOST_TEST(new_clients_stay_away_from("1"));
    stop_server(0);
    expect_moved("1");
}

BOOST_FIXTURE_TEST_CASE(by_an_answer_of_404, SoftStop)
{
    servers[1].runs = false;
    BOOST_TEST(new_clients_stay_away_from("2"));
    BOOST_TEST(log.has("SB2106"));
    expect_kept("2");
    servers[1].runs = true;
    BOOST_TEST(new_clients_come_to("2"));

    servers[1].runs = false;
    BOOST_TEST(new_clients_stay_away_from("2"));
    stop_server(1);
    expect_moved("2");
}

BOOST_FIXTURE_TEST_CASE(by_a_port_that_is_closed, SoftStop)
{
    expect_kept("3");
    check_port.stop();
    log.allow("SB2104");
    BOOST_TEST(new_clients_stay_away_from("3"));
    expect_kept("3");
    stop_server(2);
    expect_moved("3");
}

BOOST_FIXTURE_TEST_CASE(by_a_header, SoftStop)
{
    servers[3].leaves = true;
    BOOST_TEST(new_clients_stay_away_from("4"));
    expect_kept("4");
    servers[3].leaves = false;
    BOOST_TEST(new_clients_come_to("4"));
    stop_server(3);
    expect_moved("4");
}

BOOST_AUTO_TEST_SUITE_END()
