// SPDX-License-Identifier: Apache-2.0
//
// The table of sessions outlives a stop and a start, the end of every process at once, restarts, another size
// and an edited configuration.
// Caught if: a client with a session is placed anew after a restart, or sessions are lost with a member's place
// or with size=.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/e2e/kept_sessions.hpp"

using namespace stickybalancer::test;

namespace {

struct Way {
    const char *name;
    void (*restart)(KeptSessions &);
};
std::ostream &operator<<(std::ostream &out, const Way &way) { return out << way.name; }

const Way kWays[] = {{"graceful", [](KeptSessions &kept) { kept.httpd.graceful(); }},
                     {"restart",
                      [](KeptSessions &kept) {
                          kept.httpd.wait_until_idle(std::chrono::seconds(5));
                          kept.httpd.restart();
                      }},
                     {"stop and start",
                      [](KeptSessions &kept) {
                          kept.stop();
                          kept.httpd.start_again();
                      }},
                     {"killed and started", [](KeptSessions &kept) {
                          kept.httpd.kill_all();
                          kept.httpd.start_again();
                      }}};

}  // namespace

BOOST_AUTO_TEST_SUITE(kept_sessions_test)

BOOST_DATA_TEST_CASE_F(KeptSessions, sessions_outlive_every_way_to_start_anew, kWays, way)
{
    start_httpd(site());
    learn(7);
    for (int i = 0; i < 3; ++i) {
        way.restart(*this);
        check_all_kept();
        learn(2);
    }
}

// In another order, with others, and at other places.
BOOST_DATA_TEST_CASE_F(KeptSessions, sessions_know_their_members_by_identity, kEdits, edit)
{
    start_member("d");
    start_httpd(site());
    learn(7);
    edit.apply(*this, R"(
        <Proxy "balancer://first">
            BalancerMember "{d.url}" route=d
            StickyOn cookie:SID
        </Proxy>
        <Proxy "balancer://app">
            BalancerMember "{d.url}" route=d
            BalancerMember "{c.url}" route=c3
            BalancerMember "{b.url}" route=b2
            BalancerMember "{a.url}" route=a1
            ProxySet growth=20
            StickyOn cookie:SID
        </Proxy>
        ProxyPass "/first/" "balancer://first/"
        ProxyPass "/" "balancer://app/"
    )");
    check_all_kept();
    BOOST_TEST(tables().size() == 2u);
}

BOOST_FIXTURE_TEST_CASE(the_file_is_one_of_the_directory_and_nobody_elses, KeptSessions)
{
    start_httpd(site("StickyTable size=1000", "StickyStateDir mine\n"));
    BOOST_TEST(!std::filesystem::exists(state_dir()));
    std::vector<std::string> names;
    for (const auto &entry : std::filesystem::directory_iterator(httpd.root() / "run/mine")) {
        names.push_back(entry.path().filename().string().substr(0, 6));
        const auto others = entry.status().permissions() & std::filesystem::perms(077);
        BOOST_TEST((others == std::filesystem::perms::none));
    }
    std::sort(names.begin(), names.end());
    BOOST_TEST((names == std::vector<std::string>{"region", "table-"}));
}

BOOST_FIXTURE_TEST_CASE(where_nothing_is_learned_there_is_no_file, KeptSessions)
{
    start_httpd(site_without_sessions());
    BOOST_TEST(tables().empty());
}

BOOST_FIXTURE_TEST_CASE(with_off_a_restart_forgets_nothing_and_a_stop_all, KeptSessions)
{
    start_httpd(site("", "StickyStateDir Off\n"));
    learn(7);
    httpd.graceful();
    check_all_kept();
    httpd.rewrite_config(site("StickyTable size=300", "StickyStateDir Off\n"));
    httpd.log().expect("SB1012");
    check_all_kept();
    BOOST_TEST(!std::filesystem::exists(state_dir()));
    stop();
    httpd.start_again();
    check_none_kept();
}

BOOST_FIXTURE_TEST_CASE(a_balancer_that_comes_back_finds_its_sessions, KeptSessions)
{
    start_httpd(site());
    learn(7);
    httpd.rewrite_config(site_without_sessions());
    httpd.rewrite_config(site());
    check_all_kept();
    stop();
    start_with(site_without_sessions());
    stop();
    start_with(site());
    check_all_kept();
}

BOOST_DATA_TEST_CASE_F(KeptSessions, another_size_keeps_them, kEdits, edit)
{
    start_httpd(site("StickyTable size=1000"));
    learn(7);
    const auto before = std::filesystem::file_size(table());
    edit.apply(*this, site("StickyTable size=5k"));
    httpd.log().expect(
        "SB1012: balancer://app: the table of sessions has room for 5120 now, and had "
        "for 1000; 7 of them are in it again, 0 found no room");
    BOOST_TEST(std::filesystem::file_size(table()) > 4 * before);
    check_all_kept();
    learn(3);
    edit.apply(*this, site("StickyTable size=1000"));
    httpd.log().expect("had for 5120; 10 of them are in it again, 0 found no room");
    BOOST_TEST(std::filesystem::file_size(table()) == before);
    check_all_kept();
    // not once more
    httpd.graceful();
    BOOST_TEST(httpd.log().count("SB1012") == 2);
    check_all_kept();
}

BOOST_FIXTURE_TEST_CASE(a_size_that_is_too_small_keeps_as_many_as_it_can, KeptSessions)
{
    start_httpd(site("StickyTable size=1000"));
    learn(40);
    httpd.rewrite_config(site("StickyTable size=16"));
    httpd.log().expect("had for 1000; 16 of them are in it again, 24 found no room");
}

// What children of the generation before learn after the copy is known, too.
BOOST_FIXTURE_TEST_CASE(while_two_generations_serve_nothing_is_lost, KeptSessions)
{
    start_httpd(site("StickyTable size=1000"));
    for (auto &member : {&a, &b, &c})
        member->hold("/slow");
    Browser client = new_browser();
    client.send_raw_cookies("SID=late");
    auto answer = client.start_get("/slow");
    const auto held = [this] {
        return a.wait_held("/slow", 1, std::chrono::seconds(0))   ? "a"
               : b.wait_held("/slow", 1, std::chrono::seconds(0)) ? "b"
               : c.wait_held("/slow", 1, std::chrono::seconds(0)) ? "c"
                                                                  : "";
    };
    BOOST_TEST_REQUIRE(
        wait_until(within(std::chrono::seconds(10)), [&] { return *held() != '\0'; }));
    known["late"] = held();
    httpd.rewrite_config(site("StickyTable size=2000"));
    httpd.log().expect("SB1012");
    for (auto &member : {&a, &b, &c})
        member->release("/slow");
    BOOST_TEST(answer.wait().member == known["late"]);
    for (int i = 0; i < 4; ++i)
        check_all_kept();
}

BOOST_AUTO_TEST_SUITE_END()
