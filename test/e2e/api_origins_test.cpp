// SPDX-License-Identifier: Apache-2.0
//
// A write is JSON, and of a page of this server's, under a name that is this server's, or of no page at all.
// Caught if: a form or a page of somebody else's may write, or one of this server's may not, because it spells the
// server in another way.
#include <boost/test/unit_test.hpp>

#include "test/e2e/api_steps.hpp"

using namespace stickybalancer::test;

BOOST_AUTO_TEST_SUITE(api_origins_test)

BOOST_FIXTURE_TEST_CASE(a_write_is_json_and_of_this_server, ApiScenario)
{
    start();
    const std::string body = R"({"requested":"drain"})",
                      here = "127.0.0.1:" + std::to_string(httpd.port());
    for (const auto *type :
         {"text/plain", "application/jsonx", "application/x-www-form-urlencoded"})
        BOOST_TEST(is_error(patch("a", body, {{"Content-Type", type}}), 415), type);
    for (const auto &origin :
         {std::string("http://evil.example"), std::string("null"), "http://" + here + "1",
          "http://" + here + ".evil.example", "ftp://" + here}) {
        auto headers = kJson;
        headers.push_back({"Origin", origin});
        BOOST_TEST(is_error(patch("a", body, headers), 403), origin);
        BOOST_TEST(is_error(call("DELETE", "/balancers/app/members/a", {}, headers), 403), origin);
    }
    BOOST_TEST(is_error(
        patch("a", body, {{"Content-Type", "application/json"}, {"Sec-Fetch-Site", "same-site"}}),
        403));
    BOOST_TEST(member("a").at("requested") == "ready");
    BOOST_TEST(patch("a", body,
                     {{"Content-Type", "application/json; charset=utf-8"},
                      {"Origin", "http://" + here},
                      {"Sec-Fetch-Site", "same-origin"}})
                   .status == 200);
    BOOST_TEST(patch("a", R"({"requested":"ready"})",
                     {{"Content-Type", "application/json"}, {"Origin", "https://" + here}})
                   .status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_port_is_the_same_in_every_spelling, ApiScenario)
{
    start();
    const auto status = [&](const std::string &host, const std::string &origin) {
        RawConnection page(httpd.port());
        page.send("DELETE /ops/api/v1/balancers/app/members/none HTTP/1.1\r\nHost: " + host +
                  "\r\nOrigin: " + origin + "\r\n\r\n");
        return page.read_response().status;
    };
    const std::pair<const char *, const char *> kSame[] = {
        {"127.0.0.1", "http://127.0.0.1:80"},
        {"127.0.0.1:80", "http://127.0.0.1"},
        {"127.0.0.1:0080", "http://127.0.0.1"},
        {"127.0.0.1:8080", "http://127.0.0.1:08080"},
        {"127.0.0.1", "https://127.0.0.1:443"},
        {"127.0.0.1:443", "https://127.0.0.1:0443"},
        {"[::1]:80", "http://[::1]"}};
    for (const auto &[host, origin] : kSame)
        BOOST_TEST(status(host, origin) == 404, host << " " << origin);
    const std::pair<const char *, const char *> kOther[] = {
        {"127.0.0.1", "http://127.0.0.1:8080"},      {"127.0.0.1:80", "https://127.0.0.1"},
        {"127.0.0.1:8080", "http://127.0.0.1"},      {"127.0.0.1:80", "http://127.0.0.1:800"},
        {"127.0.0.1:80", "http://127.0.0.1:80x"},    {"[::1]:80", "http://[::2]"},
        {"127.0.0.1", "http://127.0.0.1:4294967376"}};
    for (const auto &[host, origin] : kOther)
        BOOST_TEST(status(host, origin) == 403, host << " " << origin);
}

// Its owner can let any name lead here, and then a page from there is of one origin with this server.
BOOST_FIXTURE_TEST_CASE(a_page_of_a_name_that_is_not_this_servers_changes_nothing, ApiScenario)
{
    start(
        "</Proxy>\n<VirtualHost *:{port}>\nServerName lb.example\nServerAlias www.lb.example "
        "*.ops.example\n</VirtualHost>\n<Proxy \"balancer://app\">");
    const auto status_from = [&](const std::string &host) {
        RawConnection page(httpd.port());
        const std::string here = host + ":" + std::to_string(httpd.port());
        page.send("PATCH /ops/api/v1/balancers/app/members/a HTTP/1.1\r\nHost: " + here +
                  "\r\nOrigin: http://" + here +
                  "\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n"
                  "{\"weight\":7}");
        return page.read_response().status;
    };
    for (const auto *host : {"evil.example", "lb.example.evil.example", "ops.example",
                             "localhost.evil.example", "127.0.0.1.evil.example"})
        BOOST_TEST(status_from(host) == 403, host);
    BOOST_TEST(member("a").at("weight") == 1);
    for (const auto *host : {"localhost", "127.0.0.1", "[::1]", "lb.example", "LB.example.",
                             "www.lb.example", "one.ops.example"})
        BOOST_TEST(status_from(host) == 200, host);
}

BOOST_AUTO_TEST_SUITE_END()
