// SPDX-License-Identifier: Apache-2.0
//
// Every complete configuration under examples/ starts as its README says, does what it is an example
// of, and complains of nothing.
// Caught if: an example does not start, warns, or stops doing what it is an example of.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <regex>
#include <sstream>

#include "test/e2e/example_steps.hpp"
#include "test/support/wait.hpp"

using namespace stickybalancer::test;
using boost::test_tools::per_element;
using std::chrono::seconds;

namespace {

struct Example {
    const char *name;
    const char *cookie;  // of the first member, on a first answer
};

std::ostream &operator<<(std::ostream &out, const Example &example) { return out << example.name; }

const Example kRouteidExamples[] = {
    {"sticky-cookie", "ROUTEID=.1; path=/; HttpOnly; SameSite=Lax"},
    {"header-recipe", "ROUTEID=.1; path=/"},
};

struct Examples : ExampleScenario {
    Examples() : ExampleScenario({"1", "2", "3", "4"}) {}
};

}  // namespace

BOOST_AUTO_TEST_SUITE(examples_test)

BOOST_DATA_TEST_CASE_F(Examples, it_starts_and_keeps_a_client, kRouteidExamples, example)
{
    start(example.name, {"SB_PORT"});
    Browser client = browser();
    const auto first = client.get("/");
    BOOST_TEST(first.member == "1");
    BOOST_TEST(first.set_cookie("ROUTEID") == example.cookie);
    BOOST_TEST(first.set_cookies().size() == 1u);
    BOOST_TEST(client.get("/").member == "1");
    BOOST_TEST(client.get("/").set_cookies().empty());
    client.get("/plone/x?y=1");
    BOOST_TEST(members[0].last_request().target ==
               "/http://localhost/VirtualHostBase/https/yoursite.org:443/yourplonesiteid/"
               "VirtualHostRoot/x?y=1");
}

BOOST_FIXTURE_TEST_CASE(cookie_prefix, Examples)
{
    let_members_set_a_session_cookie();
    start("cookie-prefix", {"SB_PORT"});
    BOOST_TEST(browser().get("/").set_cookies() == Lines{"APPSESSION=1~from-member-1; Path=/"},
               per_element());
    const auto back = ask("APPSESSION=3~from-member-3");
    BOOST_TEST(back.member == "3");
    BOOST_TEST(back.set_cookies() == Lines{"APPSESSION=3~from-member-3; Path=/"}, per_element());
    BOOST_TEST(members[2].last_request().headers.all("Cookie") == Lines{"APPSESSION=from-member-3"},
               per_element());
}

BOOST_DATA_TEST_CASE_F(Examples, sealed_cookie, (Lines{"opaque", "signed"}), seal)
{
    write_private_file(root.path() / "keys", "1:" + std::string(64, 'c') + '\n');
    start("sealed-cookie", {"SB_PORT"}, {"SEAL " + seal});
    Browser client = browser();
    const auto first = client.get("/");
    BOOST_TEST(first.member == "1");
    const std::regex line(std::string("ROUTEID=") +
                          (seal == "signed" ? "[A-Za-z0-9_-]{40}\\.1" : "[A-Za-z0-9_-]{60}") +
                          "; path=/; HttpOnly; SameSite=Lax");
    BOOST_TEST(std::regex_match(first.set_cookie("ROUTEID"), line), first);
    for (int i = 0; i < 3; ++i) {
        const auto answer = client.get("/");
        BOOST_TEST(answer.member == "1");
        BOOST_TEST(answer.set_cookies().empty());
    }
    for (const std::string member : {"2", "3", "4"}) {  // in turn, whatever clients write
        const auto answer = ask("ROUTEID=.1");
        BOOST_TEST(answer.member == member);
        BOOST_TEST(answer.set_cookies().size() == 1u);
    }
}

