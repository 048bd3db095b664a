// SPDX-License-Identifier: Apache-2.0
//
// StickyRetry on=STATUS: an answer of the member that stands for a failure is thrown away, and another member
// asked.
// Caught if: the client sees anything of an answer that was thrown away, the last answer is not given to it
// where nobody else can be asked, or a status that is not listed is repeated.
#include <boost/test/unit_test.hpp>

#include "test/e2e/retry_steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Statuses : RetryScenario {
    Answer failed(int status, std::size_t size = 100)
    {
        return {.status = status,
                .headers = {{"X-Failed", "yes"}, {"Set-Cookie", "trace=of-bad; path=/"}},
                .body = std::string(size, 'f')};
    }
    void check_no_trace(const Response &answer, const Browser &client)
    {
        BOOST_TEST(!answer.headers.has("X-Failed"));
        BOOST_TEST(client.cookie("trace").empty());
        BOOST_TEST(answer.body == "good");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(retry_statuses_test)

BOOST_FIXTURE_TEST_CASE(a_listed_answer_is_thrown_away_and_leaves_no_trace, Statuses)
{
    bad.on("/502", failed(502)), bad.on("/503", failed(503, 5'000'000));
    start("on=502,503");
    for (const std::string path : {"/502", "/503"}) {
        Browser client = client_of_bad();
        const auto answer = client.get(path);
        check_moved(answer, client, path);
        check_no_trace(answer, client);
        BOOST_TEST(logged(httpd, path).at("attempts") == "2");
    }
}

BOOST_FIXTURE_TEST_CASE(the_application_may_send_chunks_and_no_body_at_all, Statuses)
{
    auto chunked = failed(503);
    chunked.chunked = true;
    bad.on("/chunked", chunked), bad.on("/empty", failed(503, 0));
    start("on=503");
    for (const std::string path : {"/chunked", "/empty"}) {
        Browser client = client_of_bad();
        check_moved(client.get(path), client, path);
    }
    Browser client = client_of_bad();
    const auto head = client.request("HEAD", "/empty?head");
    BOOST_TEST(head.status == 200);
    BOOST_TEST(!head.headers.has("X-Failed"));
}

BOOST_FIXTURE_TEST_CASE(other_answers_pass, Statuses)
{
    bad.on("/500", failed(500)), bad.on("/404", failed(404));
    start("on=502,503");
    Browser client = client_of_bad();
    BOOST_TEST(client.get("/500").status == 500);
    const auto answer = client.get("/404");
    BOOST_TEST(answer.status == 404);
    BOOST_TEST(answer.header("X-Failed") == "yes");
    BOOST_TEST(good.requests().empty());
}

BOOST_FIXTURE_TEST_CASE(the_client_gets_the_last_answer_where_nobody_else_can_be_asked, Statuses)
{
    bad.on("/", failed(503)), good.on("/down", failed(503));
    bad.on("/down", failed(502));
    start("on=502,503");
    Browser client = new_browser();
    client.add_cookie("ROUTEID", ".bad");
    const auto answer = client.get("/down");
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(answer.member == "good");
    BOOST_TEST(answer.header("X-Failed") == "yes");
    BOOST_TEST(answer.body == std::string(100, 'f'));
    BOOST_TEST(client.cookie("ROUTEID") == ".good");
}

BOOST_FIXTURE_TEST_CASE(a_post_is_answered_by_its_member, Statuses)
{
    bad.on("/post", failed(503));
    start("on=503");
    Browser client = client_of_bad();
    BOOST_TEST(client.post("/post", "x").status == 503);
    BOOST_TEST(client.cookie("ROUTEID") == ".bad");
    BOOST_TEST(good.requests().empty());
}

BOOST_FIXTURE_TEST_CASE(with_proxyerroroverride_another_member_is_asked_first, Statuses)
{
    bad.on("/503", failed(503)), bad.on("/all", failed(503)), good.on("/all", failed(503));
    start("on=503", "", "ProxyErrorOverride On");
    Browser client = client_of_bad();
    const auto answer = client.get("/503");
    check_moved(answer, client, "/503");
    check_no_trace(answer, client);
    const auto all = client_of_bad().get("/all");
    BOOST_TEST(all.status == 503);
    BOOST_TEST(count(good, "/all") == 1);
    BOOST_TEST(all.body.find("Service Unavailable") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(failonstatus_takes_the_member_out_all_the_same, Statuses)
{
    bad.on("/503", failed(503));
    start("on=503\nProxySet failonstatus=503", "retry=60");
    Browser client = client_of_bad(), other = client_of_bad();
    check_moved(client.get("/503"), client, "/503");
    httpd.log().expect("SB2001");
    httpd.log().expect("SB2101");
    BOOST_TEST(other.get("/").member == "good");
}

BOOST_AUTO_TEST_SUITE_END()
