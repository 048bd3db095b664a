// SPDX-License-Identifier: Apache-2.0
//
// StickyOn and StickyTable: the words of a line, and what the lines of a balancer ask of each other.
// Caught if: a slip is taken for something else, a line that can have no effect is accepted in silence, or a
// message does not name line, value and what to write instead.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

struct Lines {
    std::string text;               // line 3 of the file, and what follows it in the section
    std::vector<std::string> says;  // empty: it is right
    std::string line = "line 3 of";
};
std::ostream &operator<<(std::ostream &out, const Lines &lines) { return out << lines.text; }

const std::vector<Lines> kWords = {
    {"StickyOn", {"StickyOn: '' is not known", "cookie:NAME", "expr:EXPRESSION"}},
    {"StickyOn JSESSIONID", {"StickyOn: 'JSESSIONID' is not known", "cookie:NAME"}},
    {"StickyOn cookie:", {"'cookie:' has no name"}},
    {"StickyOn client/33", {"'client/33'", "1 to 32"}},
    {"StickyOn cookie:SID", {}},
    {"StickyOn header:X-Session", {}},
    {"StickyOn query:sid", {}},
    {"StickyOn path:jsessionid", {}},
    {"StickyOn client", {}},
    {"StickyOn client/24/64", {}},
    {"StickyOn \"expr:%{req:X-User} %{HTTP_HOST}\"", {}},
    {"stickyon COOKIE:SID LEARN=Response", {}},
    {"StickyOn cookie:SID header:X-Session",
     {"'header:X-Session' is not an option", "learn=", "if="}},
    {"StickyOn cookie:SID forget=never", {"'forget=never' is not an option"}},

    {"StickyOn cookie:SID learn=response", {}},
    {"StickyOn header:SID learn=both", {}},
    {"StickyOn path:sid learn=request", {}},
    {"StickyOn path:sid learn=none", {}},
    {"StickyOn cookie:SID learn=always",
     {"learn='always' is not known", "none, request, response or both", "default both"}},
    {"StickyOn cookie:SID learn", {"'learn' is not an option"}},
    {"StickyOn cookie:SID learn=none learn=both", {"learn= is given twice"}},
    {"StickyOn query:sid learn=response",
     {"StickyOn: learn=response cannot be had with 'query:sid'",
      "use learn=request or learn=none"}},
    {"StickyOn path:sid learn=both", {"learn=both cannot be had with 'path:sid'"}},
    {"StickyOn learn=both client", {"'learn=both' is not known"}},
    {"StickyOn client/24 learn=both", {"learn=both cannot be had with 'client/24'"}},
    {"StickyOn \"expr:%{HTTP_HOST}\" learn=response", {"'expr:%{HTTP_HOST}'"}},

    {"StickyOn cookie:SID if=\"%{REQUEST_URI} =~ m#^/app#\"", {}},
    {"StickyOn cookie:SID \"if=%{HTTP_HOST} == 'a b'\" learn=none", {}},
    {"StickyOn cookie:SID if=", {"StickyOn: if='' is no condition"}},
    {"StickyOn cookie:SID if=soon", {"if='soon' is no condition", "ap_expr"}},
    {"StickyOn cookie:SID \"if=%{nothing:such} == '1'\"", {"is no condition"}},

    {"StickyOn cookie:SID\nStickyOn cookie:SID learn=none",
     {"StickyOn: 'cookie:SID' is the key of line 3 of", "too; write it once"},
     "line 4 of"},
    {"StickyOn header:X-Session\nStickyOn Header:x-session", {"of line 3 of"}, "line 4 of"},
    {"StickyOn client\nStickyOn client/32/128",
     {"'client/32/128' is the key of line 3"},
     "line 4 of"},
    {"StickyOn expr:%{HTTP_HOST}\nStickyOn expr:%{HTTP_HOST}", {"of line 3 of"}, "line 4 of"},
    {"StickyOn cookie:SID\nStickyOn cookie:sid\nStickyOn path:SID\nStickyOn header:SID", {}},
    {"StickyOn client\nStickyOn client/24\nStickyOn client/24/64", {}},
    {"StickyOn expr:%{HTTP_HOST}\nStickyOn expr:%{REQUEST_URI}", {}},

    {"StickyOn client\nStickyTable", {}},
    {"StickyOn client\nStickyTable size=16", {}},
    {"StickyOn client\nStickyTable SIZE=1000000000", {}},
    {"StickyOn client\nStickyTable size=30k", {}},
    {"StickyOn client\nStickyTable size=953M", {}},
    {"StickyTable size=15",
     {"StickyTable: size='15' is too low", "16 to 1000000000, or with k, m or g behind the number",
      "default 100k"}},
    {"StickyTable size=954m", {"size='954m' is too high"}},  // 1,000,341,504
    {"StickyTable size=1g", {"size='1g' is too high"}},
    {"StickyTable size=9999999999g", {"size='9999999999g' is not a whole number"}},
    {"StickyTable size=100kb", {"size='100kb' is not a whole number"}},
    {"StickyTable size=k", {"size='k' is not a whole number"}},
    {"StickyTable size=-1", {"size='-1' is not a whole number"}},
    {"StickyTable size=1.5k", {"size='1.5k' is not a whole number"}},
    {"StickyTable size=", {"size='' is not a whole number"}},
    {"StickyTable 100k", {"StickyTable: '100k' is not an option", "size=, expire=, full="}},
    {"StickyOn client\nStickyTable expire=1s", {}},
    {"StickyOn client\nStickyTable expire=400d", {}},
    {"StickyTable expire=999ms", {"expire='999ms' is too short", "1s to 400d", "default 30min"}},
    {"StickyTable expire=401d", {"expire='401d' is too long"}},
    {"StickyTable expire=never", {"expire='never' is not a duration"}},
    {"StickyOn client\nStickyTable size=1k expire=1h full=refuse", {}},
    {"StickyOn client\nStickyTable full=EVICT", {}},
    {"StickyTable full=wait", {"full='wait' is not known", "evict or refuse", "default evict"}},
    {"StickyTable full=evict full=refuse", {"full= is given twice"}},
};

