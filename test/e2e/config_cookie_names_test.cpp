// SPDX-License-Identifier: Apache-2.0
//
// `httpd -t` finds names of cookies that cannot work together.
// Caught if: a cookie is set that nobody reads, that browsers refuse, or that httpd cuts.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

struct Name {
    const char *what;
    std::string cookie;  // the StickyCookie line, line 3
    std::string where;   // of ProxySet, line 4; or of ProxyPass, line 6; or of <Proxy>, line 1
    std::string words;   // there
    bool accepted;
    std::vector<std::string> says;
};
std::ostream &operator<<(std::ostream &out, const Name &name) { return out << name.what; }

std::string site(const Name &name)
{
    const auto words = [&](const char *where) {
        return name.where == where ? ' ' + name.words : std::string();
    };
    return "<Proxy \"balancer://app\"" + words("Proxy") + ">\n" +
           "BalancerMember \"http://127.0.0.1:13001\" route=1\n" + name.cookie + '\n' +
           (name.where == "ProxySet" ? "ProxySet " + name.words : std::string()) + "\n</Proxy>\n" +
           "ProxyPass \"/\" \"balancer://app/\"" + words("ProxyPass") + '\n' +
           (name.where == "Header" ? name.words : std::string()) + '\n';
}

const std::string k63(63, 'n'), k64(64, 'n');
const std::vector<std::string> kContradiction = {"SB1105",         "tested-site.conf line 3",
                                                 "name=ROUTE_ID",  "stickysession=ROUTEID",
                                                 "balancer://app", "use one name"};

const std::vector<Name> kNames = {
    {"contradiction with ProxyPass", "StickyCookie insert name=ROUTE_ID", "ProxyPass",
     "stickysession=ROUTEID", false, kContradiction},
    {"contradiction with ProxySet", "StickyCookie insert name=ROUTE_ID", "ProxySet",
     "stickysession=ROUTEID", false, kContradiction},
    {"contradiction with <Proxy>", "StickyCookie insert name=ROUTE_ID", "Proxy",
     "stickysession=ROUTEID", false, kContradiction},
    {"contradiction in case only",
     "StickyCookie passive name=RouteId",
     "ProxySet",
     "stickysession=ROUTEID",
     false,
     {"SB1105"}},
    {"agreement",
     "StickyCookie insert name=ROUTEID",
     "ProxyPass",
     "stickysession=ROUTEID",
     true,
     {}},
    {"agreement with a name of cookie and parameter",
     "StickyCookie insert name=ROUTEID",
     "ProxySet",
     "stickysession=ROUTEID|routeid",
     true,
     {}},
    {"a stickysession of 64 characters in ProxyPass",
     "StickyCookie insert",
     "ProxyPass",
     "stickysession=" + k64,
     false,
     {"SB1106", "line 6", "'" + k64 + "'", "1 to 63 characters"}},
    {"a stickysession of 64 characters in ProxySet",
     "StickyCookie insert",
     "ProxySet",
     "stickysession=" + k64,
     false,
     {"SB1106", "line 4", "'" + k64 + "'"}},
    {"a stickysession of 64 characters in <Proxy>",
     "StickyCookie insert",
     "Proxy",
     "stickysession=" + k64,
     false,
     {"SB1106", "line 1", "'" + k64 + "'"}},
    {"a stickysession of 63 characters",
     "StickyCookie insert",
     "ProxySet",
     "stickysession=" + k63,
     true,
     {}},
    {"a stickysession that is no name of a cookie",
     "StickyCookie insert",
     "ProxySet",
     "stickysession=ROUTE;ID",
     false,
     {"SB1111", "line 3", "'ROUTE;ID'", "use letters, digits"}},
    {"maxage without a separator to put the date before",
     "StickyCookie insert maxage=1h",
     "ProxySet",
     "stickysession=ROUTEID stickysessionsep=Off",
     false,
     {"SB1112", "line 3", "stickysessionsep is Off"}},
    {"__Host- without Secure",
     "StickyCookie insert name=__Host-lb",
     "",
     "",
     false,
     {"SB1107", "tested-site.conf line 3", "__Host-lb", "secure=on"}},
    {"__Host- with a path",
     "StickyCookie insert name=__Host-lb secure=on path=/app",
     "",
     "",
     false,
     {"SB1107", "__Host-lb", "path=/"}},
    {"__Host- with a domain",
     "StickyCookie insert name=__Host-lb secure=on domain=example.test",
     "",
     "",
     false,
     {"SB1107", "__Host-lb", "domain="}},
    {"__Host- as it must be", "StickyCookie insert name=__Host-lb secure=on", "", "", true, {}},
    {"__Host- from the stickysession",
     "StickyCookie insert",
     "ProxySet",
     "stickysession=__Host-lb",
     false,
     {"SB1107", "__Host-lb"}},
    {"__Secure- without Secure",
     "StickyCookie insert name=__Secure-lb secure=off",
     "",
     "",
     false,
     {"SB1107", "__Secure-lb", "secure=on"}},
    {"__Secure- as it must be",
     "StickyCookie insert name=__Secure-lb secure=on domain=example.test",
     "",
     "",
     true,
     {}},
    {"a recipe whose cookie nobody reads",
     "StickyCookie passive name=ROUTEID",
     "Header",
     "Header add Set-Cookie \"ROUTE_ID=.%{BALANCER_WORKER_ROUTE}e; path=/\" "
     "env=BALANCER_ROUTE_CHANGED",
     true,
     {"SB1108", "tested-site.conf line 7", "'ROUTE_ID'", "balancers read: ROUTEID"}},
    {"a recipe that fits",
     "StickyCookie passive name=ROUTEID",
     "Header",
     "Header add Set-Cookie \"ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/\" "
     "env=BALANCER_ROUTE_CHANGED",
     true,
     {}},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(config_cookie_names_test)

BOOST_DATA_TEST_CASE_F(Scenario, names_are_compared, boost::unit_test::data::make(kNames))
{
    const auto result = httpd.config_test(site(sample));
    BOOST_TEST(result.accepted() == sample.accepted, result.output);
    for (const auto &text : sample.says)
        BOOST_TEST(result.says(text), "'" << text << "' is not in:\n" << result.output);
    if (sample.says.empty())
        BOOST_TEST(!result.says("SB1"), result.output);
}

BOOST_AUTO_TEST_SUITE_END()
