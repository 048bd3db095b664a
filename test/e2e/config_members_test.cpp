// SPDX-License-Identifier: Apache-2.0
//
// StickyMember: the words of a line, which member it means, and what its options ask of each other
// and of the member.
// Caught if: a slip is taken for something else, a line that says nothing of anybody is accepted, or
// a message does not name line, value and what to write instead.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/e2e/config_lines.hpp"

using namespace stickybalancer::test;

namespace {

const std::string k63(63, 'l'), k64(64, 'l');

// Of one line: accepting, rejecting.
const std::vector<ConfigLine> kWords = {
    {"StickyMember", {"''", "a name"}},
    {"StickyMember \"\"", {"''", "a name"}},
    {"StickyMember " + std::string(513, 'n'), {"1 to 512"}},
    {"StickyMember a b", {"'b' is not an option", "label=", "maxconn=", "nolearn"}},
    {"StickyMember a colour=red", {"'colour=red' is not an option"}},
    {"StickyMember a weight", {"'weight'"}},
    {"StickyMember a", {}},
    {"stickymember a WEIGHT=5 MaxConn=10", {}},

    {"StickyMember a label=shop", {}},
    {"StickyMember a label=\"Shop, front\"", {}},
    {"StickyMember a label=" + k63, {}},
    {"StickyMember a label=Gesch\xC3\xA4"
     "ft",
     {}},
    {"StickyMember a label=Gesch\xE4"
     "ft",
     {"label=", "UTF-8"}},
    {"StickyMember a label=" + k64, {"label='" + k64 + "'", "1 to 63"}},
    {"StickyMember a label=", {"label=''", "1 to 63"}},
    {"StickyMember a label=x\x01y", {"label=", "control characters"}},
    {"StickyMember a label=x\xC2\x9By", {"label=", "control characters"}},  // CSI
    {"StickyMember a label=x\xE2\x80\xAEy",
     {"label=", "control characters"}},                            // from right to left
    {"StickyMember a label=x\xED\xA0\x80y", {"label=", "UTF-8"}},  // half of a pair
    {"StickyMember a label=x\xE0\x80\xAFy", {"label=", "UTF-8"}},  // a longer '/'
    {"StickyMember a label=x\xF0\x9F\x90\x98y\xE2\x82\xAC", {}},   // four bytes, and three

    {"StickyMember a source=127.0.0.9", {}},
    {"StickyMember a source=web1",
     {"source='web1' is not allowed", "use an IPv4 or IPv6 address of this machine"}},
    {"StickyMember a source=127.0.0.9:80", {"source='127.0.0.9:80'"}},
    {"StickyMember a source=127.1", {"source='127.1'"}},
    {"StickyMember a source=[::1]", {"source='[::1]'"}},
    {"StickyMember a source=", {"source=''"}},

    {"StickyMember a weight=0", {}},
    {"StickyMember a weight=256", {}},
    {"StickyMember a weight=257", {"weight='257' is too high", "0 to 256"}},
    {"StickyMember a weight=-1", {"weight='-1' is not a whole number", "0 to 256"}},
    {"StickyMember a weight=1.5", {"weight='1.5' is not a whole number"}},
    {"StickyMember a weight=", {"weight='' is not a whole number"}},
    {"StickyMember a weight=99999999999999999999", {"weight='9999"}},
    {"StickyMember a weight=1 weight=2", {"weight= is given twice"}},

    {"StickyMember a maxconn=1", {}},
    {"StickyMember a maxconn=1000000", {}},
    {"StickyMember a maxconn=0", {}},
    {"StickyMember a maxconn=1000001", {"maxconn='1000001' is too high", "0 to 1000000"}},
    {"StickyMember a maxconn=many", {"maxconn='many' is not a whole number"}},
    {"StickyMember a maxconn=5 minconn=5", {}},
    {"StickyMember a maxconn=5 minconn=x", {"minconn='x'", "0 to 1000000"}},
    {"StickyMember a maxconn=5 minconn=1000001", {"minconn='1000001'"}},
    {"StickyMember a maxconn=5 maxqueue=100", {}},
    {"StickyMember a maxconn=5 maxqueue=1k", {"maxqueue='1k'", "0 to 1000000"}},
    {"StickyMember a maxconn=5 maxqueue=1000001", {"maxqueue='1000001'"}},
    {"StickyMember a maxsessions=4000000", {}},
    {"StickyMember a maxsessions=4000001", {"maxsessions='4000001'", "0 to 4000000"}},
    {"StickyMember a maxsessions=some", {"maxsessions='some'"}},

    {"StickyMember a maxconn=5 queuetimeout=1ms", {}},
    {"StickyMember a maxconn=5 queuetimeout=1h", {}},
    {"StickyMember a maxconn=5 queuetimeout=0", {"queuetimeout='0' is too short", "1ms to 1h"}},
    {"StickyMember a maxconn=5 queuetimeout=61min", {"queuetimeout='61min' is too long"}},
    {"StickyMember a maxconn=5 queuetimeout=soon", {"queuetimeout='soon' is not a duration"}},
    {"StickyMember a slowstart=0", {}},
    {"StickyMember a slowstart=250ms", {}},
    {"StickyMember a slowstart=1d", {}},
    {"StickyMember a slowstart=25h", {"slowstart='25h' is too long", "0s to 1d"}},
    {"StickyMember a slowstart=-1", {"slowstart='-1' is not a duration"}},

    {"StickyMember spare failback=never", {}},
    {"StickyMember spare failback=immediate", {}},
    {"StickyMember spare failback=IDLE:10m", {}},
    {"StickyMember spare failback=idle:30d", {}},
    {"StickyMember spare failback=sometimes", {"failback='sometimes' is not known", "idle:T"}},
    {"StickyMember spare failback=idle", {"failback='idle' is not known"}},
    {"StickyMember spare failback=idle:", {"failback='idle:' has no duration"}},
    {"StickyMember spare failback=idle:999ms", {"failback='idle:999ms' is too short", "1s to 30d"}},
    {"StickyMember spare failback=idle:31d", {"failback='idle:31d' is too long"}},
    {"StickyMember spare nolearn", {}},
    {"StickyMember spare nolearn=off", {}},
    {"StickyMember spare nolearn=maybe", {"nolearn='maybe'", "on or off"}},
};

// Of the section as a whole. Members: a, two with the route twin, spare (a standby), and one without
// a route at 127.0.0.1:13005.
const std::vector<ConfigLine> kSections = {
    // names
    {"StickyMember * weight=2", {}},
    {"StickyMember twin weight=2\nStickyMember twin:2 weight=3", {}},
    {"StickyMember http://127.0.0.1:13001 weight=2", {}},
    {"StickyMember HTTP://127.0.0.1:13001/ weight=2", {}},
    {"StickyMember 127.0.0.1:13005 weight=2", {}},
    {"StickyMember 127.0.0.1:13001 weight=2", {}},
    {"StickyMember A weight=2",
     {"SB1117", "line 6", "'A'", "balancer://app",
      "its members are: a, twin, twin:2, spare, 127.0.0.1:13005"}},
    {"StickyMember twin:3 weight=2", {"SB1117", "'twin:3'"}},
    {"StickyMember twin:1 weight=2", {"SB1117", "'twin:1'"}},
    {"StickyMember http://127.0.0.1:13006 weight=2", {"SB1117", "'http://127.0.0.1:13006'"}},
    {"StickyMember https://127.0.0.1:13001 weight=2", {"SB1117"}},
    {"StickyMember 127.0.0.1 weight=2", {"SB1117", "'127.0.0.1'"}},
    // a URL and a path; the same host and port for two of them
    {"BalancerMember \"ws://localhost:80/chat\" route=chat\nStickyMember ws://LOCALHOST/chat/", {}},
    {"BalancerMember \"ws://localhost:80/chat\" route=chat\nStickyMember ws://localhost/Chat",
     {"SB1117"}},
    {"BalancerMember \"ws://127.0.0.1:13001\" route=x\nStickyMember 127.0.0.1:13001",
     {"SB1117", "line 7", "or several"}},
    {"BalancerMember \"http://127.0.0.1:13007\" route=twin:2\n"
     "StickyMember twin:2 weight=1\nStickyMember http://127.0.0.1:13003 weight=2",
     {}},  // the route that reads like it
    // several lines
    {"StickyMember a weight=2\nStickyMember a maxconn=5", {}},
    {"StickyMember a weight=2\nStickyMember * weight=5", {}},
    {"StickyMember a weight=2\nStickyMember a weight=2",
     {"SB1118", "line 7", "StickyMember a: weight", "line 6"}},
    {"StickyMember a maxconn=5\nStickyMember http://127.0.0.1:13001 label=x maxconn=6",
     {"SB1118", "line 7", "maxconn", "line 6"}},
    {"StickyMember * nolearn\nStickyMember * nolearn=off", {"SB1118", "line 7", "nolearn"}},
    {"StickyMember a weight=2\n</Proxy>\n<Proxy \"balancer://app\">\nStickyMember a weight=3", {}},
    // limits
    {"StickyMember a minconn=5", {"SB1119", "line 6", "minconn=", "add maxconn=1 to 1000000"}},
    {"StickyMember a minconn=0", {}},
    {"StickyMember a maxqueue=5", {"SB1119", "line 6", "maxqueue="}},
    {"StickyMember a queuetimeout=5s", {"SB1119", "line 6", "queuetimeout="}},
    {"StickyMember a maxqueue=5 maxconn=0", {"SB1119", "maxqueue="}},
    {"StickyMember a queuetimeout=5s\nStickyMember a maxconn=5", {}},
    {"StickyMember a queuetimeout=5s\nStickyMember * maxconn=5", {}},
    {"StickyMember a queuetimeout=5s\nStickyMember twin maxconn=5", {"SB1119", "line 6"}},
    {"StickyMember * queuetimeout=5s\nStickyMember a maxconn=5", {}},
    {"StickyMember * queuetimeout=5s", {"SB1119", "line 6", "StickyMember *"}},
    {"StickyMember * maxconn=5\nStickyMember a maxconn=0 queuetimeout=5s", {"SB1119", "line 7"}},
    {"StickyMember a queuetimeout=5s\nStickyMember * queuetimeout=6s",
     {"line 6: StickyMember a:", "line 7: StickyMember *:"}},
    {"StickyMember a minconn=6 maxconn=5",
     {"SB1120", "line 6", "minconn=6", "maxconn=5", "use 1 to 5"}},
    {"StickyMember a minconn=6\nStickyMember * maxconn=5", {"SB1120", "line 6"}},
    {"StickyMember * minconn=4 maxconn=5\nStickyMember a maxconn=3", {"SB1120", "line 6"}},
    {"StickyMember * minconn=4 maxconn=5\nStickyMember a maxconn=3 minconn=1", {}},
    {"StickyMember a minconn=6 maxconn=5\n</Proxy>\n<Proxy \"balancer://app\">\n"
     "StickyMember a minconn=4",
     {}},
    // addresses to connect from
    {"StickyMember a source=::1",
     {"SB1125", "line 6", "StickyMember a", "source=::1", "balancer://app", "an IPv4 address"}},
    {"BalancerMember \"http://[::1]:13006\" route=six\nStickyMember six source=::1", {}},
    {"BalancerMember \"http://[::1]:13006\" route=six\nStickyMember six source=127.0.0.9",
     {"SB1125", "line 7", "an IPv6 address; use one of this kind"}},
    {"BalancerMember \"http://localhost:13006\" route=name\nStickyMember name source=::1", {}},
    {"BalancerMember \"unix:/s|http://x\" route=file\nStickyMember file source=127.0.0.9",
     {"SB1125", "line 7", "a socket in the file system; leave it out"}},
    {"BalancerMember \"unix:/s|http://x\" route=file\nStickyMember * source=127.0.0.9", {}},
    {"StickyMember * source=::1", {"SB1125", "line 6", "StickyMember *"}},
    {"BalancerMember \"http://[::1]:13006\"\nStickyMember * source=::1", {}},
    // standbys
    {"StickyMember a failback=immediate",
     {"SB1121", "line 6", "failback=", "balancer://app", "status=+H"}},
    {"StickyMember a nolearn", {"SB1121", "line 6", "nolearn"}},
    {"StickyMember a failback=never nolearn=off", {}},
    {"StickyMember twin:2 failback=idle:1min nolearn", {}},
    {"StickyMember twin nolearn", {}},
    {"StickyMember * failback=immediate nolearn", {}},
};

// Members without a standby, and no two with one route.
const std::vector<ConfigLine> kAlone = {
    {"StickyMember * failback=immediate", {"SB1121", "line 4", "StickyMember *"}},
    {"StickyMember * nolearn", {"SB1121", "line 4"}},
    {"StickyMember * failback=never", {}},
};

std::string site(const std::string &lines)
{
    return "<Proxy \"balancer://app\">\n"
           "BalancerMember \"http://127.0.0.1:13001\" route=a\n"
           "BalancerMember \"http://127.0.0.1:13002\" route=twin\n"
           "BalancerMember \"http://127.0.0.1:13003\" route=twin\n"
           "BalancerMember \"http://127.0.0.1:13004\" route=spare status=+H\n" +
           lines +
           "\nBalancerMember \"http://127.0.0.1:13005\"\n"
           "</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n";
}

std::string plain_site(const std::string &lines)
{
    return "<Proxy \"balancer://app\">\n"
           "BalancerMember \"http://127.0.0.1:13001\" route=a\n"
           "BalancerMember \"http://127.0.0.1:13002\" route=b\n" +
           lines + "\n</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n";
}

int count(const std::string &text, const std::string &part)
{
    int found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(config_members_test)

BOOST_DATA_TEST_CASE_F(Scenario, a_line_is_right_or_refused, boost::unit_test::data::make(kWords))
{
    const auto result = httpd.config_test(site(sample.text));
    check_said(result, sample);
    if (!sample.says.empty()) {
        BOOST_TEST(result.says("line 6 of"), result.output);
        BOOST_TEST(result.says("StickyMember: "), result.output);
    }
}

BOOST_DATA_TEST_CASE_F(Scenario, lines_are_compared_with_the_members,
                       boost::unit_test::data::make(kSections))
{
    check_said(httpd.config_test(site(sample.text)), sample);
}

BOOST_DATA_TEST_CASE_F(Scenario, what_is_for_standbys_needs_one,
                       boost::unit_test::data::make(kAlone))
{
    check_said(httpd.config_test(plain_site(sample.text)), sample);
}

BOOST_FIXTURE_TEST_CASE(a_line_for_all_members_is_told_once, Scenario)
{
    const auto result = httpd.config_test(site("StickyMember * minconn=6 maxconn=5 nolearn"));
    BOOST_TEST(count(result.output, "SB1120") == 1, result.output);
}

// It may come up later, as that of a standby machine does.
BOOST_FIXTURE_TEST_CASE(an_address_that_is_not_here_is_told_of, Scenario)
{
    const auto result = httpd.config_test(site("StickyMember * source=192.0.2.9"));
    BOOST_TEST(result.accepted(), result.output);
    BOOST_TEST(count(result.output, "SB1126") == 1, result.output);
    BOOST_TEST(result.says("line 6: StickyMember *: source=192.0.2.9"), result.output);
}

BOOST_FIXTURE_TEST_CASE(of_many_members_a_few_are_listed, Scenario)
{
    std::string members;
    for (int i = 1; i <= 20; ++i)
        members += "BalancerMember \"http://127.0.0.1:" + std::to_string(14000 + i) + "\" route=m" +
                   std::to_string(i) + '\n';
    const auto result = httpd.config_test(plain_site(members + "StickyMember nobody"));
    BOOST_TEST(result.says("a, b, m1, m2,"), result.output);
    BOOST_TEST(result.says("m14 and 6 more"), result.output);
}

// A section of the main server is for the balancers of its name in all virtual hosts.
BOOST_FIXTURE_TEST_CASE(hosts_balancers_of_one_name_may_have_other_members, Scenario)
{
    const auto host = [](const std::string &route, const std::string &lines = "") {
        return "<VirtualHost 127.0.0.1:1>\nServerName " + route +
               "\n<Proxy \"balancer://app\">\nBalancerMember \"http://127.0.0.1:13009\" route=" +
               route + '\n' + lines +
               "</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n</VirtualHost>\n";
    };
    const auto server = [](const std::string &line) {
        return "<Proxy \"balancer://app\">\n" + line + "\n</Proxy>\n";
    };
    const auto right = httpd.config_test(server("StickyMember y weight=3") + host("y") +
                                         host("z", "StickyMember z weight=2\n"));
    BOOST_TEST(right.accepted(), right.output);
    const auto nowhere = httpd.config_test(server("StickyMember x weight=3") + host("y"));
    BOOST_TEST(!nowhere.accepted());
    BOOST_TEST(nowhere.says("SB1117"), nowhere.output);
    BOOST_TEST(nowhere.says("line 2:"), nowhere.output);
    const auto other_host = httpd.config_test(host("y") + host("z", "StickyMember y weight=2\n"));
    BOOST_TEST(!other_host.accepted());
    BOOST_TEST(other_host.says("SB1117"), other_host.output);
}

// Whose members are the main server's: limits are the same for everybody.
BOOST_FIXTURE_TEST_CASE(a_host_says_nothing_of_the_main_servers_members, Scenario)
{
    const auto result = httpd.config_test(
        plain_site("StickyMember a weight=3") +
        "<VirtualHost 127.0.0.1:1>\n<Proxy \"balancer://app\">\nStickyMember b weight=2\n"
        "StickyMember a weight=2\n</Proxy>\n</VirtualHost>\n");
    BOOST_TEST(!result.accepted());
    BOOST_TEST(count(result.output, "SB1124") == 1, result.output);
    BOOST_TEST(result.says("line 9: StickyMember b"), result.output);
    BOOST_TEST(result.says("outside of <VirtualHost>"), result.output);
}

// It belongs to one balancer, and makes that ours.
BOOST_FIXTURE_TEST_CASE(it_stands_in_a_balancers_section_only, Scenario)
{
    for (const std::string open : {"", "<VirtualHost 127.0.0.1:1>"}) {
        const auto result =
            httpd.config_test(open + "\nStickyMember a weight=2\n" +
                              (open.empty() ? "" : "</VirtualHost>\n") + plain_site(""));
        BOOST_TEST(!result.accepted());
        BOOST_TEST(result.says("line 2 of"), result.output);
        BOOST_TEST(result.says("StickyMember: it is about one balancer; write it inside <Proxy"),
                   result.output);
    }
}

BOOST_FIXTURE_TEST_CASE(it_makes_the_balancer_ours, Scenario)
{
    start_member("a");
    start_httpd(
        "<Proxy \"balancer://app\">\nBalancerMember \"{a.url}\" route=a\n"
        "StickyCookie off\nStickyMember a label=first\n</Proxy>\n"
        "ProxyPass \"/\" \"balancer://app/\"\n");
    BOOST_TEST(httpd.log().count("electing members for 1 of 1 balancers") == 1);
    BOOST_TEST(new_browser().get("/").member == "a");
}

// Option by option: a name over '*', a later section over an earlier one; what nobody says has its
// default.
BOOST_FIXTURE_TEST_CASE(lines_add_up, Scenario)
{
    start_member("a"), start_member("b");
    const auto c = start_member("c");
    start_httpd(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=a status=+H
            BalancerMember "{c.url}"
            StickyMember a:2 failback=idle:90s nolearn
            StickyMember * maxconn=20 minconn=4 maxqueue=50 queuetimeout=2500ms slowstart=1min \
                maxsessions=1000 label=all weight=7
            StickyMember a weight=0 label="the first" source=127.0.0.9
            StickyMember "{c.url}" maxconn=9
        </Proxy>
        <Proxy "balancer://app">
            StickyMember a:2 nolearn=off slowstart=0 maxsessions=5
            StickyMember * maxqueue=60
            StickyMember a minconn=1 queuetimeout=1s
        </Proxy>
        <Proxy "balancer://other">
            BalancerMember "{a.url}" route=a
            StickyMember a
        </Proxy>
        ProxyPass "/other/" "balancer://other/"
        ProxyPass "/" "balancer://app/"
    )");
    const auto expect = [this](const std::string &line) {
        BOOST_TEST(httpd.log().count("SB1006: balancer://" + line) == 1, line);
    };
    expect(
        "app: a: label='the first' weight=0 maxconn=20 minconn=1 maxqueue=60 queuetimeout=1000ms "
        "maxsessions=1000 slowstart=60000ms source=127.0.0.9 failback=never nolearn=off");
    expect(
        "app: a:2: label='all' weight=7 maxconn=20 minconn=4 maxqueue=60 queuetimeout=2500ms "
        "maxsessions=5 slowstart=0ms source=none failback=idle:90000ms nolearn=off");
    expect("app: 127.0.0.1:" + std::to_string(c.port()) +
           ": label='all' weight=7 maxconn=9 minconn=4 maxqueue=60 queuetimeout=2500ms "
           "maxsessions=1000 slowstart=60000ms source=none failback=never nolearn=off");
    expect(
        "other: a: label='' weight=loadfactor maxconn=0 minconn=0 maxqueue=0 queuetimeout=60000ms "
        "maxsessions=0 slowstart=0ms source=none failback=never nolearn=off");
    BOOST_TEST(httpd.log().count("SB1006") == 4);
}

// Off for the balancer: nothing is looked at.
BOOST_FIXTURE_TEST_CASE(off_stays_off, Scenario)
{
    start_member("a");
    start_httpd(
        "<Proxy \"balancer://app\">\nBalancerMember \"{a.url}\" route=a\n"
        "StickyBalancer Off\nStickyMember nobody weight=2\n</Proxy>\n"
        "ProxyPass \"/\" \"balancer://app/\"\n");
    BOOST_TEST(httpd.log().count("electing members for 0 of 1 balancers") == 1);
}

BOOST_FIXTURE_TEST_CASE(a_mistake_keeps_httpd_from_starting, Scenario)
{
    start_member("a");
    BOOST_CHECK_THROW(start_httpd("<Proxy \"balancer://app\">\nBalancerMember \"{a.url}\" "
                                  "route=a\nStickyMember nobody\n</Proxy>\n"
                                  "ProxyPass \"/\" \"balancer://app/\"\n"),
                      std::runtime_error);
    httpd.log().expect("SB1117");
    BOOST_TEST(httpd.log().count("SB1117") == 1);
    httpd.log().allow("AH00014");  // Configuration check failed
}

BOOST_AUTO_TEST_SUITE_END()
