// SPDX-License-Identifier: Apache-2.0
//
// examples/two-sites: an office between two sites, and what its users notice when a front, a site, the way to
// it, a server or a director is gone.
// Caught if: a user is moved whose site can be reached, one is moved and not told, a new one goes where only a way
// around leads, or anybody is answered an error while another site serves.
#include <boost/test/unit_test.hpp>

#include "test/e2e/example_steps.hpp"
#include "test/support/wait.hpp"

using namespace stickybalancer::test;
using boost::test_tools::per_element;
using std::chrono::seconds;

namespace {

const std::string kOfSite1 = "SITE=.SITE1; APPSESSION=1~x",
                  kOfSite2 = "SITE=.SITE2; APPSESSION=4~x";

struct TwoSites : ExampleScenario {
    const std::filesystem::path lameduck = root.path() / "lameduck";

    TwoSites() : ExampleScenario({"1", "2", "3", "4"})
    {
        let_members_set_a_session_cookie();
        log.allow("SB1103");  // fronts of one site share its route
        // To what is switched off, and that it is.
        for (const auto *id : {"AH00957", "AH00959", "AH01114", "SB2101", "SB2104"})
            log.allow(id);
        log.allow("AH03093");  // httpd ended while one of its tiers began to wait for another
    }
    void start_with(const Lines &switched_off = {})
    {
        Lines more = switched_off;
        for (std::size_t i = 0; i < members.size(); ++i)
            more.push_back("MEMBER" + std::to_string(i + 1) +
                           "_AGAIN http://again@127.0.0.1:" + std::to_string(members[i].port()));
        for (const auto *interval : {"NEAR_INTERVAL", "FAR_INTERVAL", "CHECK_INTERVAL"})
            more.push_back(interval + std::string(" 1s"));
        more.push_back("LAMEDUCK_FILE " + lameduck.string());
        start("two-sites",
              {"OFFICE_PORT", "DIRECTOR1_PORT", "DIRECTOR2_PORT", "FRONT11_PORT", "FRONT12_PORT",
               "FRONT21_PORT", "FRONT22_PORT"},
              more);
    }
    Response ask_office(const std::string &cookie) { return ask(cookie, "OFFICE_PORT"); }
    Response new_user() { return browser("OFFICE_PORT").get("/"); }
    // What the member was asked last, but for checks.
    Request last_page(const std::string &member) const
    {
        const auto all = members.at(static_cast<std::size_t>(std::stoi(member)) - 1).requests();
        for (auto at = all.rbegin(); at != all.rend(); ++at)
            if (at->method == "GET")
                return *at;
        return {};
    }
    // The member answers, sees its own cookie only, and nobody tells the user another site.
    void expect(const std::string &cookie, const std::string &member)
    {
        BOOST_TEST(
            wait_until(within(seconds(20)), [&] { return ask_office(cookie).member == member; }));
        const auto answer = ask_office(cookie);
        BOOST_TEST(answer.member == member);
        BOOST_TEST(last_page(member).headers.all("Cookie") == Lines{"APPSESSION=x"}, per_element());
        const Lines cookies = {"APPSESSION=" + member + "~from-member-" + member + "; Path=/"};
        BOOST_TEST(answer.set_cookies() == cookies, per_element());
    }
    // A user of site 1 is at site 2 now, and told so.
    void expect_moved()
    {
        BOOST_TEST(
            wait_until(within(seconds(20)), [&] { return ask_office(kOfSite1).member >= "3"; }));
        BOOST_TEST(ask_office(kOfSite1).set_cookie("SITE") ==
                   "SITE=.SITE2; path=/; HttpOnly; SameSite=Lax");
    }
    // Both directors' checks have taken both fronts of site 1 down.
    bool is_site1_known_as_gone() const
    {
        return log.count("is down: check HEAD /available: 503") >= 4;
    }
    bool new_users_get(const std::string &site)
    {
        return wait_until(within(seconds(20)), [&] {
            return new_user().set_cookie("SITE").starts_with("SITE=." + site + ';');
        });
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(two_sites_example_test)

BOOST_FIXTURE_TEST_CASE(users_have_a_cookie_for_each_tier, TwoSites)
{
    start_with();
    Browser client = browser("OFFICE_PORT");
    const auto first = client.get("/");
    BOOST_TEST(first.set_cookies().size() == 2u);
    BOOST_TEST(client.cookie("SITE") == ".SITE1");
    BOOST_TEST(client.cookie("APPSESSION") == first.member + "~from-member-" + first.member);
    BOOST_TEST(client.get("/").member == first.member);
    expect(kOfSite1, "1");
    expect(kOfSite2, "4");
    BOOST_TEST(last_page("4").headers.first("X-Forwarded-For") ==
               "127.0.0.1, 127.0.0.1, 127.0.0.1");
}

BOOST_FIXTURE_TEST_CASE(one_front_of_a_site_is_enough, TwoSites)
{
    start_with({"FRONT11_DOWN"});
    expect(kOfSite1, "1");
}

BOOST_FIXTURE_TEST_CASE(users_of_a_site_that_is_gone_are_moved_and_stay_where_they_are, TwoSites)
{
    start_with({"FRONT11_DOWN", "FRONT12_DOWN"});
    expect_moved();
    stop();
    start_with();
    expect(kOfSite1, "1");
    expect("SITE=.SITE2; APPSESSION=3~x", "3");
}

BOOST_FIXTURE_TEST_CASE(users_of_a_site_whose_way_is_dead_are_brought_there, TwoSites)
{
    start_with({"DIRECTOR1_DOWN"});
    expect(kOfSite1, "1");
    BOOST_TEST(new_users_get("SITE2"));
    stop();
    start_with();
    BOOST_TEST(new_users_get("SITE1"));
    expect(kOfSite1, "1");
}

BOOST_FIXTURE_TEST_CASE(a_site_whose_application_is_gone_is_gone, TwoSites)
{
    start_with();
    expect(kOfSite1, "1");
    members[0].stop(), members[1].stop();
    BOOST_TEST(new_users_get("SITE2"));
    expect_moved();
    members[0].start_again(), members[1].start_again();
    BOOST_TEST(new_users_get("SITE1"));
    log.allow("SB4001");  // before the fronts had said so
}

BOOST_FIXTURE_TEST_CASE(nobody_meets_an_error_while_a_sites_application_dies, TwoSites)
{
    start_with();
    expect(kOfSite1, "1");
    log.allow("SB4001");
    int served = 0, bound_errors = 0, new_errors = 0;
    members[0].stop(), members[1].stop();
    BOOST_TEST(wait_until(within(seconds(20)), [&] {
        const bool is_bound_served = ask_office(kOfSite1).status == 200,
                   is_new_served = new_user().status == 200;
        bound_errors += !is_bound_served;
        new_errors += !is_new_served;
        served += is_bound_served && is_new_served;
        return is_site1_known_as_gone();
    }));
    BOOST_TEST(served > 0);
    BOOST_TEST(bound_errors == 0);
    BOOST_TEST(new_errors == 0);
    expect_moved();
}

BOOST_FIXTURE_TEST_CASE(a_server_leaves_within_its_site, TwoSites)
{
    start_with();
    members[0].on("/running", Answer{.status = 404});
    BOOST_TEST(wait_until(within(seconds(20)), [&] {
        for (int i = 0; i < 6; ++i)
            if (new_user().member != "2")
                return false;
        return true;
    }));
    expect(kOfSite1, "1");
    members[0].stop();
    expect(kOfSite1, "2");
}

BOOST_FIXTURE_TEST_CASE(a_director_leaves, TwoSites)
{
    start_with();
    BOOST_TEST(new_users_get("SITE1"));
    write_private_file(lameduck, "");
    BOOST_TEST(new_users_get("SITE2"));
    expect(kOfSite1, "1");
    BOOST_TEST(ask(kOfSite1, "DIRECTOR1_PORT").member == "1");  // who still comes is served
}

BOOST_AUTO_TEST_SUITE_END()
