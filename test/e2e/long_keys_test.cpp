// SPDX-License-Identifier: Apache-2.0
//
// A key is never cut, and may be any bytes.
// Caught if: two sessions are one because their ids begin alike, or a byte is taken for another.
#include <boost/test/unit_test.hpp>

#include "test/e2e/session_steps.hpp"

using namespace stickybalancer::test;

namespace {

// Each of them is a session of its own, and stays one.
void expect_sessions_of_their_own(SessionScenario &scenario, const std::vector<std::string> &ids)
{
    std::map<std::string, std::string> places;
    for (const auto &id : ids)
        places[id] = scenario.new_browser().get("/", cookie(id)).member;
    BOOST_TEST(scenario.count("Sessions") == static_cast<int>(ids.size()));
    std::set<std::string> seen;
    for (const auto &[id, member] : places) {
        BOOST_TEST(scenario.is_kept(cookie(id), member));
        seen.insert(member);
    }
    BOOST_TEST(seen.size() == 3u);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(long_keys_test)

BOOST_FIXTURE_TEST_CASE(ids_of_4000_bytes_that_differ_in_the_last, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID");
    std::vector<std::string> ids;
    for (const char last : {'a', 'b', 'c', 'd'})
        ids.push_back(std::string(3999, 'x') + last);
    ids.push_back(std::string(3999, 'x'));
    expect_sessions_of_their_own(*this, ids);
}

// What HAProxy's guide cuts after 32 characters.
BOOST_FIXTURE_TEST_CASE(ids_that_begin_alike, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID");
    const std::string id = "58B7A1D2E3F405162738495A6B7C5C9A";
    expect_sessions_of_their_own(*this,
                                 {id, id + ".ip-10-22-2-34", id + ".ip-10-22-2-35", id + '.'});
}

BOOST_FIXTURE_TEST_CASE(any_bytes, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID");
    expect_sessions_of_their_own(
        *this, {"\x80", "\xff", "\xc3\xa9", "e", "%c3%a9", "a b", "a  b", "a=b", "A", "a"});
}

BOOST_AUTO_TEST_SUITE_END()
