// SPDX-License-Identifier: Apache-2.0
//
// Members that operators add and take away while the server runs.
// Caught if: an added member gets no requests within a second, in some child, or is forgotten by a restart; one that was
// removed gets requests, is shown, or comes back; what is in the configuration can be removed; or one is added that
// httpd cannot ask.
#include <boost/test/unit_test.hpp>

#include <thread>

#include "test/e2e/api_steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Added : ApiScenario {
    FakeMember c = start_member("c");
    std::string c_body = "{\"url\":\"" + c.url() + "\",\"route\":\"c\"}";

    std::set<std::string> names() const
    {
        std::set<std::string> all;
        const auto list = get("/balancers/app/members");
        for (const auto &one : list.at("members"))
            all.insert(one.at("name").get<std::string>());
        return all;
    }
    // By each child, of the next requests of new clients.
    bool every_child_uses_c()
    {
        for (auto &client : browsers_on_every_child(*this)) {
            client.add_cookie("ROUTEID", ".c");
            if (client.get("/").member != "c")
                return false;
        }
        return true;
    }
    bool no_child_uses_c()
    {
        for (auto &client : browsers_on_every_child(*this)) {
            client.add_cookie("ROUTEID", ".c");
            const auto member = client.get("/").member;
            if (member != "a" && member != "b")
                return false;
        }
        return true;
    }
};

const std::set<std::string> kTwo = {"a", "b"}, kThree = {"a", "b", "c"};

}  // namespace

BOOST_AUTO_TEST_SUITE(api_members_test)

BOOST_FIXTURE_TEST_CASE(an_added_member_serves_at_once_and_after_restarts, Added)
{
    start("ProxySet growth=2");
    const auto answer = add(c_body);
    BOOST_TEST(answer.status == 201);
    BOOST_TEST(answer.header("Location") == kApi + "/balancers/app/members/c");
    BOOST_TEST(Json::parse(answer.body).at("added") == true);
    BOOST_TEST(every_child_uses_c());
    BOOST_TEST(share_of_new_clients(*this, 30)["c"] == 10);
    BOOST_TEST(names() == kThree, boost::test_tools::per_element());
    httpd.log().expect("SB2302");
    httpd.graceful();
    BOOST_TEST(every_child_uses_c());
    httpd.stop();
    httpd.start_again();
    BOOST_TEST(names() == kThree, boost::test_tools::per_element());
    BOOST_TEST(every_child_uses_c());
}

