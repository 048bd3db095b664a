// SPDX-License-Identifier: Apache-2.0
//
// What a session can be known by besides a cookie: a header, the query, a path parameter, the client's
// address or its network, an expression.
// Caught if: the same key goes to two members, two networks are one, or a value is taken from elsewhere.
#include <boost/test/unit_test.hpp>

#include "test/e2e/session_steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Keys : SessionScenario {
    // Requests with this are kept, at the member that answered the first.
    void expect_kept(const Headers &headers, const std::string &path = "/",
                     const BrowserOptions &options = {})
    {
        const auto member = new_browser(options).get(path, headers).member;
        BOOST_TEST(is_kept(headers, member, path, options), path);
    }
    // So many of them are shared out among all members.
    void expect_shared_out(const std::vector<BrowserOptions> &clients)
    {
        Share share;
        for (const auto &client : clients)
            ++share[new_browser(client).get("/").member];
        BOOST_TEST(is_spread(share));
    }
};

std::vector<BrowserOptions> clients_from(const std::vector<std::string> &sources)
{
    std::vector<BrowserOptions> clients;
    for (const auto &source : sources)
        clients.push_back({.source = source});
    return clients;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(session_keys_test)

BOOST_FIXTURE_TEST_CASE(a_header, Keys)
{
    start("StickyOn header:X-Api-Key");
    for (const auto *key : {"one", "two", "three"})
        expect_kept({{"x-api-key", key}});
    BOOST_TEST(is_spread(served({{"X-Api-Key-Id", "one"}})));
    BOOST_TEST(is_spread(served({})));
}

BOOST_FIXTURE_TEST_CASE(a_parameter_of_the_query, Keys)
{
    start("StickyOn query:sid");
    expect_kept({}, "/page?a=b&sid=one");
    expect_kept({}, "/page?sid=two&c");
    BOOST_TEST(is_spread(served({}, 6, "/page?xsid=one&a=sid=one")));
    BOOST_TEST(is_spread(served({}, 6, "/sid=one")));
}

BOOST_FIXTURE_TEST_CASE(a_parameter_of_the_path, Keys)
{
    start("StickyOn path:jsessionid");
    expect_kept({}, "/app/page;jsessionid=one?x=y");
    const auto member = new_browser().get("/app;jsessionid=one/other").member;
    BOOST_TEST(is_kept({}, member, "/app/page;jsessionid=one"));
    BOOST_TEST(is_spread(served({}, 6, "/page?jsessionid=one")));
}

BOOST_FIXTURE_TEST_CASE(a_clients_address, Keys)
{
    start("StickyOn client");
    for (const auto *source : {"127.0.1.1", "127.0.1.2", "127.0.2.1"})
        expect_kept({}, "/", {.source = source});
    expect_shared_out(clients_from({"127.0.3.1", "127.0.3.2", "127.0.3.3"}));
}

BOOST_FIXTURE_TEST_CASE(a_clients_network, Keys)
{
    start("StickyOn client/24");
    const auto member = new_browser({.source = "127.0.1.1"}).get("/").member;
    for (const auto *source : {"127.0.1.1", "127.0.1.2", "127.0.1.254"})
        BOOST_TEST(is_kept({}, member, "/", {.source = source}));
    expect_shared_out(clients_from({"127.0.2.1", "127.0.3.1", "127.0.4.1"}));
    BOOST_TEST(count("Sessions") == 4);
}

BOOST_FIXTURE_TEST_CASE(an_expression, Keys)
{
    start("StickyOn \"expr:%{HTTP:X-Tenant}/%{HTTP:X-User}\"");
    expect_kept({{"X-Tenant", "t"}, {"X-User", "u"}});
    BOOST_TEST(count("Sessions") == 1);
}

// What mod_remoteip says goes.
BOOST_FIXTURE_TEST_CASE(an_address_behind_a_trusted_proxy, Keys)
{
    start("StickyOn client", "RemoteIPHeader X-Forwarded-For\nRemoteIPInternalProxy 127.0.0.7\n");
    const BrowserOptions proxy = {.source = "127.0.0.7"};
    const auto member = new_browser(proxy).get("/", {{"X-Forwarded-For", "192.0.2.1"}}).member;
    BOOST_TEST(is_kept({{"X-Forwarded-For", "192.0.2.1"}}, member, "/", proxy));
    Share others;
    for (const auto *address : {"192.0.2.2", "192.0.2.3", "2001:db8::1"})
        ++others[new_browser(proxy).get("/", {{"X-Forwarded-For", address}}).member];
    BOOST_TEST(is_spread(others));
    BOOST_TEST(is_kept({{"X-Forwarded-For", "192.0.2.1"}}, member, "/", proxy));
}

BOOST_FIXTURE_TEST_CASE(a_network_of_ipv6, Keys)
{
    start("StickyOn client/24/64",
          "Listen [::1]:{port.six}\nRemoteIPHeader X-Client\nRemoteIPInternalProxy ::1\n");
    BrowserOptions six;
    six.port = httpd.port("six");
    six.host = "localhost";
    six.address = "::1";
    expect_kept({}, "/", six);
    const auto from = [](const std::string &address) { return Headers{{"X-Client", address}}; };
    const auto member = new_browser(six).get("/", from("2001:db8::1")).member;
    BOOST_TEST(is_kept(from("2001:db8::ffff:1"), member, "/", six));
    Share others;
    for (const auto *address : {"2001:db8:1::1", "2001:db8:2::1", "2001:db8:3::1"})
        ++others[new_browser(six).get("/", from(address)).member];
    BOOST_TEST(is_spread(others));
}

BOOST_AUTO_TEST_SUITE_END()
