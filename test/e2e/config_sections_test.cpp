// SPDX-License-Identifier: Apache-2.0
//
// Where the directives may stand: at server and virtual-host level, and in the section of one whole
// balancer; nowhere else.
// Caught if: a directive is accepted where it would have no effect, or another effect than meant.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdlib>

#include "test/support/httpd_config.hpp"
#include "test/support/process.hpp"
#include "test/support/scenario.hpp"
#include "test/support/temporary_directory.hpp"
#include "test/support/wait.hpp"

using namespace stickybalancer::test;

namespace {

const std::string kBalancer =
    "<Proxy \"balancer://app\">\n"
    "BalancerMember \"http://127.0.0.1:13001\" route=1\n"
    "</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n";

struct Section {
    std::string open, close;
    bool accepted;
    std::string says;  // of the directive on line 2
};
std::ostream &operator<<(std::ostream &out, const Section &section) { return out << section.open; }

const std::string kAdvice = "write it inside <Proxy \"balancer://NAME\">";
const std::vector<Section> kSections = {
    {"<Location \"/\">", "</Location>", false, "not allowed in <Location>"},
    {"<LocationMatch \"^/\">", "</LocationMatch>", false, "not allowed in <LocationMatch>"},
    {"<Directory \"/\">", "</Directory>", false, "not allowed in <Directory>"},
    {"<Files \"x\">", "</Files>", false, "not allowed in <Files>"},
    {"<If \"true\">", "</If>", false, "not allowed in <If>"},
    {"<Proxy \"*\">", "</Proxy>", false, kAdvice},
    {"<Proxy \"http://www.example.test/*\">", "</Proxy>", false, kAdvice},
    {"<Proxy \"http://127.0.0.1:13001\">", "</Proxy>", false, kAdvice},
    {"<Proxy \"balancer://app/admin\">", "</Proxy>", false, kAdvice},
    {"<Proxy \"balancer://*\">", "</Proxy>", false, kAdvice},
    {"<ProxyMatch \"^balancer://app\">", "</ProxyMatch>", false, kAdvice},
    {"<Proxy \"balancer://app\">", "</Proxy>", true, ""},
    {"<Proxy \"balancer://app/\">", "</Proxy>", true, ""},
    {"<VirtualHost 127.0.0.1:1>", "</VirtualHost>", true, ""},
    {"<IfModule stickybalancer_module>", "</IfModule>", true, ""},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(config_sections_test)

BOOST_DATA_TEST_CASE_F(Scenario, a_section_takes_or_refuses_them,
                       boost::unit_test::data::make(kSections))
{
    for (const std::string directive : {"StickyCookie insert", "StickyBalancer On"}) {
        const auto result = httpd.config_test(sample.open + '\n' + directive + '\n' + sample.close +
                                              '\n' + kBalancer);
        BOOST_TEST(result.accepted() == sample.accepted, result.output);
        BOOST_TEST(result.says(sample.says), result.output);
        if (!sample.accepted) {
            BOOST_TEST(result.says("line 2 of"), result.output);
            BOOST_TEST(result.says(directive.substr(0, directive.find(' '))), result.output);
        }
    }
}

BOOST_FIXTURE_TEST_CASE(a_per_directory_file_may_not_have_them, Scenario)
{
    write_file(httpd.root() / "htdocs/.htaccess", "StickyBalancer On\n");
    start_httpd(
        "<Directory \"{root}/htdocs\">\nAllowOverride All\nRequire all granted\n</Directory>\n");
    BOOST_TEST(new_browser().get("/").status == 500);
    httpd.log().expect("StickyBalancer not allowed here");
}

// Of two lines some options of both would count.
BOOST_FIXTURE_TEST_CASE(a_line_that_may_stand_in_a_section_once_is_refused_the_second_time,
                        Scenario)
{
    const auto section = [](const std::string &lines) {
        return "<Proxy \"balancer://app\">\nBalancerMember \"http://127.0.0.1:13001\" route=a\n" +
               lines + "\n</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n";
    };
    const auto test = [&](const std::string &text, const std::string &directive) {
        const auto result = httpd.config_test(text);
        BOOST_TEST(!result.accepted(), text);
        BOOST_TEST(result.says(directive + ": it stands at line "), result.output);
        BOOST_TEST(result.says("write it once"), result.output);
    };
    for (const std::string line :
         {"StickyRetry attempts=2", "StickyWhenDown reject", "StickyCookie insert",
          "StickyTable size=2k", "StickyHash client", "StickyBalancer On"}) {
        test(section(line + '\n' + line), line.substr(0, line.find(' ')));
        const auto apart = httpd.config_test(section(line) + section(line));
        BOOST_TEST(apart.accepted(), apart.output);
    }
    test("<Location \"/\">\nStickyWhenDown reject\nStickyWhenDown persist\n</Location>\n",
         "StickyWhenDown");
    test("StickyMonitorURI /a\nStickyMonitorURI /b\n", "StickyMonitorURI");
    const auto hosts = httpd.config_test(
        section("StickyCookie insert") +
        "StickyMonitorURI /a\n<VirtualHost 127.0.0.1:9>\nStickyMonitorURI /a\n</VirtualHost>\n"
        "<Location \"/a\">\nStickyWhenDown reject\n</Location>\n"
        "<Location \"/b\">\nStickyWhenDown reject\n</Location>\n");
    BOOST_TEST(hosts.accepted(), hosts.output);
}

// What stands elsewhere may not be there: the message says where it may.
BOOST_FIXTURE_TEST_CASE(what_is_no_balancer_is_told_where_else, Scenario)
{
    const auto said = [this](const std::string &line) {
        return httpd.config_test("<Proxy \"http://foo\">\n" + line + "\n</Proxy>\n");
    };
    const auto check = said("StickyCheck tcp");
    BOOST_TEST(check.says("'http://foo' is not one whole balancer; write it inside <Proxy"));
    BOOST_TEST(!check.says("server or virtual host level"), check.output);
    BOOST_TEST(said("StickyWhenDown reject").says("or inside <Location> for some requests"));
    BOOST_TEST(said("StickyCookie insert").says("or at server or virtual host level"));
}

// What stands at server or virtual-host level sets defaults, and makes no balancer ours by itself.
BOOST_FIXTURE_TEST_CASE(defaults_alone_change_nothing, Scenario)
{
    start_member("a");
    start_httpd(R"(
        StickyCookie insert name=LB
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
        </Proxy>
        <Proxy "balancer://ours">
            BalancerMember "{a.url}" route=a
            StickyBalancer On
        </Proxy>
        ProxyPass "/ours/" "balancer://ours/"
        ProxyPass "/" "balancer://app/"
    )");
    BOOST_TEST(new_browser().get("/").set_cookies().empty());
    BOOST_TEST(new_browser().get("/ours/").set_cookie("LB") ==
               "LB=.a; path=/; HttpOnly; SameSite=Lax");
}

BOOST_FIXTURE_TEST_CASE(off_in_a_section_leaves_the_balancer_alone, Scenario)
{
    start_member("a");
    start_httpd(R"(
        StickyBalancer On
        StickyCookie insert
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            StickyBalancer Off
        </Proxy>
        <Proxy "balancer://ours">
            BalancerMember "{a.url}" route=a
        </Proxy>
        ProxyPass "/ours/" "balancer://ours/"
        ProxyPass "/" "balancer://app/"
    )");
    BOOST_TEST(new_browser().get("/").set_cookies().empty());
    BOOST_TEST(new_browser().get("/ours/").set_cookies().size() == 1u);
}

// Caught if: an administrator is not told which module is missing.
BOOST_AUTO_TEST_CASE(mod_proxy_balancer_must_be_loaded)
{
    const TemporaryDirectory root;
    const auto from = httpd_modules().string();
    std::string text =
        "ServerRoot " + root.path().string() + "\nServerName localhost\nErrorLog error.log\n";
    for (const auto *name : {"mpm_event", "authz_core", "proxy"})
        text += std::string("LoadModule ") + name + "_module " + from + "/mod_" + name + ".so\n";
    text += std::string("LoadModule stickybalancer_module ") + std::getenv("SB_MODULE") + "\n";
    text +=
        "<Proxy balancer://app>\nBalancerMember http://127.0.0.1:13001 route=1\n"
        "StickyCookie insert\n</Proxy>\n";
    write_file(root.path() / "httpd.conf", text);
    Process process(httpd_command({"-t", "-f", (root.path() / "httpd.conf").string()},
                                  root.path() / "output", root.path()));
    BOOST_TEST(process.wait_for_end(within(std::chrono::seconds(10))) != 0);
    const auto output = read_file(root.path() / "output");
    BOOST_TEST(output.find("SB1002") != output.npos);
    BOOST_TEST(output.find("mod_proxy_balancer is not loaded") != output.npos);
}

BOOST_AUTO_TEST_SUITE_END()
