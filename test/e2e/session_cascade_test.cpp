// SPDX-License-Identifier: Apache-2.0
//
// The order of authority: sticky-force, our cookie, the URL parameter, each StickyOn in order, StickyHash,
// the method. Of several sessions the first whose member can serve decides.
// Caught if: a weaker word goes over a stronger one, a session moves that did not place the request, a key behind one without an entry is not asked, or one
// whose member is down keeps the others from being.
#include <boost/test/unit_test.hpp>

#include "test/e2e/session_steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Cascade : SessionScenario {
    // A session of this header's at that member, learned from a request.
    void learn(const Headers &headers, const std::string &member)
    {
        auto with_force = headers;
        with_force.push_back({"Cookie", "ROUTEID=." + member});
        BOOST_TEST(new_browser().get("/", with_force).member == member);
    }
    std::string cause_of(const std::string &uri, const Headers &headers)
    {
        new_browser().get(uri, headers);
        return logged(httpd, uri).at("cause");
    }
};

const std::string kLines =
    "StickyCookie insert\nStickyOn header:X-User\nStickyOn header:X-Token\n"
    "ProxySet lbmethod=hash stickysession=ROUTEID|route\n"
    "StickyHash header:X-Hash\n";
const std::string kForce = "SetEnvIf X-Force ^(.+)$ sticky-force=$1\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(session_cascade_test)

BOOST_FIXTURE_TEST_CASE(from_the_strongest_to_the_weakest, Cascade)
{
    start(kLines, kForce);
    const Header user = {"X-User", "u"}, token = {"X-Token", "t"}, hash = {"X-Hash", "h"};
    learn({user}, "a");
    learn({token}, "b");
    const auto served_by = [&](const std::string &path, const Headers &headers) {
        return new_browser().get(path, headers).member;
    };
    BOOST_TEST(served_by("/", {user, token, hash}) == "a");
    BOOST_TEST(served_by("/", {token, hash}) == "b");
    BOOST_TEST(served_by("/?route=.c", {user, token}) == "c");
    BOOST_TEST(served_by("/?route=.b", {user, token, {"Cookie", "ROUTEID=.c"}}) == "c");
    // Whatever a stronger word has said, a session stays at a member that can serve it.
    BOOST_TEST(served_by("/", {user}) == "a");
    BOOST_TEST(served_by("/", {token}) == "b");
    BOOST_TEST(served_by("/?route=.a", {user, {"Cookie", "ROUTEID=.b"}, {"X-Force", "c"}}) == "c");
    BOOST_TEST(served_by("/", {user}) == "a");  // which moves nobody

    BOOST_TEST(cause_of("/by-table", {user, hash}) == "table");
    BOOST_TEST(cause_of("/by-hash", {hash}) == "hash");
    BOOST_TEST(cause_of("/by-policy", {}) == "policy");
}

BOOST_FIXTURE_TEST_CASE(a_key_that_is_not_known_leaves_it_to_the_next, Cascade)
{
    start(kLines);
    learn({{"X-Token", "t"}}, "b");
    BOOST_TEST(is_kept({{"X-User", "new"}, {"X-Token", "t"}}, "b"));
    BOOST_TEST(is_kept({{"X-User", "new"}}, "b"));  // it was learned with the other
}

// Browsers send the cookies of several paths, and an application may have left one behind.
BOOST_FIXTURE_TEST_CASE(any_cookie_of_the_name_may_be_the_one_that_is_known, Cascade)
{
    start("StickyOn cookie:JSESSIONID learn=response");
    const auto id = log_in();
    for (const char *before :
         {"JSESSIONID=stale; JSESSIONID=", "JSESSIONID=\"x\"; a=b; JSESSIONID="})
        BOOST_TEST(is_kept({{"Cookie", before + id}}, member_of(id)));
    BOOST_TEST(is_kept({{"Cookie", "JSESSIONID=" + id + "; JSESSIONID=stale"}}, member_of(id)));
}

BOOST_FIXTURE_TEST_CASE(a_key_whose_member_is_down_leaves_it_to_the_next, Cascade)
{
    start(kLines);
    learn({{"X-User", "u"}}, "a");
    learn({{"X-Token", "t"}}, "b");
    member("a").stop();
    allow_failed_connections();
    new_browser().get("/", {{"Cookie", "ROUTEID=.a"}});  // who finds out
    BOOST_TEST(is_kept({{"X-User", "u"}, {"X-Token", "t"}}, "b"));
}

// Clients without cookies are kept by their address; a cookie has precedence.
BOOST_FIXTURE_TEST_CASE(a_cookie_goes_before_the_address, Cascade)
{
    start("StickyCookie insert\nStickyOn client\n");
    const auto member = new_browser().get("/").member;
    BOOST_TEST(is_kept({}, member));
    for (const std::string other : {"a", "b", "c"})
        BOOST_TEST(new_browser().get("/", {{"Cookie", "ROUTEID=." + other}}).member == other);
    BOOST_TEST(is_kept({}, member));  // whoever else comes from this address with a cookie of his own
}

// The client gets a cookie as any new one does, and needs the table no more.
BOOST_FIXTURE_TEST_CASE(a_client_that_only_the_table_knows_is_given_the_cookie, Cascade)
{
    start("StickyCookie insert\nStickyOn header:X-User\n");
    learn({{"X-User", "u"}}, "b");
    Browser client = new_browser();
    const auto answer = client.get("/given", {{"X-User", "u"}});
    BOOST_TEST(answer.member == "b");
    BOOST_TEST(answer.set_cookie("ROUTEID") == "ROUTEID=.b; path=/; HttpOnly; SameSite=Lax");
    BOOST_TEST(logged(httpd, "/given").at("cause") == "table");
    BOOST_TEST(logged(httpd, "/given").at("changed") == "1");
    BOOST_TEST(client.get("/by-cookie").set_cookies().empty());
    BOOST_TEST(logged(httpd, "/by-cookie").at("cause") == "cookie");
}

// sticky-ignore: a monitor is nobody's client.
BOOST_FIXTURE_TEST_CASE(what_is_to_be_ignored_is_not_looked_up_nor_learned, Cascade)
{
    start("StickyOn header:X-User", "SetEnvIf X-Monitor . sticky-ignore\n");
    const Headers monitor = {{"X-User", "u"}, {"X-Monitor", "1"}};
    BOOST_TEST(is_spread(served(monitor)));
    BOOST_TEST(count("Sessions") == 0);
    const auto member = new_browser().get("/", {{"X-User", "u"}}).member;
    BOOST_TEST(is_spread(served(monitor)));
    BOOST_TEST(is_kept({{"X-User", "u"}}, member));
}

BOOST_FIXTURE_TEST_CASE(who_is_forced_somewhere_leaves_no_trace, Cascade)
{
    start("StickyOn header:X-User", kForce);
    BOOST_TEST(new_browser().get("/", {{"X-User", "u"}, {"X-Force", "c"}}).member == "c");
    BOOST_TEST(count("Sessions") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
