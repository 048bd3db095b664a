// SPDX-License-Identifier: Apache-2.0
//
// A member that ends the connection before an answer: a request that may be repeated goes to another member,
// and the client sees one whole answer.
// Caught if: the client gets an error or a closed connection while another member can answer, the failed
// attempt leaves a header or a cookie, a member is asked twice, what may not be repeated is, or one lost
// request takes a member out of service.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/e2e/retry_steps.hpp"

using namespace stickybalancer::test;
namespace data = boost::unit_test::data;

namespace {

struct Failing {
    const char *name;
    Ending ending;
};
const Failing kFailing[] = {{"/closes", Ending::kCloseUnanswered},
                            {"/resets", Ending::kResetUnanswered}};
std::ostream &operator<<(std::ostream &out, const Failing &failing) { return out << failing.name; }

const char *const kRepeatable[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PROPFIND"};

struct Resets : RetryScenario {
    void start_failing(const std::string &retry = "")
    {
        for (const auto &failing : kFailing)
            bad.on(failing.name, Answer{.ending = failing.ending});
        start(retry);
        allow_ended_connections();
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(retry_resets_test)

BOOST_DATA_TEST_CASE_F(Resets, the_client_gets_one_answer_of_the_other_member, data::make(kFailing),
                       failing)
{
    start_failing();
    Browser kept = client_of_bad(), fresh = client_of_bad();
    check_moved(kept.get(failing.name), kept, failing.name);
    BOOST_TEST(kept.connection_count() == 1);
    bad.forget_requests();
    good.forget_requests();
    fresh.disconnect();
    check_moved(fresh.get(failing.name), fresh, failing.name);
    BOOST_TEST(kept.get("/").member == "good");
}

BOOST_FIXTURE_TEST_CASE(what_may_be_repeated_is_and_nothing_else, Resets)
{
    start_failing();
    for (const std::string method : kRepeatable) {
        Browser client = client_of_bad();
        const auto answer = client.request(method, "/closes?" + method);
        BOOST_TEST(answer.status == 200, method);
        BOOST_TEST(client.cookie("ROUTEID") == ".good", method);
    }
    for (const std::string method : {"POST", "PATCH"}) {
        Browser client = client_of_bad();
        client.disconnect();
        BOOST_TEST(client.request(method, "/closes?" + method, "x").status == 502, method);
        BOOST_TEST(client.cookie("ROUTEID") == ".bad", method);
        BOOST_TEST(count(bad, "/closes?" + method) == 1, method);
        BOOST_TEST(count(good, "/closes?" + method) == 0, method);
    }
}

BOOST_FIXTURE_TEST_CASE(with_methods_all_a_post_is_repeated_with_its_body, Resets)
{
    start_failing("methods=all");
    Browser client = client_of_bad();
    check_moved(client.post("/closes", "the body"), client, "/closes");
    BOOST_TEST(good.last_request().body == "the body");
    BOOST_TEST(good.last_request().headers.first("Content-Length") == "8");
}

BOOST_FIXTURE_TEST_CASE(an_answer_that_has_begun_is_never_repeated, Resets)
{
    bad.on("/half", Answer{.body = std::string(100'000, 'x'), .ending = Ending::kCloseInBody});
    start();
    allow_ended_connections();
    httpd.log().allow("AH01110");  // error reading response
    Browser client = client_of_bad();
    client.get("/half");
    BOOST_TEST(count(good, "/half") == 0);
    BOOST_TEST(client.cookie("ROUTEID") == ".bad");
}

BOOST_FIXTURE_TEST_CASE(headers_that_cannot_be_understood_are_no_answer, Resets)
{
    bad.on("/no-colon", Answer{.raw = "HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 1\r\n\r\nx"});
    bad.on("/cut", Answer{.ending = Ending::kCloseInHeaders});
    start();
    allow_ended_connections();
    for (const auto *id : {"AH01106", "AH10404"})
        httpd.log().allow(id);
    for (const std::string path : {"/no-colon", "/cut"}) {
        Browser client = client_of_bad();
        check_moved(client.get(path), client, path);
    }
}

// mod_proxy_http takes it for HTTP/0.9, with any balancer.
BOOST_FIXTURE_TEST_CASE(what_has_no_status_line_is_passed_on, Resets)
{
    bad.on("/0.9", Answer{.ending = Ending::kClose, .raw = "no status line\n"});
    start();
    Browser client = client_of_bad();
    const auto answer = client.get("/0.9");
    BOOST_TEST(answer.status == 200);
    BOOST_TEST(answer.body.starts_with("no status line"));
    BOOST_TEST(count(good, "/0.9") == 0);
    BOOST_TEST(client.cookie("ROUTEID") == ".bad");
}

BOOST_FIXTURE_TEST_CASE(one_lost_request_does_not_take_the_member_out_of_service, Resets)
{
    start_failing();
    Browser mover = client_of_bad(), other = client_of_bad(), poster = client_of_bad();
    BOOST_TEST(mover.get("/closes").member == "good");
    BOOST_TEST(poster.post("/resets", "x").status != 200);
    BOOST_TEST(other.get("/").member == "bad");
    BOOST_TEST((shown_member(httpd, bad.url()).at("status").find("Err") == std::string::npos));
}

BOOST_FIXTURE_TEST_CASE(where_nobody_else_can_answer_the_client_is_told, Resets)
{
    start_failing();
    good.on("/closes", Answer{.ending = Ending::kCloseUnanswered});
    Browser client = client_of_bad();
    client.disconnect();
    BOOST_TEST(client.get("/closes").status == 502);
    BOOST_TEST(count(bad, "/closes") == 1);
    BOOST_TEST(count(good, "/closes") == 1);
    BOOST_TEST(logged(httpd, "/closes").at("attempts") == "2");
    BOOST_TEST(client.get("/").status == 200);
}

BOOST_FIXTURE_TEST_CASE(attempts_1_and_other_failures_leave_it_as_it_is, Resets)
{
    start_failing("attempts=1");
    Browser client = client_of_bad();
    client.disconnect();
    BOOST_TEST(client.get("/closes").status == 502);
    BOOST_TEST(count(good, "/closes") == 0);
    BOOST_TEST(client.cookie("ROUTEID") == ".bad");
}

BOOST_AUTO_TEST_SUITE_END()
