// SPDX-License-Identifier: Apache-2.0
//
// The words of the directives: what is not understood is refused with its line, the value and what
// to write instead.
// Caught if: a slip is taken for something else, or the message does not help.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

struct Line {
    std::string text;
    std::vector<std::string> says;  // empty: it is right
};
std::ostream &operator<<(std::ostream &out, const Line &line)
{
    return out << line.text.substr(0, 60);
}

const std::vector<Line> kLines = {
    {"StickyCookie", {"passive", "insert"}},
    {"StickyCookie always", {"'always'", "off, passive, prefix, rewrite or insert"}},
    {"StickyCookie name=x", {"'name=x'"}},
    {"StickyCookie insert passive", {"'passive'"}},
    {"StickyCookie insert colour=red", {"'colour=red'", "name=", "samesite="}},
    {"StickyCookie insert colour", {"'colour'"}},
    {"StickyCookie insert secure", {"'secure'"}},
    {"StickyCookie insert name=a name=b", {"name=", "twice"}},
    {"StickyCookie insert httponly=on secure=on httponly=off", {"httponly=", "twice"}},
    {"StickyCookie insert \"name=x", {"quote", "never closed"}},
    {"StickyCookie insert name=\"x", {"quote", "never closed"}},
    {"StickyCookie insert name='x", {"quote", "never closed"}},
    {"StickyCookie insert name=", {"name=''", "letters, digits"}},
    {"StickyCookie insert name=\"a b\"", {"name='a b'", "letters, digits"}},
    {"StickyCookie insert name=a;b", {"name='a;b'"}},
    {"StickyCookie insert name=a=b", {"name='a=b'"}},
    {"StickyCookie insert name=" + std::string(64, 'n'), {"at most 63"}},
    {"StickyCookie insert path=app", {"path='app'", "begins with '/'"}},
    {"StickyCookie insert \"path=/a;b\"", {"path='/a;b'"}},
    {"StickyCookie insert domain=a_b.test", {"domain='a_b.test'"}},
    {"StickyCookie insert domain=", {"domain=''"}},
    {"StickyCookie insert httponly=maybe", {"httponly='maybe'", "on or off"}},
    {"StickyCookie insert secure=yes", {"secure='yes'", "auto, on or off"}},
    {"StickyCookie insert samesite=loose", {"samesite='loose'", "lax, strict, none or off"}},
    {"StickyCookie insert maxage=0", {"maxage='0'", "1s to 34560000s"}},
    {"StickyCookie insert maxage=999ms", {"maxage='999ms'", "too short"}},
    {"StickyCookie insert maxage=401d", {"maxage='401d'", "too long"}},
    {"StickyCookie insert maxage=-5", {"maxage='-5'"}},
    {"StickyCookie insert maxage=soon", {"maxage='soon'", "duration"}},
    {"StickyCookie insert maxage=99999999999999999999999", {"maxage='9999"}},
    {"StickyBalancer", {"Off or On"}},
    {"StickyBalancer perhaps", {"'perhaps'", "Off or On"}},
    {"StickyBalancer On Off", {"'Off'"}},
    {"StickyBalancer On name=x", {"'name=x'"}},
    {"StickyCookie insert", {}},
    {"stickycookie INSERT HTTPONLY=Off SameSite=Strict", {}},
    {"StickyCookie insert \"name=x\" path=\"/a\" 'domain=example.test'", {}},
    {"StickyCookie insert   name=x\\\n   path=/a", {}},
    {"StickyCookie insert \"name=!#$%&'*+-.^_`|~\"", {}},
    {"StickyCookie insert maxage=400d", {}},
    {"StickyCookie insert maxage=90", {}},
    {"StickyCookie insert maxage=5m", {}},
    {"StickyCookie insert maxage=5min", {}},
    {"StickyCookie insert maxage=2h", {}},
    {"StickyCookie insert maxage=5000ms", {}},
    {"StickyCookie insert httponly=off secure=auto samesite=none", {}},
    {"StickyCookie passive", {}},
    {"StickyCookie off", {}},
    {"StickyBalancer On", {}},
    {"StickyBalancer off", {}},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(config_words_test)

BOOST_DATA_TEST_CASE_F(Scenario, a_line_is_right_or_refused, boost::unit_test::data::make(kLines))
{
    const auto result = httpd.config_test(
        "<Proxy \"balancer://app\">\n"
        "BalancerMember \"http://127.0.0.1:13001\" route=1\n" +
        sample.text +
        "\n</Proxy>\n"
        "ProxyPass \"/\" \"balancer://app/\"\n");
    BOOST_TEST(result.accepted() == sample.says.empty(), result.output);
    if (sample.says.empty()) {
        BOOST_TEST(!result.says("SB1"), result.output);
        return;
    }
    BOOST_TEST(result.says("line 3 of"), result.output);
    BOOST_TEST(result.says(sample.text.substr(0, sample.text.find(' '))), result.output);
    for (const auto &text : sample.says)
        BOOST_TEST(result.says(text), "'" << text << "' is not in:\n" << result.output);
}

BOOST_AUTO_TEST_SUITE_END()
