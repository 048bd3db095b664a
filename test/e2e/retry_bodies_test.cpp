// SPDX-License-Identifier: Apache-2.0
//
// Bodies of requests that are tried again: the next member gets all of it, or is not asked.
// Caught if: a member gets a part of a body or one twice over, body= is not followed, or a body that is kept
// reaches the member in another form than it would otherwise.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <random>

#include "test/e2e/retry_steps.hpp"

using namespace stickybalancer::test;
namespace data = boost::unit_test::data;

namespace {

// The longest begin to be sent before they were read to their end.
const std::size_t kSizes[] = {0, 1, 8'000, 16'384, 20'000, 65'536};

std::string text_of(std::size_t size)
{
    std::mt19937 random(static_cast<unsigned>(size));
    std::string text(size, ' ');
    for (auto &c : text)
        c = static_cast<char>('a' + random() % 26);
    return text;
}

struct Bodies : RetryScenario {
    void start_failing(const std::string &retry)
    {
        bad.on("/put", Answer{.ending = Ending::kCloseUnanswered});
        start(retry);
        allow_ended_connections();
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(retry_bodies_test)

BOOST_DATA_TEST_CASE_F(Bodies, the_next_member_gets_all_of_it, data::make(kSizes), size)
{
    start_failing("on=reset");
    const auto body = text_of(size);
    Browser client = client_of_bad();
    check_moved(client.request("PUT", "/put", body), client, "/put");
    BOOST_TEST((bad.last_request().body == body));
    BOOST_TEST((good.last_request().body == body));
}

BOOST_DATA_TEST_CASE_F(Bodies, in_chunks_too, data::make(kSizes), size)
{
    start_failing("on=reset methods=all");
    const auto body = text_of(size);
    Browser client = client_of_bad();
    check_moved(client.post_chunked("/put", body), client, "/put");
    BOOST_TEST((good.last_request().body == body));
}

BOOST_FIXTURE_TEST_CASE(a_body_beyond_the_limit_is_not_sent_again, Bodies)
{
    start_failing("on=reset body=1k");
    Browser client = client_of_bad();
    client.disconnect();
    BOOST_TEST(client.request("PUT", "/put", text_of(1025)).status == 502);
    BOOST_TEST(good.requests().empty());
    BOOST_TEST(client.cookie("ROUTEID") == ".bad");
    check_moved(client.request("PUT", "/put?small", text_of(1024)), client, "/put?small");
}

BOOST_FIXTURE_TEST_CASE(a_refused_connection_needs_no_copy, Bodies)
{
    start_failing("on=connect body=0");
    Browser client = client_of_bad();
    bad.stop();
    allow_failed_connections();
    const auto body = text_of(100'000);
    BOOST_TEST(client.post("/put", body).member == "good");
    BOOST_TEST((good.last_request().body == body));
}

BOOST_FIXTURE_TEST_CASE(after_a_refusal_and_a_reset_it_is_still_whole, Bodies)
{
    auto third = start_member("third");
    bad.on("/put", Answer{.ending = Ending::kCloseUnanswered});
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{good.url}" route=good
            BalancerMember "{bad.url}" route=bad lbset=1
            BalancerMember "{third.url}" route=third lbset=2
            StickyCookie insert
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    allow_ended_connections();
    Browser client = client_of_good();
    good.stop();
    allow_failed_connections();
    const auto body = text_of(30'000);
    const auto answer = client.request("PUT", "/put", body);
    BOOST_TEST(answer.member == "third");
    BOOST_TEST((third.last_request().body == body));
    BOOST_TEST(client.cookie("ROUTEID") == ".third");
}

BOOST_FIXTURE_TEST_CASE(a_kept_body_reaches_the_member_as_the_client_sent_it, Bodies)
{
    start_failing("on=reset body=1k");
    const auto body = text_of(3'000'000);
    Browser client = client_of_bad();
    BOOST_TEST(client.request("PUT", "/large", body).status == 200);
    BOOST_TEST(bad.last_request().headers.first("Content-Length") == "3000000");
    BOOST_TEST(!bad.last_request().headers.has("Transfer-Encoding"));
    BOOST_TEST((bad.last_request().body == body));
}

BOOST_FIXTURE_TEST_CASE(a_client_that_asks_first_is_told_to_go_on_once, Bodies)
{
    start_failing("on=reset");
    const auto body = text_of(20'000);
    Browser client = client_of_bad();
    const auto answer = client.request("PUT", "/put", body, {{"Expect", "100-continue"}});
    check_moved(answer, client, "/put");
    BOOST_TEST((good.last_request().body == body));
}

// Such a filter cannot be made to begin again.
BOOST_FIXTURE_TEST_CASE(a_body_that_another_filter_changes_is_not_sent_again, Bodies)
{
    bad.on("/put", Answer{.ending = Ending::kCloseUnanswered});
    start("on=reset,503", "",
          "LoadModule sed_module {modules}/mod_sed.so\n<Location \"/\">\nSetInputFilter Sed\n"
          "InputSed \"s/in/out/g\"\n</Location>");
    allow_ended_connections();
    Browser client = client_of_bad();
    client.disconnect();
    BOOST_TEST(client.request("PUT", "/put", "in and in\n").status == 502);
    BOOST_TEST(bad.last_request().body == "out and out\n");
    BOOST_TEST(good.requests().empty());
    BOOST_TEST(client.get("/put").member == "good");  // without a body there is nothing to change
}

BOOST_FIXTURE_TEST_CASE(what_is_wrong_with_a_body_is_the_clients_fault, Bodies)
{
    start("on=reset,503,400");
    httpd.log().allow("AH02609"), httpd.log().allow("AH01590"), httpd.log().allow("AH01095"),
        httpd.log().allow("AH02608");
    for (const std::string rest : {"ZZZ\r\n", "G\r\n", "-1\r\n", "5\r\nhelloXX"}) {
        RawConnection client(httpd.port());
        client.send(
            "PUT /put HTTP/1.1\r\nHost: localhost\r\nCookie: ROUTEID=.bad\r\n"
            "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n" +
            rest);
        client.finish_sending();
        BOOST_TEST(client.read_response().status == 400, rest);
    }
    BOOST_TEST(count(bad, "/put") == 0);
    BOOST_TEST(count(good, "/put") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