BOOST_FIXTURE_TEST_CASE(a_removed_member_is_gone_for_good, Added)
{
    start("ProxySet growth=2");
    BOOST_TEST(add(c_body).status == 201);
    auto client = new_browser_on("c");
    c.hold("/slow");
    auto pending = client.start_get("/slow");
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return member("c").at("active") == 1; }));
    BOOST_TEST(remove("c").status == 204);
    BOOST_TEST(names() == kTwo, boost::test_tools::per_element());
    BOOST_TEST(get("/balancers/app").at("member_count") == 2);
    BOOST_TEST(is_error(call("GET", "/balancers/app/members/c"), 404));
    BOOST_TEST(is_error(remove("c"), 404));
    BOOST_TEST(no_child_uses_c());
    c.release_all();
    const auto ended = pending.wait();
    BOOST_TEST(ended.status == 200);  // what was under way ends there
    BOOST_TEST(ended.member == "c");
    httpd.log().expect("SB2303");
    {
        const auto gone = std::move(client);
    }
    httpd.graceful();
    BOOST_TEST(names() == kTwo, boost::test_tools::per_element());
    BOOST_TEST(share_of_new_clients(*this, 20).count("c") == 0u);
    httpd.stop();
    httpd.start_again();
    BOOST_TEST(names() == kTwo, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_removed_member_comes_back_when_it_is_added_again, Added)
{
    start("ProxySet growth=1");
    for (int i = 0; i < 3; ++i) {
        BOOST_TEST(add(c_body).status == 201);
        BOOST_TEST(share_of_new_clients(*this, 30)["c"] > 0);
        BOOST_TEST(remove("c").status == 204);
        BOOST_TEST(share_of_new_clients(*this, 30).count("c") == 0u);
    }
    BOOST_TEST(add("{\"url\":\"" + c.url() + "/\",\"route\":\"c\",\"weight\":2}").status == 201);
    BOOST_TEST(member("c").at("weight") == 2);
    httpd.stop();
    httpd.start_again();
    BOOST_TEST(names() == kThree, boost::test_tools::per_element());
    BOOST_TEST(member("c").at("weight") == 2);
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_added_or_removed_is_said, Added)
{
    start("ProxySet growth=1");
    for (const auto *bad :
         {R"({})", R"({"url":"127.0.0.1:1"})", R"({"url":"gopher2://127.0.0.1:1"})",
          R"({"url":"http://"})", R"({"url":"http://a b/"})", R"({"url":5})",
          R"({"url":"http://127.0.0.1:1","route":"a;b"})",
          R"({"url":"http://127.0.0.1:1","weight":300})",
          R"({"url":"http://127.0.0.1:1","label":"x"})"})
        BOOST_TEST(is_error(add(bad), 422), bad);
    BOOST_TEST(is_error(add("{\"url\":\"" + a.url() + "\"}"), 409));
    BOOST_TEST(is_error(remove("a"), 409));
    BOOST_TEST(add(c_body).status == 201);
    BOOST_TEST(is_error(add(c_body), 409));
    const auto full = add(R"({"url":"http://127.0.0.1:1"})");
    BOOST_TEST(is_error(full, 409));
    BOOST_TEST(full.body.find("growth=") != std::string::npos);
    BOOST_TEST(names() == kThree, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_member_that_httpd_would_not_ask_by_tls_is_not_added, Added)
{
    start("ProxySet growth=3", "SSLProxyEngine Off\n");
    for (const auto *url : {"https://127.0.0.1:1", "wss://127.0.0.1:1"}) {
        const auto answer = add(std::string("{\"url\":\"") + url + "\"}");
        BOOST_TEST(is_error(answer, 422), url);
        BOOST_TEST(answer.body.find("SSLProxyEngine On") != std::string::npos, answer.body);
    }
    BOOST_TEST(names() == kTwo, boost::test_tools::per_element());
    BOOST_TEST(add(c_body).status == 201);  // without TLS as ever
}

BOOST_FIXTURE_TEST_CASE(a_section_may_have_tls_where_its_server_has_none, Added)
{
    start("ProxySet growth=1\nSSLProxyEngine On", "SSLProxyEngine Off\n");
    BOOST_TEST(add(R"({"url":"https://127.0.0.1:1"})").status == 201);
}

BOOST_FIXTURE_TEST_CASE(one_server_with_tls_among_those_that_share_it_will_do, Added)
{
    start("ProxySet growth=1",
          "SSLProxyEngine Off\n<VirtualHost 127.0.0.1:1>\nServerName tls.test\n"
          "SSLProxyEngine On\n</VirtualHost>\n");
    BOOST_TEST(add(R"({"url":"https://127.0.0.1:1"})").status == 201);
}

BOOST_FIXTURE_TEST_CASE(removed_members_leave_room_after_a_restart, Added)
{
    // The region's block has room for a quarter more than these 16.
    constexpr int kGrowth = 14;
    start("ProxySet growth=14");
    const auto add_all = [&](const char *round) {
        int added = 0;
        for (int i = 0; i < kGrowth; ++i)
            added += add("{\"url\":\"" + c.url() + "/" + round + std::to_string(i) +
                         "\",\"route\":\"" + round + std::to_string(i) + "\"}")
                         .status == 201;
        return added;
    };
    BOOST_TEST(add_all("x") == kGrowth);
    for (int i = 1; i < kGrowth; ++i)
        BOOST_TEST(remove("x" + std::to_string(i)).status == 204);
    httpd.graceful();
    BOOST_TEST(names().count("x0") == 1u);  // that one was not
    BOOST_TEST(add_all("y") == kGrowth - 1);
    httpd.stop();
    httpd.start_again();
    BOOST_TEST(get("/balancers/app").at("member_count") == 2 + kGrowth);
}

BOOST_FIXTURE_TEST_CASE(who_finds_no_place_takes_no_slot, Added)
{
    // The region's block has 16 places; two of them are those of a and b, which are not configured any more.
    start();
    restart_with(c, "ProxySet growth=15");
    const auto add_one = [&](int i) {
        return add("{\"url\":\"" + c.url() + "/" + std::to_string(i) + "\"}").status;
    };
    int added = 0;
    while (added < 20 && add_one(added) == 201)
        ++added;
    BOOST_TEST(added == 13);
    BOOST_TEST(add_one(added + 1) == 409);
    BOOST_TEST(add("{\"url\":\"" + a.url() + "\"}").status == 201);  // has a place
}

BOOST_FIXTURE_TEST_CASE(a_route_that_another_one_has_is_warned_of, Added)
{
    start("ProxySet growth=2");
    BOOST_TEST(add(c_body).status == 201);
    BOOST_TEST(!httpd.log().has("SB2306"));
    BOOST_TEST(add("{\"url\":\"" + c.url() + "/2\",\"route\":\"a\"}").status == 201);
    httpd.log().expect("SB2306");
    BOOST_TEST(httpd.log().has("share the route 'a'"));
}

BOOST_FIXTURE_TEST_CASE(what_a_removed_member_did_stays_in_the_sums, Added)
{
    start("ProxySet growth=1");
    BOOST_TEST(add(c_body).status == 201);
    share_of_new_clients(*this, 30);
    const auto totals = [&] { return get("/balancers/app").at("totals").dump(); };
    const auto before = totals();
    BOOST_TEST(remove("c").status == 204);
    BOOST_TEST(totals() == before);
}

BOOST_FIXTURE_TEST_CASE(of_many_who_add_the_same_one_does, Added)
{
    constexpr int kRounds = 10, kWriters = 8;
    start("ProxySet growth=100");
    for (int round = 0; round < kRounds; ++round) {
        const auto body = "{\"url\":\"" + c.url() + "/" + std::to_string(round) + "\"}";
        std::vector<std::thread> writers;
        std::atomic<int> added{0}, conflicts{0};
        for (int i = 0; i < kWriters; ++i)
            writers.emplace_back([&] {
                const auto status = add(body).status;
                added += status == 201;
                conflicts += status == 409;
            });
        for (auto &writer : writers)
            writer.join();
        BOOST_TEST(added == 1);
        BOOST_TEST(conflicts == kWriters - 1);
    }
    BOOST_TEST(get("/balancers/app").at("member_count") == 2 + kRounds);
}

BOOST_FIXTURE_TEST_CASE(a_member_without_a_route_goes_by_its_address, Added)
{
    start("ProxySet growth=1");
    BOOST_TEST(add("{\"url\":\"" + c.url() + "\"}").status == 201);
    const auto name = "127.0.0.1:" + std::to_string(c.port());
    BOOST_TEST(member(name).at("route") == "");
    BOOST_TEST(patch(c.url(), R"({"requested":"stopped"})").status == 200);
    BOOST_TEST(member(name).at("requested") == "stopped");
    BOOST_TEST(remove(name).status == 204);
}

BOOST_AUTO_TEST_SUITE_END()
