// SPDX-License-Identifier: Apache-2.0
//
// ETags are for writes: whoever has seen an earlier state is refused. Reading is always reading all of it.
// Caught if: a write goes over one that its sender has not seen, an ETag changes with live figures, or a GET with one
// is answered without them.
#include <boost/test/unit_test.hpp>

#include "test/e2e/api_steps.hpp"

using namespace stickybalancer::test;

namespace {

Headers with(const std::string &etag)
{
    auto headers = kJson;
    headers.push_back({"If-Match", etag});
    return headers;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(api_conditions_test)

BOOST_FIXTURE_TEST_CASE(who_has_seen_an_earlier_state_is_told, ApiScenario)
{
    start();
    const auto etag_of = [&](const std::string &path) { return call("GET", path).header("ETag"); };
    const std::string path = "/balancers/app/members/a";
    const auto seen = etag_of(path), list = etag_of("/balancers/app/members");
    BOOST_TEST(seen != "");
    new_browser_on("a").get("/");
    BOOST_TEST(etag_of(path) == seen);  // what changes by itself is not in it
    const auto changed = patch("a", R"({"weight":2})", with(seen));
    BOOST_TEST(changed.status == 200);
    BOOST_TEST(changed.header("ETag") == etag_of(path));
    BOOST_TEST(changed.header("ETag") != seen);
    BOOST_TEST(etag_of("/balancers/app/members") != list);
    BOOST_TEST(is_error(patch("a", R"({"weight":3})", with(seen)), 412));
    BOOST_TEST(member("a").at("weight") == 2);
    BOOST_TEST(patch("a", R"({"weight":3})", with("\"x\", " + etag_of(path))).status == 200);
    BOOST_TEST(patch("a", R"({"weight":4})", with("*")).status == 200);
    BOOST_TEST(call("GET", path, {}, {{"If-None-Match", etag_of(path)}}).status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_get_is_whole_whatever_the_client_has_seen, ApiScenario)
{
    start();
    const std::string list = "/balancers/app/members";
    for (const auto &path : {std::string("/balancers/app"), list, list + "/a"}) {
        const auto first = call("GET", path);
        BOOST_TEST(first.header("ETag") != "", path);
        const auto again = call("GET", path, {}, {{"If-None-Match", first.header("ETag")}});
        BOOST_TEST(again.status == 200, path);
        BOOST_TEST(Json::parse(again.body).contains("totals") == (path != list), path);
    }
    for (const auto *part : {"?from=1", "?count=1", "?members=no"})
        BOOST_TEST(call("GET", list + part).header("ETag") == "", part);
    const auto all = call("GET", "/balancers", {}, {{"If-None-Match", "*"}});
    BOOST_TEST(all.status == 200);
    BOOST_TEST(all.header("ETag") == "");
}

BOOST_FIXTURE_TEST_CASE(every_write_keeps_to_if_match, ApiScenario)
{
    start("ProxySet growth=2\nStickyOn cookie:SID");
    const std::string members = "/balancers/app/members", url = "{\"url\":\"http://127.0.0.1:1\"}";
    const auto list = call("GET", members).header("ETag");
    BOOST_TEST(patch("a", R"({"weight":2})").status == 200);
    BOOST_TEST(is_error(call("POST", members, url, with(list)), 412));
    BOOST_TEST(get("/balancers/app").at("member_count") == 2);
    BOOST_TEST(call("POST", members, url, with(call("GET", members).header("ETag"))).status == 201);
    const std::string lame = R"({"lameduck":"20s"})";
    BOOST_TEST(is_error(call("PATCH", "/server", lame, with("\"x\"")), 412));
    BOOST_TEST(get("/server").at("lameduck_until") == nullptr);
    BOOST_TEST(call("PATCH", "/server", lame, with("*")).status == 200);
    auto client = new_browser();
    client.add_cookie("SID", "one");
    BOOST_TEST(client.get("/").status == 200);
    const std::string session = "/balancers/app/sessions?key=one";
    BOOST_TEST(is_error(call("DELETE", session, {}, with("\"x\"")), 412));
    BOOST_TEST(call("GET", session).status == 200);
    BOOST_TEST(call("DELETE", session, {}, with("*")).status == 204);
}

BOOST_AUTO_TEST_SUITE_END()
