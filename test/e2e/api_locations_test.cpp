// SPDX-License-Identifier: Apache-2.0
//
// Below a location there is one page, at the location itself, one API, and nothing else, however the location is written.
// Caught if: a path that is wrong has the page, or a pattern, a section inside of a location, or an <If> takes something
// away from it.
#include <boost/test/unit_test.hpp>

#include "test/e2e/api_steps.hpp"

using namespace stickybalancer::test;

namespace {

const char *const kLocations = R"conf(
    </Proxy>
    <Location "/a/deep/room/">
        SetHandler sticky-status
        Require local
    </Location>
    <Location "/a/deep/room/api">
        Header always set X-Inside yes
    </Location>
    <LocationMatch "^/of/(one|two)(/|$)">
        SetHandler sticky-status
        Require local
    </LocationMatch>
    <LocationMatch "^/some/.+">
        SetHandler sticky-status
        Require local
    </LocationMatch>
    <Location "/within">
        Require local
        <If "true">
            SetHandler sticky-status
        </If>
    </Location>
    <Proxy "balancer://app">
)conf";

}  // namespace

BOOST_AUTO_TEST_SUITE(api_locations_test)

BOOST_FIXTURE_TEST_CASE(there_is_one_page_and_it_is_at_the_location, ApiScenario)
{
    start(kLocations);
    auto browser = new_browser();
    for (const std::string room : {"/ops", "/a/deep/room", "/of/one", "/of/two", "/within"}) {
        const auto page = browser.get(room + "/");
        BOOST_TEST(page.header("Content-Type") == "text/html; charset=utf-8", room);
        BOOST_TEST(browser.get(room + "/page.js").status == 200, room);
        BOOST_TEST(browser.get(room + "/metrics/").status == 200, room);
        BOOST_TEST(browser.get(room + "/api/v1/balancers/app/members/a").status == 200, room);
        for (const auto *nothing :
             {"/nonsense", "/nonsense/", "/nonsense/page.js", "/nonsense/metrics", "/api", "/api/",
              "/api/v1", "/api/v2/", "/api/v2/balancers", "/x/api/v1/server"})
            BOOST_TEST(is_error(browser.get(room + nothing), 404), room << nothing);
    }
}

BOOST_FIXTURE_TEST_CASE(without_its_slash_it_leads_to_the_page, ApiScenario)
{
    start(kLocations);
    for (const std::string room : {"/ops", "/of/one", "/within"})
        BOOST_TEST(new_browser().get(room).header("Location") ==
                   "./" + room.substr(room.rfind('/') + 1) + "/");
}

BOOST_FIXTURE_TEST_CASE(what_stands_inside_of_a_location_takes_nothing_away, ApiScenario)
{
    start(kLocations);
    const auto server = new_browser().get("/a/deep/room/api/v1/server");
    BOOST_TEST(server.status == 200);
    BOOST_TEST(server.header("X-Inside") == "yes");
}

BOOST_FIXTURE_TEST_CASE(a_pattern_may_want_to_see_more_than_the_location, ApiScenario)
{
    start(kLocations);
    BOOST_TEST(new_browser().get("/some/api/v1/balancers").status == 200);
    BOOST_TEST(new_browser().get("/some/page.js").status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