std::string section(const std::string &lines)
{
    return "<Proxy \"balancer://app\">\nBalancerMember \"http://127.0.0.1:13001\" route=a\n" +
           lines + "\n</Proxy>\n";
}

std::string site(const std::string &lines)
{
    return section(lines) + "ProxyPass \"/\" \"balancer://app/\"\n";
}

std::string keys(int count)
{
    std::string lines;
    for (int i = 1; i <= count; ++i)
        lines += "StickyOn cookie:S" + std::to_string(i) + '\n';
    return lines;
}

void check_warned(const ConfigTest &result, const std::string &line)
{
    BOOST_TEST(result.accepted(), result.output);
    for (const auto &text :
         {std::string("SB1128"), line, std::string("StickyTable of balancer://app"),
          std::string("add StickyOn KEY")})
        BOOST_TEST(result.says(text), "'" << text << "' is not in:\n" << result.output);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(config_sessions_test)

BOOST_DATA_TEST_CASE_F(Scenario, a_line_is_right_or_refused, boost::unit_test::data::make(kWords))
{
    const auto result = httpd.config_test(site(sample.text));
    BOOST_TEST(result.accepted() == sample.says.empty(), result.output);
    for (const auto &text : sample.says)
        BOOST_TEST(result.says(text), "'" << text << "' is not in:\n" << result.output);
    if (sample.says.empty())
        BOOST_TEST(!result.says("SB1"), result.output);
    else
        BOOST_TEST(result.says(sample.line), result.output);
}

BOOST_FIXTURE_TEST_CASE(eight_keys_and_no_more, Scenario)
{
    BOOST_TEST(httpd.config_test(site(keys(8))).accepted());
    const auto refused = httpd.config_test(site(keys(9)));
    BOOST_TEST(!refused.accepted());
    for (const std::string text :
         {"SB1127", "line 11:", "balancer://app has 9 keys", "use at most 8"})
        BOOST_TEST(refused.says(text), "'" << text << "' is not in:\n" << refused.output);
}

BOOST_FIXTURE_TEST_CASE(a_later_section_adds_keys_and_may_name_the_same, Scenario)
{
    const std::string again = "<Proxy \"balancer://app\">\nStickyOn cookie:S1 learn=none\n";
    BOOST_TEST(httpd.config_test(site(keys(8)) + again + "</Proxy>\n").accepted());
    const auto refused = httpd.config_test(site(keys(8)) + again + "StickyOn client\n</Proxy>\n");
    BOOST_TEST(!refused.accepted());
    for (const std::string text : {"SB1127", "has 9 keys"})
        BOOST_TEST(refused.says(text), "'" << text << "' is not in:\n" << refused.output);
}

BOOST_FIXTURE_TEST_CASE(a_table_without_a_key_has_no_effect, Scenario)
{
    check_warned(httpd.config_test(site("StickyTable")), "line 3:");
    check_warned(httpd.config_test(site("StickyTable size=1k\nStickyCookie insert")), "line 3:");
    check_warned(httpd.config_test(site("StickyTable size=1k") + section("StickyTable expire=1h")),
                 "line 8:");
    // another section has the key
    const auto result =
        httpd.config_test(site("StickyTable size=1k") + section("StickyOn cookie:SID"));
    BOOST_TEST(result.accepted(), result.output);
    BOOST_TEST(!result.says("SB1128"), result.output);
    // not ours
    BOOST_TEST(!httpd.config_test(site("StickyTable size=1k\nStickyBalancer Off")).says("SB1128"));
}

// In the order of the balancer: 14 lines, then the virtual host's section.
BOOST_FIXTURE_TEST_CASE(a_virtual_host_may_add_keys_and_no_table_to_a_balancer_of_the_servers,
                        Scenario)
{
    const auto host = [](const std::string &lines) {
        return "<VirtualHost 127.0.0.1:1>\n<Proxy \"balancer://app\">\n" + lines +
               "\n</Proxy>\n</VirtualHost>\n";
    };
    const auto with_key = httpd.config_test(site("StickyTable size=1k") + host("StickyOn client"));
    BOOST_TEST(with_key.accepted(), with_key.output);
    BOOST_TEST(!with_key.says("SB1128"), with_key.output);
    const auto refused = httpd.config_test(site("StickyOn client") + host("StickyTable size=1k"));
    BOOST_TEST(!refused.accepted());
    for (const std::string text :
         {"SB1129", "line 8:", "members of balancer://app are the main server's", "outside of"})
        BOOST_TEST(refused.says(text), "'" << text << "' is not in:\n" << refused.output);
    // a host's own balancer
    const auto own =
        httpd.config_test("<VirtualHost 127.0.0.1:1>\n" +
                          site("StickyOn client\nStickyTable size=1k") + "</VirtualHost>\n");
    BOOST_TEST(own.accepted(), own.output);
}

// With a cookie that the application sets, a client without a route in it does not stay, but for the table.
BOOST_FIXTURE_TEST_CASE(with_a_key_a_member_needs_no_route, Scenario)
{
    const std::string routeless =
        "BalancerMember \"http://127.0.0.1:13002\"\nProxySet stickysession=SID\n";
    for (const std::string line : {"StickyBalancer On", "StickyOn cookie:SID\nStickyCookie insert"})
        BOOST_TEST(httpd.config_test(site(routeless + line)).says("SB1104"), line);
    const auto result = httpd.config_test(site(routeless + "StickyOn cookie:SID"));
    BOOST_TEST(result.accepted(), result.output);
    BOOST_TEST(!result.says("SB1"), result.output);
}

BOOST_FIXTURE_TEST_CASE(they_stand_in_a_balancers_section_only, Scenario)
{
    for (const std::string line : {"StickyOn client", "StickyTable size=1k"}) {
        const auto result = httpd.config_test("\n" + line + '\n' + site(""));
        BOOST_TEST(!result.accepted());
        BOOST_TEST(result.says("line 2 of"), result.output);
        BOOST_TEST(result.says(line.substr(0, line.find(' ')) + ": it is about one balancer"),
                   result.output);
    }
}

BOOST_FIXTURE_TEST_CASE(a_key_makes_the_balancer_ours, Scenario)
{
    start_member("a");
    start_httpd(
        "<Proxy \"balancer://app\">\nBalancerMember \"{a.url}\" route=a\nStickyOn cookie:SID\n"
        "</Proxy>\nProxyPass \"/\" \"balancer://app/\"\nHeader set X-Cause \"%{STICKY_CAUSE}e\"\n");
    BOOST_TEST(httpd.log().has("electing members for 1 of 1 balancers"));
    const auto answer = new_browser().get("/");
    BOOST_TEST(answer.member == "a");
    BOOST_TEST(answer.headers.first("X-Cause") == "policy");
}

BOOST_AUTO_TEST_SUITE_END()
