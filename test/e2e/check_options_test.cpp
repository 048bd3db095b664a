// SPDX-License-Identifier: Apache-2.0
//
// What a check asks, from where, how often, and what it takes for an answer, as the member sees it.
// Caught if: an option is not heeded, or counts for another member than its line's.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/socket.h>

#include <mutex>

#include "test/e2e/check_steps.hpp"
#include "test/support/listener.hpp"

using namespace stickybalancer::test;

namespace {

// Keeps the bytes of the first request, and answers all of them.
class RawMember {
public:
    RawMember() : listener_([this](int fd) { serve(fd); }) {}
    std::string port() const { return std::to_string(listener_.port()); }
    std::string first()
    {
        std::string text;
        wait_until(within(std::chrono::seconds(10)), [&] {
            const std::lock_guard guard(mutex_);
            return !(text = first_).empty();
        });
        return text;
    }

private:
    void serve(int fd)
    {
        char bytes[4096];
        const auto count = ::recv(fd, bytes, sizeof(bytes), 0);
        if (count > 0) {
            const std::lock_guard guard(mutex_);
            if (first_.empty())
                first_.assign(bytes, static_cast<std::size_t>(count));
        }
        const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    std::mutex mutex_;
    std::string first_;
    Listener listener_;
};

struct Row {
    std::string options;
    std::vector<std::string> begins_or_has;  // the first: how the request begins
    std::string lacks = {};
};
std::ostream &operator<<(std::ostream &out, const Row &row) { return out << row.options; }

const Row kRequests[] = {
    {"", {"HEAD / HTTP/1.1\r\n", "\r\nHost: 127.0.0.1:", "\r\nUser-Agent: mod_stickybalancer\r\n"}},
    {"method=GET uri=/health?deep=1", {"GET /health?deep=1 HTTP/1.1\r\n"}},
    {"method=OPTIONS uri=/a/../b%20c", {"OPTIONS /a/../b%20c HTTP/1.1\r\n"}},
    {"http-version=1.0 uri=/index.html", {"HEAD /index.html HTTP/1.0\r\n"}},
    {"host=www.example.org", {"HEAD / HTTP/1.1\r\n", "\r\nHost: www.example.org\r\n"}, "127.0.0.1"},
    {"host=www.example.org:8443", {"HEAD", "\r\nHost: www.example.org:8443\r\n"}},
    {"header=\"X-Probe: lb 1\" \"header=X-Other: two\"",
     {"HEAD", "\r\nX-Probe: lb 1\r\n", "\r\nX-Other: two\r\n"}},
    {"header='User-Agent: check'", {"HEAD", "\r\nUser-Agent: check\r\n"}, "mod_stickybalancer"},
    {"match=OK", {"GET / HTTP/1.1\r\n"}},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(check_options_test)

BOOST_DATA_TEST_CASE_F(Checked, a_request_is_as_its_line_says,
                       boost::unit_test::data::make(kRequests))
{
    RawMember raw;
    start("StickyCheck http interval=200ms fall=1000 member=b port=" + raw.port() + " " +
          sample.options);
    const auto request = raw.first();
    BOOST_TEST(request.starts_with(sample.begins_or_has.front()), request);
    for (const auto &part : sample.begins_or_has)
        BOOST_TEST(request.find(part) != std::string::npos, request);
    if (!sample.lacks.empty())
        BOOST_TEST(request.find(sample.lacks) == std::string::npos, request);
    httpd.log().allow("SB2104");
}

BOOST_FIXTURE_TEST_CASE(a_probe_of_an_old_kind_is_understood, Checked)
{
    start("StickyCheck http http-version=1.0 header=\"X-Probe: lb\" uri=/running interval=200ms");
    BOOST_TEST(wait_for_checks(b, "/running", 2));
    BOOST_TEST(b.last_request().headers.first("X-Probe") == "lb");
    BOOST_TEST(shown(1, "Actual") == "up");
}

BOOST_FIXTURE_TEST_CASE(checks_come_from_the_source_that_is_named, Checked)
{
    start(
        "StickyCheck http uri=/running interval=200ms source=127.0.0.9\n"
        "StickyMember b source=127.0.0.8\n"
        "StickyCheck http uri=/running interval=200ms member=b");
    BOOST_TEST(wait_for_checks(a, "/running", 1));
    BOOST_TEST(wait_for_checks(b, "/running", 1));
    BOOST_TEST(a.last_request().peer == "127.0.0.9");
    BOOST_TEST(b.last_request().peer == "127.0.0.8");
}

BOOST_FIXTURE_TEST_CASE(a_source_that_cannot_be_used_takes_nobody_down, Checked)
{
    start("StickyCheck http interval=200ms fall=1 source=192.0.2.1");
    httpd.log().expect("SB1139");
    httpd.log().expect("SB2108");
    BOOST_TEST(httpd.log().has("no connection can be made from source="));
    BOOST_TEST(share_of_new_clients(*this, 10)["b"] == 5);
    BOOST_TEST(shown(1, "Check") == "none");
}

BOOST_FIXTURE_TEST_CASE(expect_lists_the_answers_that_pass, Checked)
{
    a.on("/running", Answer{.status = 503});
    b.on("/running", Answer{.status = 204});
    start("StickyCheck http uri=/running interval=200ms expect=200,500-503");
    httpd.log().expect("SB2104");
    BOOST_TEST(httpd.log().has("204 in "));
    BOOST_TEST((share_of_new_clients(*this, 10) == Share{{"a", 10}}));
}

BOOST_FIXTURE_TEST_CASE(a_redirection_passes_and_is_not_followed, Checked)
{
    b.on("/running", Answer{.status = 302, .headers = {{"Location", "/elsewhere"}}});
    start("StickyCheck http uri=/running interval=200ms");
    BOOST_TEST(wait_for_checks(b, "/running", 3));
    BOOST_TEST(count_of(b, "/elsewhere") == 0);
    BOOST_TEST(shown(1, "Actual") == "up");
}

BOOST_FIXTURE_TEST_CASE(the_body_must_match_within_its_first_64k, Checked)
{
    const auto padded = [](std::size_t size) {
        return Answer{.body = std::string(size, 'x') + "\nstate=OK" + std::string(100'000, 'y')};
    };
    start("StickyCheck http uri=/running interval=200ms fall=1 rise=1 match='state=(OK|WARN)'");
    httpd.log().expect("200, and the body does not match");  // the member's name
    b.on("/running", padded(65'000));
    BOOST_TEST(wait_shown(1, "Actual", "up"));
    b.on("/running", padded(65'530));
    BOOST_TEST(wait_shown(1, "Actual", "down"));
}

BOOST_FIXTURE_TEST_CASE(each_member_has_its_own_interval_and_one_that_is_down_another, Checked)
{
    start(
        "StickyCheck http uri=/running interval=1h fall=1 rise=1\n"
        "StickyCheck http uri=/running interval=200ms down-interval=1h fall=1 member=b");
    BOOST_TEST(wait_for_checks(b, "/running", 20));
    BOOST_TEST(
        wait_until(within(std::chrono::seconds(5)), [&] { return count_of(a, "/running") >= 1; }));
    BOOST_TEST(count_of(a, "/running") == 1);
    b.on("/running", Answer{.status = 500});
    httpd.log().expect("SB2104");
    // One may have been planned before it was found down.
    const auto count = count_of(b, "/running");
    BOOST_TEST(!wait_until(within(std::chrono::milliseconds(1200)),
                           [&] { return count_of(b, "/running") > count + 1; }));
}

BOOST_FIXTURE_TEST_CASE(a_member_may_be_left_out, Checked)
{
    start("StickyCheck http uri=/running interval=200ms\nStickyCheck off member=b");
    BOOST_TEST(wait_for_checks(a, "/running", 5));
    BOOST_TEST(count_of(b, "/running") == 0);
    BOOST_TEST(shown(1, "Check") == "off");
}

BOOST_FIXTURE_TEST_CASE(sockets_in_the_file_system_are_checked, Scenario)
{
    auto u = start_member("u", MemberKind::kUnixSocket);
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{u.url}" route=u
            StickyCheck http uri=/running interval=200ms
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    BOOST_TEST(Checked::wait_for_checks(u, "/running", 3));
    u.stop();
    httpd.log().expect("SB2104");
}

BOOST_FIXTURE_TEST_CASE(members_of_other_protocols_are_checked_by_tcp, Scenario)
{
    auto j = start_member("j", MemberKind::kAjp);
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{j.url}" route=j
            StickyCheck tcp interval=200ms
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    BOOST_TEST(new_browser().get("/").member == "j");
    j.stop();
    httpd.log().expect("SB2104");
}

BOOST_AUTO_TEST_SUITE_END()
