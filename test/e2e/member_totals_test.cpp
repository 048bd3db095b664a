// SPDX-License-Identifier: Apache-2.0
//
// What mod_status counts of a member: attempts by cause, cookies by what they were good for, failed attempts, waits.
// Caught if: a request is counted under another cause, twice or not at all; a retried one as a new request; what one
// member failed as the other's; or the numbers are lost by a restart.
#include <boost/test/unit_test.hpp>

#include <charconv>
#include <ctime>

#include "test/e2e/status_page.hpp"
#include "test/support/temporary_directory.hpp"
#include "test/support/wait.hpp"

using namespace stickybalancer::test;

namespace {

using Numbers = std::map<std::string, int>;

std::string base36(std::int64_t number)
{
    char text[16];
    return {text, std::to_chars(text, text + sizeof(text), number, 36).ptr};
}

struct Totals : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    void start(const std::string &lines, const std::string &words_of_b = "",
               const std::string &more = "")
    {
        start_httpd(more + kServerStatus +
                    "<Proxy \"balancer://app\">\nBalancerMember \"{a.url}\" route=a retry=60\n"
                    "BalancerMember \"{b.url}\" route=b retry=60 " +
                    words_of_b + "\n" + lines +
                    "\n</Proxy>\nProxyPass \"/\" \"balancer://app/\" maxattempts=1\n");
    }
    // Of both members, all that is counted and is not 0: "b Causes.cookie" to 1.
    Numbers numbers()
    {
        httpd.wait_until_idle(std::chrono::seconds(5));
        auto client = new_browser();
        Numbers found;
        for (const auto &[key, value] : shown_balancer(client)) {
            const auto end = key.find(']');
            const auto name = end == std::string::npos ? "" : key.substr(end + 1);
            const bool is_total = name.starts_with("Causes.") || name.starts_with("Cookies.") ||
                                  name.starts_with("Failures.") || name.starts_with("Queue.") ||
                                  name == "Retried";
            if (is_total && name != "Queue.ms" && value != "0")
                found[(key[7] == '0' ? "a " : "b ") + name] = std::stoi(value);
        }
        return found;
    }
    // What this has added.
    template <typename Action>
    Numbers added_by(const Action &action)
    {
        const auto before = numbers();
        action();
        auto after = numbers();
        for (const auto &[key, number] : before)
            if ((after[key] -= number) == 0)
                after.erase(key);
        return after;
    }
    Browser client_with(const std::string &cookie)
    {
        auto client = new_browser();
        if (!cookie.empty())
            client.send_raw_cookies(cookie);
        return client;
    }
    Numbers added_by_get(const std::string &path, const std::string &cookie = "")
    {
        return added_by([&] { client_with(cookie).get(path); });
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(member_totals_test)

BOOST_FIXTURE_TEST_CASE(each_cause_and_each_cookie_goes_up_by_one, Totals)
{
    start("StickyCookie insert maxidle=1h maxlife=2h\nProxySet stickysession=ROUTEID|sid", "",
          "SetEnvIf Request_URI ^/forced sticky-force=b\n");
    BOOST_TEST(numbers().empty());
    BOOST_TEST((added_by_get("/") == Numbers{{"a Causes.policy", 1}, {"a Cookies.none", 1}}));
    // A browser's connection that stays open would be waited for each time.
    const auto kept = new_browser_on("b").cookie("ROUTEID");
    BOOST_TEST((added_by_get("/", "ROUTEID=" + kept) ==
                Numbers{{"b Causes.cookie", 1}, {"b Cookies.valid", 1}}));
    BOOST_TEST(
        (added_by_get("/x;sid=1.b") == Numbers{{"b Causes.path", 1}, {"b Cookies.none", 1}}));
    BOOST_TEST(
        (added_by_get("/x?sid=1.b") == Numbers{{"b Causes.query", 1}, {"b Cookies.none", 1}}));
    BOOST_TEST((added_by_get("/forced", "ROUTEID=.a") ==
                Numbers{{"b Causes.forced", 1}, {"b Cookies.none", 1}}));
    const auto total = [this](const std::string &cookie, const std::string &outcome) {
        const auto added = added_by_get("/", cookie);
        return added.size() == 2 &&
               (added.contains("a Cookies." + outcome) || added.contains("b Cookies." + outcome));
    };
    BOOST_TEST(total("ROUTEID=.nobody", "invalid"));
    const auto now_s = static_cast<std::int64_t>(std::time(nullptr));
    const auto issued = base36(now_s - 5400);
    BOOST_TEST(total("ROUTEID=" + issued + "-" + issued + ".a", "expired"));
    BOOST_TEST(total("ROUTEID=1-" + base36(now_s) + ".a", "old"));
    const auto before = numbers();
    httpd.stop();
    httpd.start_again();
    BOOST_TEST((numbers() == before));
}

BOOST_FIXTURE_TEST_CASE(a_forged_cookie_is_one, Totals)
{
    const auto keys = httpd.root() / "conf/sticky.key";
    write_private_file(keys, "one:" + std::string(64, '7') + "\n");
    start("StickyCookie insert seal=signed", "", "StickyKey \"" + keys.string() + "\"\n");
    auto forged = new_browser_on("b").cookie("ROUTEID");
    forged[forged.size() - 4] = forged[forged.size() - 4] == 'A' ? 'B' : 'A';
    const auto added = added_by_get("/", "ROUTEID=" + forged);
    BOOST_TEST(added.size() == 2u);
    BOOST_TEST((added.contains("a Cookies.forged") || added.contains("b Cookies.forged")));
}

BOOST_FIXTURE_TEST_CASE(clients_by_hash_and_by_table, Totals)
{
    start(
        "ProxySet lbmethod=hash\nStickyHash header:X-Key\nStickyOn header:X-Id\nStickyCookie off");
    const Headers headers = {{"X-Key", "k"}, {"X-Id", "1"}};
    std::string member;
    const auto hashed = added_by([&] { member = new_browser().get("/", headers).member; });
    BOOST_TEST((hashed == Numbers{{member + " Causes.hash", 1}, {member + " Cookies.none", 1}}));
    const auto known = added_by([&] { new_browser().get("/", headers); });
    BOOST_TEST((known == Numbers{{member + " Causes.table", 1}, {member + " Cookies.none", 1}}));
}

BOOST_FIXTURE_TEST_CASE(a_retried_request_is_one_request_and_two_attempts, Totals)
{
    start("StickyCookie insert\nStickyRetry on=connect,reset,timeout,503");
    for (const auto *said : {"AH01102", "AH00898", "SB2101"})
        httpd.log().allow(said);
    b.on("/reset", [](const Request &) { return Answer{.ending = Ending::kResetUnanswered}; });
    b.on("/busy", [](const Request &) { return Answer{.status = 503}; });
    BOOST_TEST((added_by_get("/reset", "ROUTEID=.b") == Numbers{{"b Causes.cookie", 1},
                                                                {"b Cookies.valid", 1},
                                                                {"b Failures.reset", 1},
                                                                {"a Causes.redispatch", 1},
                                                                {"a Retried", 1}}));
    BOOST_TEST((added_by_get("/busy", "ROUTEID=.b") == Numbers{{"b Causes.cookie", 1},
                                                               {"b Cookies.valid", 1},
                                                               {"b Failures.status", 1},
                                                               {"a Causes.redispatch", 1},
                                                               {"a Retried", 1}}));
    b.stop();
    allow_failed_connections();
    BOOST_TEST((added_by_get("/", "ROUTEID=.b") == Numbers{{"b Causes.cookie", 1},
                                                           {"b Cookies.valid", 1},
                                                           {"b Failures.connect", 1},
                                                           {"a Causes.redispatch", 1},
                                                           {"a Retried", 1}}));
    // It is known to be down: nobody is retried.
    BOOST_TEST((added_by_get("/", "ROUTEID=.b") ==
                Numbers{{"a Causes.redispatch", 1}, {"a Cookies.valid", 1}}));
}

BOOST_FIXTURE_TEST_CASE(a_failure_that_goes_to_the_client_is_counted_too, Totals)
{
    start("StickyCookie insert\nStickyRetry attempts=1\nProxySet failonstatus=500", "timeout=1");
    b.on("/broken", [](const Request &) { return Answer{.status = 500}; });
    b.hold("/slow");
    BOOST_TEST(
        (added_by_get("/slow", "ROUTEID=.b") ==
         Numbers{{"b Causes.cookie", 1}, {"b Cookies.valid", 1}, {"b Failures.timeout", 1}}));
    b.release("/slow");
    BOOST_TEST((added_by_get("/broken", "ROUTEID=.b") ==
                Numbers{{"b Causes.cookie", 1}, {"b Cookies.valid", 1}, {"b Failures.status", 1}}));
    httpd.log().expect("SB2001");
    httpd.log().allow("SB2101");
    httpd.log().allow("AH01102");
    httpd.log().allow("AH00898");
}

BOOST_FIXTURE_TEST_CASE(a_member_that_is_tried_although_it_is_down, Totals)
{
    start("StickyCookie insert\nStickyWhenDown persist\nProxySet failonstatus=500");
    b.on("/broken", [](const Request &) { return Answer{.status = 500}; });
    client_with("ROUTEID=.b").get("/broken");
    httpd.log().expect("SB2001");
    httpd.log().allow("SB2101");
    BOOST_TEST((added_by_get("/", "ROUTEID=.b") ==
                Numbers{{"b Causes.persist", 1}, {"b Cookies.valid", 1}}));
}

BOOST_FIXTURE_TEST_CASE(waits_and_what_came_of_them, Totals)
{
    start("StickyCookie insert\nStickyMember * maxconn=1 queuetimeout=1s maxqueue=1");
    b.hold("/slow");
    auto first = client_with("ROUTEID=.b"), second = client_with("ROUTEID=.b"),
         third = client_with("ROUTEID=.b"), fourth = client_with("ROUTEID=.b");
    auto slow = first.start_get("/slow");
    BOOST_REQUIRE(b.wait_held("/slow", 1));
    auto in_time = second.start_get("/queued");
    httpd.log().expect_count("SB4004", 1);
    b.release("/slow");
    BOOST_TEST(slow.wait().status == 200);
    BOOST_TEST(in_time.wait().status == 200);
    BOOST_TEST((numbers() ==
                Numbers{{"b Causes.cookie", 2}, {"b Cookies.valid", 2}, {"b Queue.waits", 1}}));
    b.hold("/slow");
    auto slow_again = first.start_get("/slow");
    BOOST_REQUIRE(b.wait_held("/slow", 1));
    auto too_late = third.start_get("/queued");
    httpd.log().expect_count("SB4004", 2);
    const auto one_too_many = fourth.get("/queued");
    BOOST_TEST(one_too_many.member == "a");
    BOOST_TEST(too_late.wait().status == 503);
    httpd.log().expect("SB4003");
    b.release("/slow");
    BOOST_TEST(slow_again.wait().status == 200);
    BOOST_TEST((numbers() == Numbers{{"a Causes.redispatch", 1},
                                     {"a Cookies.valid", 1},
                                     {"b Causes.cookie", 3},
                                     {"b Cookies.valid", 3},
                                     {"b Queue.waits", 2},
                                     {"b Queue.lost", 2}}));
}

BOOST_AUTO_TEST_SUITE_END()
