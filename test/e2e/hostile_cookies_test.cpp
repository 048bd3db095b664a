// SPDX-License-Identifier: Apache-2.0
//
// Bytes that no browser sends.
// Caught if: a child crashes or hangs, a Set-Cookie repeats what the client sent, or a good cookie
// beside the bad bytes is overlooked.
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

struct TwoMembers : Scenario {
    TwoMembers()
    {
        start_member("a"), start_member("b");
        start_httpd(R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" route=b
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/" stickysession=ROUTEID|sid
        )");
    }
    Response send(const std::string &cookie_line, const std::string &target = "/")
    {
        RawConnection client(httpd.port());
        client.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + cookie_line +
                    "\r\nConnection: close\r\n\r\n");
        return client.read_response();
    }
};

std::string bytes(const char (&text)[2], int count)
{
    std::string all;
    for (int i = 0; i < count; ++i)
        all += text;
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hostile_cookies_test)

BOOST_FIXTURE_TEST_CASE(strange_lines_place_a_client_like_a_new_one, TwoMembers)
{
    const std::vector<std::string> values = {"",
                                             " ",
                                             ";",
                                             bytes(";", 4000),
                                             bytes("=", 4000),
                                             bytes("\"", 4000),
                                             bytes(",", 4000),
                                             bytes("\t", 4000),
                                             "; ; ;=;=;",
                                             "=",
                                             "==",
                                             "ROUTEID",
                                             "ROUTEID=\"",
                                             "ROUTEID=b\"",
                                             "ROUTEID=.\xff\xfe",
                                             "ROUTEID=\x80\x81.\xe2\x82\xac",
                                             "\xff\xff\xff",
                                             "\xff=\xff; ROUTEID\xff=.b",
                                             "$Version=1; $Path=/",
                                             "ROUTEID=.b\xc2\xa0",
                                             "ROUTEID=%2Eb",
                                             "ROUTEID=.gone%0d%0aSet-Cookie:%20x=1",
                                             "ROUTEID=.a.b.a.b.",
                                             "ROUTEID=<script>.x"};
    for (const auto &value : values)
        for (const auto *name : {"Cookie: ", "cookie:", "COOKIE:\t"}) {
            const auto answer = send(name + value);
            BOOST_TEST_CONTEXT(value.substr(0, 30))
            {
                BOOST_TEST(answer.status == 200);
                BOOST_TEST(answer.set_cookies().size() == 1u);
                BOOST_TEST(answer.set_cookie("ROUTEID") ==
                           "ROUTEID=." + answer.member + "; path=/; HttpOnly; SameSite=Lax");
            }
        }
}

BOOST_FIXTURE_TEST_CASE(a_good_cookie_among_them_is_found, TwoMembers)
{
    const std::vector<std::string> values = {bytes(";", 4000) + "ROUTEID=.b",
                                             bytes("=", 4000) + "; ROUTEID=.b",
                                             "\xff\xff; ROUTEID=.b",
                                             "ROUTEID=\xff; ROUTEID=.b",
                                             "ROUTEID=\"; ROUTEID=.b",
                                             "x=\"; ROUTEID=.b",
                                             "x; ROUTEID=.b; y",
                                             "$Version=1; ROUTEID=\".b\"; $Path=/"};
    for (const auto &value : values)
        for (int i = 0; i < 2; ++i) {
            const auto answer = send("Cookie: " + value);
            BOOST_TEST(answer.member == "b", value.substr(0, 30));
            BOOST_TEST(answer.set_cookies().empty(), value.substr(0, 30));
        }
}

BOOST_FIXTURE_TEST_CASE(what_http_forbids_reaches_no_member, TwoMembers)
{
    using namespace std::string_literals;
    for (const auto &line : {"Cookie: ROUTEID=.b\0x"s, "Cookie: \0"s, "Cookie: a\x01; ROUTEID=.b"s,
                             "Cookie: ROUTEID=.b\x7f"s}) {
        const auto answer = send(line);
        BOOST_TEST((answer.status == 400 || answer.status == 200), line);
        BOOST_TEST(answer.set_cookies().size() <= 1u);
    }
    BOOST_TEST(send("Cookie: ROUTEID=.b\0x"s).status == 400);
}

BOOST_FIXTURE_TEST_CASE(strange_urls_place_a_client_like_a_new_one, TwoMembers)
{
    for (const auto *target : {"/;", "/;;;;", "/;=", "/;sid", "/;sid=;sid=;", "/?", "/?&&&",
                               "/?=", "/?sid=%00.b", "/;sid=%00", "/?sid=\xff.\xff", "/;sid=%ff",
                               "/?sid=.%62%", "/;sid=./;sid=.", "/?;?;?sid"}) {
        const auto answer = send("X: y", target);
        BOOST_TEST_CONTEXT(target)
        {
            BOOST_TEST((answer.status >= 200 && answer.status < 500));  // %00 is httpd's to refuse
            if (!answer.member.empty())
                BOOST_TEST(answer.set_cookie("ROUTEID").starts_with("ROUTEID=." + answer.member));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
