// SPDX-License-Identifier: Apache-2.0
//
// BALANCER_* means what it means with mod_proxy_balancer: the same requests go to it, in a second
// httpd with the same members, and both logs must say the same.
// Caught if: a variable has another value, is absent, or is there where it should not be.
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

const char *const kLog = R"(
    CustomLog logs/environment.log "id=%{X-Id}i name=%{BALANCER_NAME}e \
member=%{BALANCER_WORKER_NAME}e route=%{BALANCER_WORKER_ROUTE}e \
sticky=%{BALANCER_SESSION_STICKY}e session=%{BALANCER_SESSION_ROUTE}e \
changed=%{BALANCER_ROUTE_CHANGED}e status=%>s"
)";

struct Pair : Scenario {
    FakeMember a = start_member("a"), b = start_member("b"), c = start_member("c");
    HttpdInstance *stock = nullptr;

    static std::string site(const std::string &members, const std::string &settings,
                            const std::string &sticky)
    {
        return "<Proxy \"balancer://app\">\n" + members + "ProxySet lbmethod=byrequests\n" +
               sticky + "\n</Proxy>\nProxyPass \"/\" \"balancer://app/\" " + settings + '\n' + kLog;
    }
    void start(const std::string &sticky, const std::string &settings,
               const std::string &members =
                   "BalancerMember \"{a.url}\" route=a\n"
                   "BalancerMember \"{b.url}\" route=b\n"
                   "BalancerMember \"{c.url}\" route=c\n")
    {
        start_httpd(site(members, settings, sticky));
        stock = &start_other_httpd(site(members, settings, ""));
    }
    // What is logged of one request.
    std::string logged(HttpdInstance &proxy, const std::string &target, const std::string &cookie)
    {
        const auto id = "id=" + std::to_string(++count_) + ' ';
        Headers headers = {{"X-Id", std::to_string(count_)}};
        if (!cookie.empty())
            headers.push_back({"Cookie", cookie});
        new_browser(options_for(proxy, Protocol::kHttp1)).get(target, headers);
        std::string line;
        wait_until(within(std::chrono::seconds(10)), [&] {
            const auto log = read_file(proxy.root() / "logs/environment.log");
            const auto begin = log.find(id);
            const auto end = begin == std::string::npos ? begin : log.find('\n', begin);
            if (end == std::string::npos)
                return false;
            line = log.substr(begin + id.size(), end - begin - id.size());
            return true;
        });
        return line;
    }
    // The line, where both say the same; "changed=1" and so on can be asked of it.
    std::string same(const std::string &target, const std::string &cookie = {})
    {
        const auto ours = logged(httpd, target, cookie), theirs = logged(*stock, target, cookie);
        BOOST_TEST(ours == theirs,
                   target << " with " << cookie << "\nours:  " << ours << "\nstock: " << theirs);
        const auto line = httpd.access_log().lines().back();
        BOOST_TEST((line.at("member") != "-" || line.at("status") == "503"));  // it was us
        return theirs;
    }

private:
    int count_ = 0;
};

bool has(const std::string &line, const std::string &field)
{
    return (' ' + line + ' ').find(' ' + field + ' ') != std::string::npos;
}

const std::vector<std::string> kModes = {"StickyBalancer On", "StickyCookie insert",
                                         "StickyCookie passive"};

}  // namespace

BOOST_AUTO_TEST_SUITE(stock_environment_test)

BOOST_FIXTURE_TEST_CASE(new_valid_and_unknown, Pair)
{
    for (const auto &mode : kModes)
        BOOST_TEST_CONTEXT(mode)
        {
            start(mode, "stickysession=ROUTEID");
            for (int i = 0; i < 6; ++i)
                BOOST_TEST(has(same("/new"), "changed=1"));
            for (const auto *cookie : {"ROUTEID=.b", "ROUTEID=session.b", "x=1; ROUTEID=.c; y=2"}) {
                const auto line = same("/bound", cookie);
                BOOST_TEST(has(line, "changed=-"));
                BOOST_TEST(has(line, "sticky=ROUTEID"));
            }
            BOOST_TEST(has(same("/unknown", "ROUTEID=.zzz"), "session=zzz"));
            BOOST_TEST(has(same("/unknown", "ROUTEID=s.zzz"), "changed=1"));
            same("/empty", "ROUTEID=");
            same("/empty", "ROUTEID=.");
            same("/empty", "ROUTEID=session.");
            same("/other", "XROUTEX=.b");
            httpd.wait_until_idle(std::chrono::seconds(5));
            httpd.stop();
        }
}

