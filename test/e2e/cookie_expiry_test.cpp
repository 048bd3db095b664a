// SPDX-License-Identifier: Apache-2.0
//
// maxidle= and maxlife=: a cookie that was not seen for so long, or was first issued so long ago,
// binds nobody any more. What time would do is done by dates that are made up.
// Caught if: an old cookie is followed, a living one is not, use prolongs a life beyond maxlife,
// or a cookie is sent with each answer.
#include <boost/test/unit_test.hpp>

#include <ctime>
#include <regex>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

constexpr std::time_t kMinute = 60, kHour = 3600, kDay = 24 * kHour;

// A cookie's two times are written in base 36.
std::string base_36(std::time_t time)
{
    std::string text;
    for (; time > 0; time /= 36)
        text.insert(text.begin(), "0123456789abcdefghijklmnopqrstuvwxyz"[time % 36]);
    return text;
}

std::string dated(std::time_t issued_ago, std::time_t seen_ago, const std::string &route = "b")
{
    const auto now = this_second();
    return base_36(now - issued_ago) + '-' + base_36(now - seen_ago) + '.' + route;
}

// Of a Set-Cookie line; its route too.
struct Dates {
    std::time_t issued_ago = -1, seen_ago = -1;
    std::string route;
};
Dates dates_of(const std::string &line)
{
    static const std::regex kDated("[^=]+=([0-9a-z]{1,9})-([0-9a-z]{1,9})\\.([a-z]+);.*");
    std::smatch found;
    if (!std::regex_match(line, found, kDated))
        return {};
    const auto ago = [](const std::string &text) {
        return this_second() - std::time_t{std::stoll(text, nullptr, 36)};
    };
    return {ago(found[1]), ago(found[2]), found[3]};
}

bool is_now(std::time_t ago) { return ago >= 0 && ago <= 10; }

