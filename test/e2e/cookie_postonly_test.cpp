// SPDX-License-Identifier: Apache-2.0
//
// postonly: only an answer to a POST brings our cookie. partitioned and samesite=none: what
// browsers want of a cookie in a frame of another site.
// Caught if: a GET binds a client, a POST does not, or browsers refuse or cannot delete the cookie.
#include <boost/test/unit_test.hpp>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

std::string site(const std::string &options)
{
    return R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            StickyCookie insert )" +
           options + R"(
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )";
}

struct TwoMembers : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");
};

struct Row {
    const char *options, *attributes;
};
const std::vector<Row> kRows = {
    {"partitioned secure=on", "; path=/; HttpOnly; SameSite=Lax; Partitioned; Secure"},
    {"partitioned samesite=none", "; path=/; HttpOnly; SameSite=None; Partitioned; Secure"},
    {"partitioned=on secure=on samesite=off httponly=off", "; path=/; Partitioned; Secure"},
    {"partitioned samesite=none maxage=1h",
     "; path=/; Max-Age=3600; HttpOnly; SameSite=None; Partitioned; Secure"},
    {"partitioned=off samesite=none", "; path=/; HttpOnly; SameSite=None; Secure"},
    {"partitioned=off", "; path=/; HttpOnly; SameSite=Lax"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_postonly_test)

BOOST_FIXTURE_TEST_CASE(only_a_post_binds_a_new_client, TwoMembers)
{
    start_httpd(site("postonly"));
    Browser client = new_browser();
    for (const auto *method : {"GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"}) {
        const auto path = '/' + std::string(method);
        BOOST_TEST(client.request(method, path).set_cookies().empty(), method);
        BOOST_TEST(logged(httpd, path).at("state") == "NN", method);
    }
    const auto login = client.post("/login", "name=x");
    BOOST_TEST(login.set_cookies().size() == 1u);
    BOOST_TEST(login.set_cookie("ROUTEID") ==
               "ROUTEID=." + login.member + "; path=/; HttpOnly; SameSite=Lax");
    BOOST_TEST(logged(httpd, "/login").at("state") == "NI");
    for (int i = 0; i < 4; ++i) {
        BOOST_TEST(client.get("/").member == login.member);
        BOOST_TEST(client.post("/", "").set_cookies().empty());
    }
    BOOST_TEST(new_browser().post_chunked("/", "name=x").set_cookies().size() == 1u);
    BOOST_TEST(new_browser().post("/", "").set_cookies().size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(nor_does_a_get_bind_a_client_anew, TwoMembers)
{
    start_httpd(site("postonly"));
    b.stop();
    allow_failed_connections();
    Browser client = new_browser();
    client.add_cookie("ROUTEID", ".b");
    const auto moved = client.get("/moved");
    BOOST_TEST(moved.member == "a");
    BOOST_TEST(moved.set_cookies().empty());
    BOOST_TEST(logged(httpd, "/moved").at("state") == "DN");
    BOOST_TEST(client.post("/posted", "x").set_cookies().size() == 1u);
    BOOST_TEST(logged(httpd, "/posted").at("state") == "DI");
    BOOST_TEST(client.cookie("ROUTEID") == ".a");
}

BOOST_FIXTURE_TEST_CASE(postonly_off_is_as_without_it, TwoMembers)
{
    start_httpd(site("postonly=off"));
    BOOST_TEST(new_browser().get("/").set_cookies().size() == 1u);
    BOOST_TEST(new_browser().post("/", "").set_cookies().size() == 1u);
}

// One balancer for each row, under a path of its own.
BOOST_FIXTURE_TEST_CASE(attributes_for_frames_of_other_sites, Scenario)
{
    start_member("a");
    std::string text;
    for (std::size_t i = 0; i < kRows.size(); ++i) {
        const auto name = "row" + std::to_string(i);
        text += "<Proxy \"balancer://" + name + "\">\nBalancerMember \"{a.url}\" route=a\n" +
                "StickyCookie insert " + kRows[i].options + "\n</Proxy>\nProxyPass \"/" + name +
                "/\" \"balancer://" + name + "/\"\n";
    }
    start_httpd(text);
    for (std::size_t i = 0; i < kRows.size(); ++i) {
        const auto line = new_browser().get("/row" + std::to_string(i) + '/').set_cookie("ROUTEID");
        BOOST_TEST(line.substr(std::min(line.find(';'), line.size())) == kRows[i].attributes,
                   kRows[i].options << ": " << line);
    }
}

// A partitioned cookie is deleted only by a partitioned line.
BOOST_FIXTURE_TEST_CASE(the_deletion_is_partitioned_too, TwoMembers)
{
    start_httpd(site("partitioned samesite=none") +
                "SetEnvIf Request_URI \"^/logout\" sticky-release\n");
    const auto answer = new_browser().get("/logout", {{"Cookie", "ROUTEID=.b"}});
    BOOST_TEST(answer.member == "b");
    BOOST_TEST(answer.set_cookie("ROUTEID") ==
               "ROUTEID=; path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; HttpOnly; "
               "SameSite=None; Partitioned; Secure");
}

BOOST_AUTO_TEST_SUITE_END()
