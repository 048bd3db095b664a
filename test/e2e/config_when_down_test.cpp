// SPDX-License-Identifier: Apache-2.0
//
// StickyWhenDown, draindeadline and drainidle in the configuration: what is understood, where they may stand, and
// what contradicts nofailover=.
// Caught if: a slip is taken for something else, a section has another effect than meant, or a contradiction starts.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/e2e/config_lines.hpp"
#include "test/support/temporary_directory.hpp"

using namespace stickybalancer::test;

namespace {

const std::vector<ConfigLine> kLines = {
    {"StickyWhenDown", {"redispatch, persist, redirect or reject"}},
    {"StickyWhenDown perhaps", {"'perhaps'", "redispatch, persist, redirect or reject"}},
    {"StickyWhenDown reject status=399", {"status='399'", "400 to 599"}},
    {"StickyWhenDown reject status=600", {"status='600'", "400 to 599"}},
    {"StickyWhenDown reject retry-after=25h", {"retry-after='25h'", "0s to 86400s"}},
    {"StickyWhenDown reject retry-after=500ms",
     {"retry-after='500ms' is no whole number of seconds", "0s to 86400s"}},
    {"StickyWhenDown reject retry-after=soon", {"retry-after='soon'", "duration"}},
    {"StickyWhenDown redispatch status=503", {"status=", "no effect with redispatch", "reject"}},
    {"StickyWhenDown persist retry-after=3", {"retry-after=", "no effect with persist"}},
    {"StickyWhenDown reject url=/sorry", {"url=", "no effect with reject", "redirect"}},
    {"StickyWhenDown redirect", {"redirect needs url="}},
    {"StickyWhenDown redirect url=sorry", {"url='sorry'", "https://"}},
    {"StickyWhenDown redirect url=//elsewhere", {"url='//elsewhere'"}},
    {"StickyWhenDown redirect url=ftp://host/", {"url='ftp://host/'"}},
    {"StickyWhenDown redirect url=https://", {"url='https://'"}},
    {"StickyWhenDown redirect \"url=/a b\"", {"url='/a b'"}},
    {"StickyWhenDown redirect url=", {"url=''"}},
    {"StickyMember a draindeadline=366d", {"draindeadline='366d'", "365d"}},
    {"StickyMember a drainidle=31d", {"drainidle='31d'", "2592000s"}},
    {"StickyMember a drainidle=500ms", {"drainidle='500ms' is no whole number of seconds"}},
    {"StickyMember a drainidle=1500ms", {"drainidle='1500ms' is no whole number of seconds"}},
    {"StickyMember a drainidle=late", {"drainidle='late'", "duration"}},
    {"StickyWhenDown redispatch", {}},
    {"StickyWhenDown persist", {}},
    {"StickyWhenDown Reject STATUS=404 retry-after=0", {}},
    {"StickyWhenDown reject retry-after=1d", {}},
    {"StickyWhenDown reject retry-after=3000ms", {}},
    {"StickyWhenDown redirect url=HTTPS://status.example.test/?a=b#c", {}},
    {"StickyWhenDown redirect url=/sorry.html", {}},
    {"StickyMember * draindeadline=2h drainidle=5min", {}},
    {"StickyMember a draindeadline=0 drainidle=0", {}},
};

struct Section {
    std::string open, close;
    bool accepted;
    std::string says;
};
std::ostream &operator<<(std::ostream &out, const Section &section) { return out << section.open; }

const std::vector<Section> kSections = {
    {"<Location \"/\">", "</Location>", true, ""},
    {"<LocationMatch \"^/api\">", "</LocationMatch>", true, ""},
    {"<Directory \"/\">", "</Directory>", true, ""},
    {"<Files \"x\">", "</Files>", true, ""},
    {"<If \"true\">", "</If>", true, ""},
    {"<Proxy \"balancer://app\">", "</Proxy>", true, ""},
    {"<Proxy \"*\">", "</Proxy>", false, "is not one whole balancer"},
    {"<Proxy \"balancer://app/admin\">", "</Proxy>", false, "is not one whole balancer"},
    {"<ProxyMatch \"^balancer://app\">", "</ProxyMatch>", false, "is not one whole balancer"},
    {"<VirtualHost 127.0.0.1:1>", "</VirtualHost>", false, "or inside <Location>"},
    {"<IfModule stickybalancer_module>", "</IfModule>", false,
     "write it inside <Proxy \"balancer://NAME\">, or inside <Location>"},
    {"<Location \"/\">\n<Limit GET>", "</Limit>\n</Location>", false, "<Limit>"},
};

const std::string kMember = "BalancerMember \"http://127.0.0.1:13001\" route=1\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(config_when_down_test)

BOOST_DATA_TEST_CASE_F(Scenario, a_line_is_right_or_refused, boost::unit_test::data::make(kLines))
{
    check_line(*this, sample);
}

BOOST_DATA_TEST_CASE_F(Scenario, a_section_takes_or_refuses_it,
                       boost::unit_test::data::make(kSections))
{
    const auto result = httpd.config_test(sample.open + "\nStickyWhenDown reject\n" + sample.close +
                                          "\n<Proxy \"balancer://app\">\n" + kMember +
                                          "</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n");
    BOOST_TEST(result.accepted() == sample.accepted, result.output);
    BOOST_TEST(result.says(sample.says), result.output);
}

BOOST_FIXTURE_TEST_CASE(who_may_be_moved_and_may_not_is_a_contradiction, Scenario)
{
    const auto test = [this](const std::string &line) {
        return httpd.config_test("<Proxy \"balancer://app\">\n" + kMember +
                                 "ProxySet nofailover=On\n" + line +
                                 "\nStickyCookie insert\n</Proxy>\n"
                                 "ProxyPass \"/\" \"balancer://app/\"\n"
                                 "<Location \"/free\">\nStickyWhenDown redispatch\n</Location>\n");
    };
    for (const std::string word : {"redispatch", "persist"}) {
        const auto result = test("StickyWhenDown " + word);
        BOOST_TEST(!result.accepted());
        BOOST_TEST(result.says("SB1140"), result.output);
        BOOST_TEST(result.says("line 4"), result.output);
        BOOST_TEST(result.says("StickyWhenDown " + word + " of balancer://app"), result.output);
    }
    BOOST_TEST(test("StickyWhenDown reject").accepted());
    BOOST_TEST(test("StickyWhenDown redirect url=/sorry").accepted());
    BOOST_TEST(test("# nothing").accepted());
}

// It is a directive in the balancer's own section, so the balancer is this module's.
BOOST_FIXTURE_TEST_CASE(a_section_that_has_it_is_ours_and_a_location_makes_none, Scenario)
{
    start_member("a");
    start_httpd(R"(
        <Location "/">
            StickyWhenDown reject
        </Location>
        <Proxy "balancer://one">
            BalancerMember "{a.url}" route=a
            StickyWhenDown persist
        </Proxy>
        <Proxy "balancer://other">
            BalancerMember "{a.url}" route=a
        </Proxy>
        ProxyPass "/one/" "balancer://one/"
        ProxyPass "/other/" "balancer://other/"
    )");
    httpd.log().expect("SB1001: electing members for 1 of 2 balancers");
    BOOST_TEST(new_browser().get("/one/").member == "a");
    BOOST_TEST(new_browser().get("/other/").member == "a");
}

BOOST_FIXTURE_TEST_CASE(a_per_directory_file_may_not_have_it, Scenario)
{
    write_file(httpd.root() / "htdocs/.htaccess", "StickyWhenDown reject\n");
    start_httpd(
        "<Directory \"{root}/htdocs\">\nAllowOverride All\nRequire all granted\n</Directory>\n");
    BOOST_TEST(new_browser().get("/").status == 500);
    httpd.log().expect("StickyWhenDown not allowed here");
}

BOOST_AUTO_TEST_SUITE_END()