struct ThreeBalancers : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");
    int count = 0;

    ThreeBalancers()
    {
        std::string text;
        for (const auto &[name, options] :
             {std::pair("idle", "maxidle=30min"), std::pair("life", "maxlife=8h"),
              std::pair("both", "maxidle=30min maxlife=8h"), std::pair("dash", "maxidle=30min")})
            text += std::string("<Proxy \"balancer://") + name +
                    "\">\nBalancerMember \"{a.url}\" route=a\n"
                    "BalancerMember \"{b.url}\" route=b\nStickyCookie insert name=" +
                    name + ' ' + options + "\n</Proxy>\nProxyPass \"/" + name +
                    "/\" \"balancer://" + name + "/\"" +
                    (name == std::string("dash") ? " stickysessionsep=-\n" : "\n");
        start_httpd(text);
    }
    struct Seen {
        std::string state, cause, member, line;
        Dates dates;
    };
    Seen ask(const std::string &balancer, const std::string &value)
    {
        const auto uri = '/' + balancer + '/' + std::to_string(++count);
        const auto answer = new_browser().get(uri, {{"Cookie", balancer + '=' + value}});
        const auto line = logged(httpd, uri);
        BOOST_TEST(answer.set_cookies().size() <= 1u, answer);
        return {line.at("state"), line.at("cause"), answer.member, answer.set_cookie(balancer),
                dates_of(answer.set_cookie(balancer))};
    }
    void check_followed(const std::string &balancer, const std::string &value)
    {
        const auto seen = ask(balancer, value);
        BOOST_TEST_CONTEXT(balancer << '=' << value << " got " << seen.line)
        {
            BOOST_TEST(seen.state == "VN");
            BOOST_TEST(seen.cause == "cookie");
            BOOST_TEST(seen.member == "b");
            BOOST_TEST(seen.line == "");
        }
    }
    // The new cookie says that it was issued so long ago.
    void check_renewed(const std::string &balancer, const std::string &value, std::time_t issued)
    {
        const auto seen = ask(balancer, value);
        BOOST_TEST_CONTEXT(balancer << '=' << value << " got " << seen.line)
        {
            BOOST_TEST(seen.state == "VU");
            BOOST_TEST(seen.cause == "cookie");
            BOOST_TEST(seen.member == "b");
            BOOST_TEST(seen.dates.route == "b");
            BOOST_TEST(is_now(seen.dates.seen_ago));
            BOOST_TEST(is_now(seen.dates.issued_ago - issued));
        }
    }
    void check_refused(const std::string &balancer, const std::string &value,
                       const std::string &letters)
    {
        const auto seen = ask(balancer, value);
        BOOST_TEST_CONTEXT(balancer << '=' << value << " got " << seen.line)
        {
            BOOST_TEST(letters.find(seen.state.at(0)) != letters.npos, seen.state);
            BOOST_TEST(seen.state.substr(1) == "I");
            BOOST_TEST(seen.cause == "policy");
            BOOST_TEST(seen.dates.route == seen.member);
            BOOST_TEST(is_now(seen.dates.seen_ago));
            BOOST_TEST(is_now(seen.dates.issued_ago));
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_expiry_test)

BOOST_FIXTURE_TEST_CASE(a_new_client_is_dated_once, ThreeBalancers)
{
    for (const std::string balancer : {"idle", "life", "both", "dash"}) {
        Browser client = new_browser();
        const auto first = client.get('/' + balancer + "/first");
        if (balancer != "dash") {
            const auto dates = dates_of(first.set_cookie(balancer));
            BOOST_TEST(dates.route == first.member, first);
            BOOST_TEST(is_now(dates.issued_ago));
            BOOST_TEST(is_now(dates.seen_ago));
        }
        for (int i = 0; i < 4; ++i) {
            const auto answer = client.get('/' + balancer + "/again");
            BOOST_TEST(answer.member == first.member);
            BOOST_TEST(answer.set_cookies().empty(), answer);
        }
    }
}

// It is written anew at most once in a sixteenth of the time, which is 112.5 s.
BOOST_FIXTURE_TEST_CASE(idle, ThreeBalancers)
{
    for (const std::time_t age : {0, 60, 105})
        check_followed("idle", dated(age + 5, age));
    for (const std::time_t age : {120, 1000, 1780})
        check_renewed("idle", dated(20 * kDay, age), 20 * kDay);
    for (const std::time_t age : {1805, 100'000})
        check_refused("idle", dated(20 * kDay, age), "E");
}

BOOST_FIXTURE_TEST_CASE(life, ThreeBalancers)
{
    for (const std::time_t age : {0, 1000, 28'000})
        check_followed("life", dated(age, age));
    check_followed("life", dated(7 * kHour, 0));
    for (const std::time_t age : {28'805, 100'000'000}) {
        check_refused("life", dated(age, age), "O");
        check_refused("life", dated(age, 0), "O");  // however often it was used
    }
}

BOOST_FIXTURE_TEST_CASE(both, ThreeBalancers)
{
    check_followed("both", dated(7 * kHour, kMinute));
    check_renewed("both", dated(7 * kHour, 20 * kMinute), 7 * kHour);
    check_refused("both", dated(kHour, kHour), "E");
    check_refused("both", dated(9 * kHour, kMinute), "O");
    check_refused("both", dated(9 * kHour, kHour), "O");  // life is looked at first
}

BOOST_FIXTURE_TEST_CASE(a_cookie_without_dates_is_dated_or_old, ThreeBalancers)
{
    for (const auto *value : {".b", "session.b"}) {
        check_renewed("idle", value, 0);
        for (const auto *balancer : {"life", "both"})
            check_refused(balancer, value, "O");
    }
    for (const auto *value :
         {"-.b", "1-.b", "-1.b", "zzzzzzzzzzzzzzzzzzzz-zzzzzzzzzzzzzzzzzzzz.b", "0-0.b"})
        for (const auto *balancer : {"life", "both"})
            check_refused(balancer, value, "OI");
}

// Clocks differ; but a date must not be good for ever.
BOOST_FIXTURE_TEST_CASE(dates_in_the_future_are_good_for_a_day, ThreeBalancers)
{
    for (const auto *balancer : {"idle", "life", "both"}) {
        const auto soon = ask(balancer, dated(-23 * kHour, -23 * kHour));
        BOOST_TEST(soon.state.at(0) == 'V', balancer);
        BOOST_TEST(soon.member == "b");
        check_refused(balancer, dated(-25 * kHour, -25 * kHour), "IEO");
        check_refused(balancer, dated(-4000 * kDay, -4000 * kDay), "IEO");
    }
    check_refused("idle", dated(kHour, -25 * kHour), "IEO");
    check_refused("life", dated(-25 * kHour, 0), "IEO");
}

BOOST_FIXTURE_TEST_CASE(another_member_begins_a_new_life, ThreeBalancers)
{
    b.stop();
    allow_failed_connections();
    for (const auto *balancer : {"idle", "life", "both"}) {
        const auto moved = ask(balancer, dated(7 * kHour, kMinute));
        BOOST_TEST(moved.member == "a", balancer);
        BOOST_TEST(moved.state == "DI", balancer);
        BOOST_TEST(moved.dates.route == "a", moved.line);
        BOOST_TEST(is_now(moved.dates.issued_ago));
        BOOST_TEST(is_now(moved.dates.seen_ago));
    }
}

BOOST_FIXTURE_TEST_CASE(a_route_that_is_gone_is_no_matter_of_age, ThreeBalancers)
{
    check_refused("both", dated(kMinute, kMinute, "gone"), "I");
}

BOOST_AUTO_TEST_SUITE_END()
