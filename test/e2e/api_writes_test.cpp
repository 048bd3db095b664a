// SPDX-License-Identifier: Apache-2.0
//
// What operators change counts at once in every child, outlives restarts, is one line in the log, and is done as a
// whole or not at all.
// Caught if: a child goes on as before, a restart forgets, part of a refused request is applied, a late client may
// write, or of two writers one undoes what the other has done.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <thread>

#include "test/e2e/api_steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Bad {
    const char *body;
    int status;
};
std::ostream &operator<<(std::ostream &out, const Bad &bad) { return out << bad.body; }

const Bad kBad[] = {
    {"", 400},
    {"{", 400},
    {"{\"weight\":1}}", 400},
    {"{\"weight\":1e999}", 400},
    {"{\"requested\":\"\xFF\"}", 400},
    {"[]", 422},
    {"1", 422},
    {"{\"weight\":5,\"what\":1}", 422},
    {"{\"weight\":5,\"requested\":\"gone\"}", 422},
    {"{\"weight\":5,\"requested\":null}", 422},
    {"{\"requested\":\"stopped\",\"weight\":-1}", 422},
    {"{\"requested\":\"stopped\",\"weight\":257}", 422},
    {"{\"requested\":\"stopped\",\"weight\":0.005}", 422},
    {"{\"requested\":\"stopped\",\"weight\":\"5\"}", 422},
    {"{\"weight\":5,\"weight\":6}", 422},
    {"{\"requested\":\"stopped\",\"deadline\":\"1h\"}", 422},
    {"{\"requested\":\"drain\",\"deadline\":\"soon\"}", 422},
    {"{\"requested\":\"drain\",\"deadline\":3600}", 422},
    {"{\"weight\":5,\"deadline\":\"1h\"}", 422},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(api_writes_test)

BOOST_FIXTURE_TEST_CASE(a_change_counts_for_the_next_request_in_every_child, ApiScenario)
{
    start();
    auto clients = browsers_on_every_child(*this);
    for (auto &client : clients)
        client.add_cookie("ROUTEID", ".b");
    BOOST_TEST(patch("a", R"({"requested":"drain"})").status == 200);
    for (auto &client : clients) {
        client.forget_cookies();
        BOOST_TEST(client.get("/").member == "b");  // nobody new comes to a
        client.add_cookie("ROUTEID", ".a");
        BOOST_TEST(client.get("/").member == "a");  // those who are there stay
    }
    BOOST_TEST(patch("a", R"({"requested":"stopped"})").status == 200);
    for (auto &client : clients) {
        client.add_cookie("ROUTEID", ".a");
        BOOST_TEST(client.get("/").member == "b");
    }
    BOOST_TEST(patch("a", R"({"requested":"ready","weight":0})").status == 200);
    for (auto &client : clients) {
        client.forget_cookies();
        BOOST_TEST(client.get("/").member == "b");
        client.add_cookie("ROUTEID", ".a");
        BOOST_TEST(client.get("/").member == "a");
    }
}

BOOST_FIXTURE_TEST_CASE(a_change_is_one_line_in_the_log_and_no_change_is_none, ApiScenario)
{
    start();
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(patch("a", R"({"requested":"drain","weight":2.5})").status == 200);
    httpd.log().expect("SB2301");
    BOOST_TEST(httpd.log().count("SB2301") == 1);
    BOOST_TEST(httpd.log().has("requested ready -> drain, weight 1 -> 2.5, by - at 127.0.0.1"));
    for (auto &client : browsers_on_every_child(*this))
        BOOST_TEST(client.get("/").status == 200);
    BOOST_TEST(httpd.log().count("SB2004") == 0);
}

BOOST_DATA_TEST_CASE_F(ApiScenario, of_a_refused_request_nothing_is_applied,
                       boost::unit_test::data::make(kBad), bad)
{
    start();
    const auto before = member("a");
    BOOST_TEST(is_error(patch("a", bad.body), bad.status));
    const auto after = member("a");
    BOOST_TEST(after.at("requested") == before.at("requested"));
    BOOST_TEST(after.at("weight") == before.at("weight"));
    BOOST_TEST(!httpd.log().has("SB2301"));
}

BOOST_FIXTURE_TEST_CASE(a_write_that_a_restart_has_outrun_changes_nothing, ApiScenario)
{
    start("ProxySet growth=1\n</Proxy>\n" + std::string(kServerStatus) +
          "\n<Proxy \"balancer://app\">");
    const auto begin = [&](RawConnection &connection, const std::string &what,
                           const std::string &body) {
        connection.send(
            what + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n\r\n" + body.substr(0, 5));
    };
    const std::string weight = R"({"weight":7})", lame = R"({"lameduck":"20s"})",
                      url = R"({"url":"http://127.0.0.1:1"})";
    RawConnection change(httpd.port()), add(httpd.port()), server(httpd.port());
    begin(change, "PATCH /ops/api/v1/balancers/app/members/a", weight);
    begin(add, "POST /ops/api/v1/balancers/app/members", url);
    begin(server, "PATCH /ops/api/v1/server", lame);
    // All three are with a child of this generation.
    BOOST_TEST(wait_for_working(httpd, 3));
    httpd.graceful();
    change.send(weight.substr(5));
    add.send(url.substr(5));
    server.send(lame.substr(5));
    BOOST_TEST(change.read_response().status == 503);
    BOOST_TEST(add.read_response().status == 503);
    BOOST_TEST(server.read_response().status == 503);
    BOOST_TEST(member("a").at("weight") == 1);
    BOOST_TEST(get("/balancers/app").at("member_count") == 2);
    BOOST_TEST(get("/server").at("lameduck_until") == nullptr);
    BOOST_TEST(patch("a", weight).status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_body_has_a_limit_and_may_be_slow, ApiScenario)
{
    start();
    const std::string space(70000, ' ');
    BOOST_TEST(is_error(patch("a", "{\"weight\":5" + space + "}"), 413));
    auto chunked = new_browser();
    BOOST_TEST(is_error(
        chunked.request("POST", kApi + "/balancers/app/members", "{" + space + "}",
                        {{"Content-Type", "application/json"}, {"Transfer-Encoding", "chunked"}}),
        413));
    BOOST_TEST(patch("a", "{\"weight\":5" + space.substr(0, 60000) + "}").status == 200);
    BOOST_TEST(patch("a", std::string(30000, '[')).status == 400);

    RawConnection huge(httpd.port());
    huge.send(
        "PATCH /ops/api/v1/balancers/app/members/a HTTP/1.1\r\nHost: x\r\nContent-Type: "
        "application/json\r\nContent-Length: 1000000000000000\r\n\r\n");
    BOOST_TEST(huge.read_response().status == 413);

    RawConnection slow(httpd.port());
    const std::string body = R"({"weight":7})";
    slow.send(
        "PATCH /ops/api/v1/balancers/app/members/a HTTP/1.1\r\nHost: x\r\nContent-Type: "
        "application/json\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body.substr(0, 5));
    BOOST_TEST(patch("a", R"({"weight":6})").status == 200);  // it does not wait for the other one
    slow.send(body.substr(5));
    BOOST_TEST(slow.read_response().status == 200);
    BOOST_TEST(member("a").at("weight") == 7);
}

BOOST_FIXTURE_TEST_CASE(a_change_outlives_restarts, ApiScenario)
{
    start();
    BOOST_TEST(patch("a", R"({"requested":"drain","deadline":"2h","weight":3})").status == 200);
    const auto until = member("a").at("drain").at("until");
    BOOST_TEST(until != nullptr);
    const auto is_kept = [&] {
        const auto now = member("a");
        return now.at("requested") == "drain" && now.at("weight") == 3 &&
               now.at("drain").at("until") == until;
    };
    httpd.graceful();
    BOOST_TEST(is_kept());
    httpd.stop();
    httpd.start_again();
    BOOST_TEST(is_kept());
    httpd.kill_all();
    httpd.start_again();
    BOOST_TEST(is_kept());
    BOOST_TEST(patch("a", R"({"deadline":null})").status == 200);
    BOOST_TEST(member("a").at("drain").at("until") == nullptr);
    BOOST_TEST(patch("a", R"({"requested":"ready"})").status == 200);
    BOOST_TEST(member("a").at("drain").at("since") == nullptr);
}

BOOST_FIXTURE_TEST_CASE(a_deadline_moves_who_is_still_there, ApiScenario)
{
    start();
    auto client = new_browser_on("a");
    BOOST_TEST(patch("a", R"({"requested":"drain","deadline":"1ms"})").status == 200);
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return client.get("/").member == "b"; }));
    BOOST_TEST(member("a").at("drain").at("clients") == "moved");
}

BOOST_FIXTURE_TEST_CASE(of_two_writers_none_undoes_the_others_work, ApiScenario)
{
    start();
    // Each adds one to the weight as it has seen it, and asks again where somebody was faster.
    constexpr int kWriters = 8, kTimes = 25;
    std::vector<std::thread> writers;
    for (int i = 0; i < kWriters; ++i)
        writers.emplace_back([&] {
            auto client = new_browser();
            const auto path = kApi + "/balancers/app/members/a";
            for (int done = 0; done < kTimes;) {
                const auto seen = client.get(path);
                const int weight = Json::parse(seen.body).at("weight");
                auto headers = kJson;
                headers.push_back({"If-Match", seen.header("ETag")});
                done += client
                            .request("PATCH", path,
                                     "{\"weight\":" + std::to_string(weight + 1) + "}", headers)
                            .status == 200;
            }
        });
    for (auto &writer : writers)
        writer.join();
    BOOST_TEST(member("a").at("weight") == 1 + kWriters * kTimes);
}

BOOST_AUTO_TEST_SUITE_END()
