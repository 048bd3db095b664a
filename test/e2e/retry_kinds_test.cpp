// SPDX-License-Identifier: Apache-2.0
//
// Requests that are tried again at members of other protocols, and for clients that speak HTTP/2 or TLS.
// Caught if: a scheme handler's way to tell a failure is not understood, a body is lost or sent in part, or a
// POST is repeated that the member may have had.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/e2e/retry_steps.hpp"

using namespace stickybalancer::test;
namespace data = boost::unit_test::data;

namespace {

struct Kind {
    const char *name;
    MemberKind kind;
};
const Kind kKinds[] = {{"https", MemberKind::kHttps},
                       {"unix socket", MemberKind::kUnixSocket},
                       {"ajp", MemberKind::kAjp},
                       {"fcgi", MemberKind::kFcgi}};
std::ostream &operator<<(std::ostream &out, const Kind &kind) { return out << kind.name; }

struct OfKind : RetryScenario {
    explicit OfKind(MemberKind kind) : RetryScenario(kind)
    {
        bad.on("/closes", Answer{.ending = Ending::kCloseUnanswered});
        bad.on("/503", Answer{.status = 503, .headers = {{"X-Failed", "yes"}}});
        start("on=connect,reset,503", kind == MemberKind::kHttps ? "" : "retry=1",
              kind == MemberKind::kHttps
                  ? "SSLProxyEngine On\nSSLProxyCheckPeerName Off\nSSLProxyCheckPeerCN Off"
                  : "");
        allow_ended_connections();
        for (const auto *id :
             {"AH00878", "AH00893", "AH00992", "AH01075", "AH01068", "AH01067", "AH01030"})
            httpd.log().allow(id);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(retry_kinds_test)

BOOST_DATA_TEST_CASE(members_of_every_kind, data::make(kKinds), kind)
{
    OfKind at(kind.kind);
    for (const std::string path : {"/closes", "/503"}) {
        Browser client = at.client_of_bad();
        const auto answer = client.get(path);
        at.check_moved(answer, client, path);
        BOOST_TEST(!answer.headers.has("X-Failed"));
    }
}

BOOST_DATA_TEST_CASE(bodies_to_members_of_every_kind, data::make(kKinds), kind)
{
    OfKind at(kind.kind);
    const std::string body(20'000, 'b');
    Browser putter = at.client_of_bad(), poster = at.client_of_bad();
    at.check_moved(putter.request("PUT", "/closes", body), putter, "/closes");
    BOOST_TEST((at.good.last_request().body == body));
    poster.disconnect();
    at.bad.forget_requests(), at.good.forget_requests();
    BOOST_TEST(poster.post("/closes", body).status >= 500);
    BOOST_TEST(at.count(at.bad, "/closes") == 1);
    BOOST_TEST(at.count(at.good, "/closes") == 0);
}

BOOST_FIXTURE_TEST_CASE(clients_that_speak_http2, RetryScenario)
{
    if (!has_http2_for_clients())
        return;
    bad.on("/closes", Answer{.ending = Ending::kCloseUnanswered});
    bad.on("/503", Answer{.status = 503});
    start("on=reset,503", "", "", {.tls = true, .http2 = true});
    allow_ended_connections();
    for (const std::string path : {"/closes", "/503"}) {
        Browser client = new_browser_on("bad", {.protocol = Protocol::kH2Tls});
        const auto answer = client.get(path);
        BOOST_TEST(answer.http_version == "2");
        check_moved(answer, client, path);
    }
    const std::string body(20'000, 'b');
    Browser client = new_browser_on("bad", {.protocol = Protocol::kH2Tls});
    BOOST_TEST(client.request("PUT", "/closes?put", body).member == "good");
    BOOST_TEST((good.last_request().body == body));
}

BOOST_AUTO_TEST_SUITE_END()