BOOST_FIXTURE_TEST_CASE(learned_session, Examples)
{
    const auto expect_all_four = [&] {
        for (const std::string member : {"1", "2", "3", "4"}) {
            const auto back = ask("APPSESSION=from-member-" + member);
            BOOST_TEST(back.member == member);
            BOOST_TEST(browser().get("/page;appsession=from-member-" + member).member == member);
        }
    };
    let_members_set_a_session_cookie();
    start("learned-session", {"SB_PORT"});
    for (const std::string member : {"1", "2", "3", "4"})  // in turn, and is not learned
        BOOST_TEST(ask("APPSESSION=made-up").member == member);
    for (const std::string member : {"1", "2", "3", "4"})
        BOOST_TEST(browser().get("/").set_cookies() ==
                       Lines{"APPSESSION=from-member-" + member + "; Path=/"},
                   per_element());
    expect_all_four();
    stop();
    start("learned-session", {"SB_PORT"});
    expect_all_four();

    for (const auto *id : {"AH00957", "AH00959", "AH01114", "SB2101"})  // a member is stopped
        log.allow(id);
    members[2].stop();
    const auto moved = ask("APPSESSION=from-member-3").member;
    BOOST_TEST(moved != "3");
    BOOST_TEST(moved != "");
    BOOST_TEST(ask("APPSESSION=from-member-3").member == moved);
}

BOOST_FIXTURE_TEST_CASE(backup_and_limits, Examples)
{
    const auto shows = [&](const std::string &line) {
        const auto page = browser().get("/server-status?auto").body;
        return ('\n' + page).find("\nStickyBalancer[0]" + line + '\n') != std::string::npos;
    };
    const auto is_served_by = [&](const std::string &cookie, const std::string &member) {
        return wait_until(within(seconds(20)), [&] { return ask(cookie).member == member; });
    };
    const std::string of_1 = "ROUTEID=.1";
    for (const auto *id : {"AH00957", "AH00959", "AH01114", "SB2101"})  // members are stopped
        log.allow(id);
    start("backup-and-limits", {"SB_PORT"});
    BOOST_TEST(ask(of_1).member == "1");
    BOOST_TEST(shows("Member[2]Name: 1:2"));
    BOOST_TEST(shows("Member[0]Limit: 2"));
    BOOST_TEST(shows("Member[0]Maxconn: 8"));
    members[0].hold("/slow");
    std::vector<std::unique_ptr<Browser>> clients;
    std::vector<PendingResponse> answers;
    for (int i = 0; i < 26; ++i) {
        clients.push_back(std::make_unique<Browser>(browser()));
        clients.back()->add_cookie("ROUTEID", ".1");
        answers.push_back(clients.back()->start_get("/slow"));
    }
    const auto busy = [&] { return shows("Member[0]Limit: 8") && shows("Member[0]Active: 8"); };
    BOOST_TEST(
        wait_until(within(seconds(20)), [&] { return busy() && shows("Member[0]Queued: 18"); }));
    members[0].release_all();
    for (auto &answer : answers)
        BOOST_TEST(answer.wait().status == 200);

    members[0].stop();
    const auto kept = ask(of_1);
    BOOST_TEST(kept.member == "3");
    BOOST_TEST(kept.set_cookies().empty());
    BOOST_TEST(shows("Member[0]Actual: down"));
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(browser().get("/").member == "2");
    members[1].stop();
    BOOST_TEST(browser().get("/").set_cookie("ROUTEID") ==
               "ROUTEID=.1; path=/; HttpOnly; SameSite=Lax");
    members[2].stop();
    const auto sorry = ask(of_1);
    BOOST_TEST(sorry.member == "4");
    BOOST_TEST(sorry.set_cookies().empty());
    members[0].start_again();
    BOOST_TEST(is_served_by(of_1, "1"));
}

// The exit code of the check in examples/monitors/keepalived.conf, at this port.
int keepalived_says(std::uint16_t port, const std::filesystem::path &output)
{
    const auto text = read_file(example_folder("monitors") / "keepalived.conf");
    std::smatch found;
    BOOST_REQUIRE(std::regex_search(text, found, std::regex("script \"([^\"]*):8086([^\"]*)\"")));
    std::istringstream words(found.str(1) + ':' + std::to_string(port) + found.str(2));
    Command command{{}, {}, output};
    for (std::string word; words >> word;)
        command.arguments.push_back(word);
    return Process(command).wait_for_end(within(seconds(10)));
}

