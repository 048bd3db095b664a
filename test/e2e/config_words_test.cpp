// SPDX-License-Identifier: Apache-2.0
//
// The words of the directives: what is not understood is refused with its line, the value and what
// to write instead.
// Caught if: a slip is taken for something else, or the message does not help.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/e2e/config_lines.hpp"

using namespace stickybalancer::test;

namespace {

const std::vector<ConfigLine> kLines = {
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
    {"StickyCookie insert maxage=1500ms", {"maxage='1500ms' is no whole number of seconds"}},
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
    check_line(*this, sample);
}

BOOST_AUTO_TEST_SUITE_END()
