// SPDX-License-Identifier: Apache-2.0
//
// Mistakes in StickyCookie that need no traffic to be seen are found by `httpd -t`.
// Caught if: one is accepted, or the message does not say where it is and what is allowed.
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

std::string site(const std::string &line, const std::string &settings = {})
{
    return "<Proxy \"balancer://app\">\nBalancerMember \"http://127.0.0.1:{port.member}\" "
           "route=a\n" +
           line + "\n</Proxy>\nProxyPass \"/\" \"balancer://app/\" " + settings + '\n';
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_settings_test)

BOOST_FIXTURE_TEST_CASE(mistakes_are_errors_of_the_configuration, Scenario)
{
    struct Row {
        const char *line;
        const char *said;  // the value, or what is allowed
    };
    const std::vector<Row> rows = {
        {"StickyCookie", "StickyCookie"},
        {"StickyCookie on", "insert"},
        {"StickyCookie insert passive", "passive"},
        {"StickyCookie name=X insert", "insert"},
        {"StickyCookie insert nonsense=1", "nonsense"},
        {"StickyCookie insert name=", "name"},
        {"StickyCookie insert name=\"a b\"", "name"},
        {"StickyCookie insert name=a;b", "name"},
        {"StickyCookie insert name=a=b", "name"},
        {"StickyCookie insert \"name=a\xc3\xa9\"", "name"},
        {"StickyCookie insert name=A name=B", "name"},
        {"StickyCookie insert path=", "path"},
        {"StickyCookie insert path=relative", "path"},
        {"StickyCookie insert \"path=/;x=1\"", "path"},
        {"StickyCookie insert \"domain=a b\"", "domain"},
        {"StickyCookie insert domain=a;b", "domain"},
        {"StickyCookie insert domain=", "domain"},
        {"StickyCookie insert httponly=maybe", "on"},
        {"StickyCookie insert secure=sometimes", "auto"},
        {"StickyCookie insert samesite=loose", "strict"},
        {"StickyCookie insert maxage=soon", "maxage"},
        {"StickyCookie insert maxage=-1", "maxage"},
        {"StickyCookie insert maxage=0", "maxage"},
        {"StickyCookie insert maxage=99999999999999999999s", "maxage"},
        {"StickyCookie insert name=__Host-S path=/x", "__Host-"},
        {"StickyCookie insert name=__Host-S domain=example.test", "__Host-"},
        {"StickyCookie insert name=__Host-S secure=off", "__Host-"},
        {"StickyCookie insert name=__Secure-S secure=off", "__Secure-"},
        {"StickyBalancer", "StickyBalancer"},
        {"StickyBalancer Perhaps", "On"},
        {"StickyBalancer On Off", "StickyBalancer"},
    };
    for (const auto &row : rows) {
        const auto result = httpd.config_test(site(row.line));
        BOOST_TEST_CONTEXT(row.line << "\n" << result.output)
        {
            BOOST_TEST(!result.accepted());
            BOOST_TEST(result.says("line 3"));
            BOOST_TEST(result.says(row.said));
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_name_that_contradicts_stickysession_is_an_error, Scenario)
{
    for (const auto *settings : {"stickysession=OTHER", "stickysession=OTHER|sid"}) {
        const auto result = httpd.config_test(site("StickyCookie insert name=MINE", settings));
        BOOST_TEST(!result.accepted(), settings);
        BOOST_TEST(result.says("MINE"), result.output);
        BOOST_TEST(result.says("OTHER"), result.output);
    }
    BOOST_TEST(httpd.config_test(site("StickyCookie insert name=MINE", "stickysession=MINE|sid"))
                   .accepted());
}

BOOST_FIXTURE_TEST_CASE(what_is_right_is_accepted_in_silence, Scenario)
{
    for (const auto *line :
         {"StickyCookie insert", "StickyCookie passive", "StickyCookie off", "StickyBalancer On",
          "StickyBalancer off", "StickyCookie insert name=__Host-S secure=on",
          "StickyCookie insert name=__Secure-S secure=on path=/x domain=.example.test",
          "StickyCookie insert maxage=400d", "StickyCookie insert \"path=/a/b\" samesite=NONE"}) {
        const auto result = httpd.config_test(site(line));
        BOOST_TEST(result.accepted(), line << '\n' << result.output);
        BOOST_TEST(!result.says("SB"), line << '\n' << result.output);
    }
}

BOOST_FIXTURE_TEST_CASE(directives_have_their_places, Scenario)
{
    BOOST_TEST(httpd.config_test("StickyBalancer On\nStickyCookie insert\n").accepted());
    for (const auto *place :
         {"<Location \"/x\">\n{line}\n</Location>", "<Directory \"/x\">\n{line}\n</Directory>"})
        for (const auto *line : {"StickyCookie insert", "StickyBalancer On"}) {
            std::string text = place;
            const auto result = httpd.config_test(text.replace(text.find("{line}"), 6, line));
            BOOST_TEST(!result.accepted(), text << '\n' << result.output);
        }
}

BOOST_AUTO_TEST_SUITE_END()