BOOST_FIXTURE_TEST_CASE(monitors, Examples)
{
    const auto is_served = [&] { return browser().get("/page").member != ""; };
    const auto port = [&] { return ports["SB_PORT"].number(); };
    const auto lameduck = root.path() / "lameduck";
    const AccessLog log_of_requests(root.path() / "access.log");
    start("monitors", {"SB_PORT"}, {"LAMEDUCK_FILE " + lameduck.string(), "REQUEST_SECONDS 1"});

    for (int i = 0; i < 50; ++i)  // as nc -z does
        RawConnection(port()).close();
    RawConnection monitor(port(), "127.0.0.253");
    BOOST_TEST(monitor.read_to_end() ==
               "HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    BOOST_TEST(browser().get("/available").status == 200);
    write_private_file(lameduck, "");
    BOOST_TEST(browser().get("/available").status == 503);
    BOOST_TEST(keepalived_says(port(), root.path() / "curl") == 22);
    BOOST_TEST(is_served());
    std::filesystem::remove(lameduck);
    BOOST_TEST(browser().get("/available").status == 200);
    BOOST_TEST(keepalived_says(port(), root.path() / "curl") == 0);
    BOOST_TEST(log_of_requests.wait_for(1).size() == 1u);
    const auto asked = [&](std::size_t i) { return members[i].requests().size(); };
    BOOST_TEST(asked(0) + asked(1) == 1u);

    BOOST_TEST(RawConnection(port()).read_to_end() == "");  // was left open
    RawConnection half(port());
    half.send("GET /half HTTP/1.1\r\n");
    BOOST_TEST(half.read_response().status == 408);
    const auto lines = log_of_requests.wait_for(2);
    BOOST_TEST(lines.size() == 2u);
    BOOST_TEST(lines[1].contains("/half"));
}

BOOST_FIXTURE_TEST_CASE(operators_room, Examples)
{
    const Headers json = {{"Content-Type", "application/json"}};
    const std::string member = "/api/v1/balancers/yourlb/members/1";
    start("operators-room", {"SB_PORT"});
    BOOST_TEST(browser().get("/sticky").status == 301);
    BOOST_TEST(browser().get("/sticky/").status == 200);
    BOOST_TEST(browser().get("/sticky/metrics").status == 200);
    BOOST_TEST(browser().get("/").header("X-Sticky").starts_with("member="));
    BOOST_TEST(browser().get("/sticky" + member).body.find("Web 1") != std::string::npos);
    auto bound = browser();
    bound.add_cookie("ROUTEID", ".9");
    bound.get("/");
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)), [&] {
        return read_file(root.path() / "access.log")
                   .find(" cookie=.9 set=\"ROUTEID=." + bound.cookie("ROUTEID").substr(1) + "; ") !=
               std::string::npos;
    }));
    BOOST_TEST(browser().request("PATCH", "/sticky" + member, R"({"weight":2})", json).status ==
               403);
    BOOST_TEST(browser()
                   .request("PATCH", "/sticky-admin" + member, R"({"requested":"drain"})", json)
                   .status == 200);
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(browser().get("/").member == "2");
    const auto third = "{\"url\":\"" + members[2].url() + "\",\"route\":\"3\"}";
    BOOST_TEST(browser()
                   .request("POST", "/sticky-admin/api/v1/balancers/yourlb/members", third, json)
                   .status == 201);
    auto client = browser();
    client.add_cookie("ROUTEID", ".3");
    BOOST_TEST(client.get("/").member == "3");
    BOOST_TEST(browser()
                   .request("PATCH", "/sticky-admin/api/v1/server", R"({"lameduck":"20s"})", json)
                   .status == 200);
    BOOST_TEST(browser().get("/sticky/health").status == 503);
    BOOST_TEST(browser().get("/").status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
