// SPDX-License-Identifier: Apache-2.0
//
// /metrics: as OpenMetrics for whoever takes it, as Prometheus' own text for older readers; checked by Prometheus' own
// tool and by its strict reader of OpenMetrics, with any bytes in names, and for a thousand members below a megabyte.
// Caught if: one of them complains, a counter does not count, or falls, or an answer grows with what no scraper needs.
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sstream>

#include "test/e2e/api_steps.hpp"
#include "test/support/process.hpp"
#include "test/support/wait.hpp"

using namespace stickybalancer::test;

namespace {

const Headers kOlder = {{"Accept", "text/plain;version=0.0.4"}};

// What a program that reads them says; empty: nothing.
std::string said_by(const std::string &program, const std::string &metrics)
{
    const TemporaryDirectory directory;
    const auto file = directory.path() / "metrics";
    std::ofstream(file) << metrics;
    Process tool(Command{{"/bin/sh", "-c", "exec " + program + " < " + file.string()},
                         {},
                         directory.path() / "output"});
    const int code = tool.wait_for_end(within(std::chrono::seconds(30)));
    return (code == 0 ? "" : "exit code " + std::to_string(code) + ": ") +
           read_file(directory.path() / "output");
}

std::string promtool(const std::string &metrics)
{
    return said_by("promtool check metrics", metrics);
}

std::string openmetrics_reader(const std::string &metrics)
{
    return said_by(
        "/usr/bin/python3 -c 'import sys\n"
        "from prometheus_client.openmetrics.parser import text_fd_to_metric_families\n"
        "assert len(list(text_fd_to_metric_families(sys.stdin))) > 10'",
        metrics);
}

// The value of this sample; empty: there is none.
std::string value_of(const std::string &metrics, const std::string &sample)
{
    std::istringstream lines(metrics);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(sample + " "))
            return line.substr(sample.size() + 1);
    return "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(metrics_test)

BOOST_FIXTURE_TEST_CASE(prometheus_own_tool_has_nothing_against_them, ApiScenario)
{
    start(
        "StickyOn cookie:SID\nBalancerMember \"http://127.0.0.1:1\" route=<q>{}x\n"
        "StickyCheck off");
    const auto older = new_browser().get("/ops/metrics", kOlder);
    BOOST_TEST(older.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
    BOOST_TEST(promtool(older.body) == "");
    BOOST_TEST(promtool("# TYPE x counter\nx 1\n") != "");
    BOOST_TEST(older.body.find("# EOF") == std::string::npos);
    BOOST_TEST(older.body.find("# TYPE stickybalancer_requests_total counter") !=
               std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(open_metrics_are_for_whoever_takes_them, ApiScenario)
{
    start();
    const std::string type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    for (const auto &headers :
         {Headers{},
          Headers{{"Accept", "application/openmetrics-text; version=1.0.0,text/plain;q=0.5"}}}) {
        const auto answer = new_browser().get("/ops/metrics", headers);
        BOOST_TEST(answer.header("Content-Type") == type);
        BOOST_TEST(answer.body.ends_with("\n# EOF\n"));
        BOOST_TEST(answer.body.find("# TYPE stickybalancer_requests counter") != std::string::npos);
        BOOST_TEST(value_of(answer.body, "stickybalancer_info{version=\"0.1.0\"}") == "1");
    }
}

BOOST_FIXTURE_TEST_CASE(a_strict_reader_of_open_metrics_has_nothing_against_them, ApiScenario)
{
    start("StickyOn cookie:SID\nBalancerMember \"http://127.0.0.1:1\" route=<q>{}x");
    new_browser_on("a").get("/");
    const auto metrics = new_browser().get("/ops/metrics").body;
    BOOST_TEST(openmetrics_reader(metrics) == "");
    BOOST_TEST(openmetrics_reader(metrics + "\n") != "");
    BOOST_TEST(openmetrics_reader(new_browser().get("/ops/metrics", kOlder).body) != "");
}

BOOST_FIXTURE_TEST_CASE(they_say_what_happened, ApiScenario)
{
    start();
    const auto now = [&](const std::string &sample) {
        return value_of(new_browser().get("/look/metrics").body, "stickybalancer_" + sample);
    };
    const std::string a_ = "{balancer=\"app\",member=\"a\"}";
    auto client = new_browser_on("a");
    const auto before = std::stoi(now("member_requests_total" + a_));
    client.get("/");
    BOOST_TEST(std::stoi(now("member_requests_total" + a_)) == before + 1);
    BOOST_TEST(now("requests_total{balancer=\"app\",cause=\"cookie\"}") == "1");
    BOOST_TEST(now("cookies_total{balancer=\"app\",outcome=\"valid\"}") == "1");
    BOOST_TEST(now("member_up" + a_) == "1");
    BOOST_TEST(patch("a", R"({"requested":"drain","weight":0.25})").status == 200);
    BOOST_TEST(now("member_requested" + a_) == "1");
    BOOST_TEST(now("member_weight" + a_) == "0.25");
    allow_failed_connections();
    a.stop();
    BOOST_TEST(client.get("/").member == "b");
    BOOST_TEST(now("member_up" + a_) == "0");
    BOOST_TEST(now("member_failures_total" + a_) == "1");
    BOOST_TEST(now("failures_total{balancer=\"app\",kind=\"connect\"}") == "1");
}

BOOST_FIXTURE_TEST_CASE(a_balancers_counters_do_not_fall_when_members_go, ApiScenario)
{
    start("ProxySet growth=2");
    const auto c = start_member("c");
    BOOST_TEST_REQUIRE(add("{\"url\":\"" + c.url() + "\",\"route\":\"c\"}").status == 201);
    auto client = new_browser();
    client.add_cookie("ROUTEID", ".c");
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(client.get("/").member == "c");
    const auto now = [&] {
        return value_of(new_browser().get("/ops/metrics").body,
                        "stickybalancer_requests_total{balancer=\"app\",cause=\"cookie\"}");
    };
    BOOST_TEST(now() == "3");
    BOOST_TEST(remove("c").status == 204);
    BOOST_TEST(now() == "3");
    httpd.restart();
    BOOST_TEST(now() == "3");
    BOOST_TEST(add("{\"url\":\"" + c.url() + "\",\"route\":\"c\"}").status == 201);
    BOOST_TEST(now() == "3");
}

BOOST_FIXTURE_TEST_CASE(a_thousand_members_are_below_a_megabyte, ApiScenario)
{
    std::string lines;
    for (int i = 0; i < 1000; ++i)
        lines += "BalancerMember \"http://127.0.0.1:1/" + std::to_string(10000 + i) +
                 "\" route=member" + std::to_string(i) + "\n";
    start(lines);
    const auto answer = new_browser().get("/ops/metrics", kOlder);
    BOOST_TEST(answer.body.size() < 1'000'000u);
    BOOST_TEST(value_of(answer.body,
                        "stickybalancer_member_up{balancer=\"app\",member=\"member999\"}") == "1");
}

BOOST_AUTO_TEST_SUITE_END()