BOOST_FIXTURE_TEST_CASE(without_stickysession, Pair)
{
    start("StickyBalancer On", "");
    for (int i = 0; i < 4; ++i)
        BOOST_TEST(has(same("/new", i % 2 ? "ROUTEID=.b" : ""), "changed=-"));
}

BOOST_FIXTURE_TEST_CASE(sessions_of_urls, Pair)
{
    start("StickyCookie passive", "stickysession=JSESSIONID|jsessionid scolonpathdelim=On");
    for (const auto *target : {"/page?jsessionid=1.b", "/page;jsessionid=1.b", "/page?x=1"})
        for (const auto *cookie : {"", "JSESSIONID=2.zzz"})
            if (*cookie == '\0' || std::string(target).ends_with("x=1"))
                same(target, cookie);
    BOOST_TEST(has(same("/page?jsessionid=1.b"), "sticky=jsessionid"));
    BOOST_TEST(has(same("/page", "JSESSIONID=2.c"), "sticky=JSESSIONID"));
    BOOST_TEST(has(same("/page?jsessionid=1.zzz"), "session=zzz"));
}

BOOST_FIXTURE_TEST_CASE(redirected_routes, Pair)
{
    for (const auto &mode : kModes)
        BOOST_TEST_CONTEXT(mode)
        {
            start(mode, "stickysession=ROUTEID",
                  "BalancerMember \"{a.url}\" route=a\n"
                  "BalancerMember \"{b.url}\" route=b status=+D redirect=c\n"
                  "BalancerMember \"{c.url}\" route=c\n");
            for (int i = 0; i < 3; ++i) {
                const auto line = same("/", "ROUTEID=.b");
                BOOST_TEST(has(line, "route=c"));
                BOOST_TEST(has(line, "session=b"));
                BOOST_TEST(has(line, "changed=1"));
            }
            same("/", "ROUTEID=.c");
            httpd.wait_until_idle(std::chrono::seconds(5));
            httpd.stop();
        }
}

BOOST_FIXTURE_TEST_CASE(a_member_that_refuses, Pair)
{
    for (const auto &mode : kModes)
        BOOST_TEST_CONTEXT(mode)
        {
            b.start_again();
            start(mode, "stickysession=ROUTEID");
            same("/", "ROUTEID=.b");
            b.stop();
            for (auto *proxy : {&httpd, stock})
                for (const auto *id : {"AH00957", "AH00959", "AH01114", "SB2101"})
                    proxy->log().allow(id);
            for (int i = 0; i < 3; ++i) {  // refused, then known to be in error
                const auto line = same("/", "ROUTEID=.b");
                BOOST_TEST(!has(line, "route=b"));
                BOOST_TEST(has(line, "session=b"));
                BOOST_TEST(has(line, "changed=1"));
                BOOST_TEST(has(line, "status=200"));
            }
            same("/");
            httpd.wait_until_idle(std::chrono::seconds(5));
            httpd.stop();
        }
}

BOOST_FIXTURE_TEST_CASE(drained_members_and_no_failover, Pair)
{
    start("StickyCookie insert", "stickysession=ROUTEID nofailover=On",
          "BalancerMember \"{a.url}\" route=a\n"
          "BalancerMember \"{b.url}\" route=b status=+N\n"
          "BalancerMember \"{c.url}\" route=c status=+D\n");
    BOOST_TEST(has(same("/", "ROUTEID=.b"), "route=b"));
    BOOST_TEST(has(same("/", "ROUTEID=.c"), "status=503"));
    same("/", "ROUTEID=.zzz");
    same("/");
    for (auto *proxy : {&httpd, stock})
        for (const auto *id : {"AH01167", "AH01166", "SB"})
            proxy->log().allow(id);
}

BOOST_AUTO_TEST_SUITE_END()
