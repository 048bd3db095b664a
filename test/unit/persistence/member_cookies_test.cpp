// SPDX-License-Identifier: Apache-2.0
//
// Caught if: the member sees what is ours, or does not get each other cookie as the client sent it.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

#include "core/persistence/cookie_value.hpp"
#include "core/persistence/member_cookies.hpp"
#include "test/unit/support/allocations.hpp"
#include "test/unit/support/exact.hpp"
#include "test/unit/support/keys.hpp"
#include "test/unit/support/print.hpp"
#include "test/unit/support/written.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using namespace std::string_view_literals;
using persistence::CookieMode;
using persistence::Seal;

namespace {

struct Row {
    std::string_view header, expected;
};
std::ostream &operator<<(std::ostream &out, const Row &row)
{
    return out << '[' << printable(row.header) << ']';
}

const Row kHidden[] = {
    {"R=.a", ""},
    {" R=.a ", ""},
    {"R=", ""},
    {"R=\"\"", ""},
    {"R=.a;", ""},
    {"R=.a; x=1", "x=1"},
    {"x=1; R=.a", "x=1"},
    {"x=1; R=.a; y=2", "x=1; y=2"},
    {"x=1;R=.a;y=2", "x=1;y=2"},
    {"x=1 ; R = .a ;  y=2 ", "x=1 ; y=2 "},
    {"x=1; R=.a;", "x=1"},
    {"x=1; R=.a; ", "x=1"},
    {"x=1 ;\tR=.a", "x=1 "},
    {"; R=.a", ""},
    {"R=.a; R=.b", ""},
    {"R=.a; R=; R=.b; x=1", "x=1"},
    {"R=.a; x=1; R=.b", "x=1"},
    {"x=1; R=.a; R=.b; y=2", "x=1; y=2"},
    {"x=1; R=.a; y=2; R=.b", "x=1; y=2"},
    {"x=1; R=.gone; y=2", "x=1; y=2"},
    {"x=\"a, b\"; R=.a; y=\"c", "x=\"a, b\"; y=\"c"},
    {"R=\".a\"; y=2", "y=2"},
    {"R=a=b; y=2", "y=2"},
    {"RR=1; R=.a; r=2; xR=3", "RR=1; r=2; xR=3"},
    {"x=R=.a; R=.a", "x=R=.a"},
    {"x=1;; R=.a;; y=2", "x=1;; ; y=2"},
    // several Cookie lines that httpd has made one
    {"x=1, R=.a", "x=1"},
    {"R=.a, x=1", "x=1"},
    {"x=1, R=.a, y=2", "x=1, y=2"},
    {"x=1; R=.a, y=2", "x=1; y=2"},
    {"x=1, R=.a; y=2", "x=1, y=2"},
    {"R=.a, R=.b", ""},
    {"x=1, ;R=.a", "x=1, "},
    {"R=.a,y=2", ""},  // one value: a bare comma ends nothing
    // any byte
    {"x=\xFF\0; R=\x01; y=\xFE"sv, "x=\xFF\0; y=\xFE"sv},
};

const std::string_view kNothingOfOurs[] = {
    "",  " ",      ";",      "x=1",      "x=1; y=2", "r=.a", "xR=.a", "Rx=.a",
    "R", "x=R=.a", "x R=.a", "x=1,R=.a", "\"R\"=.a", "=R",   "; ;",   "x=\"R=.a\"",
};

const Row kUnprefixed[] = {
    {"R=a~1", "R=1"},
    {"R=a~", "R="},
    {"R=~1", "R=1"},
    {"R=~", "R="},
    {"R=gone~1", "R=1"},
    {"R=a~x~y", "R=x~y"},
    {"R=\"a~1\"", "R=\"1\""},
    {"R=\"a~\"", "R=\"\""},
    {"R=\"a~1", "R=\"1"},
    {"R=a~\"1\"", "R=\"1\""},
    {"x=1; R=a~1; y=2", "x=1; R=1; y=2"},
    {"x=1; R=a~; y=2", "x=1; R=; y=2"},
    {"x=1; R=a~", "x=1; R="},
    {"x=1;  R = a~1 ; y=2 ", "x=1;  R = 1 ; y=2 "},
    {"R=a~1; R=b~2", "R=1; R=2"},
    {"R=1; R=b~2; R=3", "R=1; R=2; R=3"},
    {"R=a~1, R=b~2", "R=1, R=2"},
    {"x=1, R=b~2, y=3", "x=1, R=2, y=3"},
    {"x=a~1; R=a~1; xR=a~1", "x=a~1; R=1; xR=a~1"},
    {"R=a~1;", "R=1;"},
    {"R=a~;", "R=;"},
};

struct Cutter {
    persistence::Settings settings;

    Cutter()
    {
        settings.mode = CookieMode::kInsert;
        settings.cookie_name = "R";
        settings.hides_cookie = true;
    }
    // What the member gets; "(as it is)" where nothing is ours.
    std::string member_gets(std::string_view header)
    {
        const Exact exact(header);
        bool has_ours = false;
        const auto text = written(
            [&](auto &out) { has_ours = persistence::write_member_cookies(out, exact, settings); });
        BOOST_TEST((has_ours || text.empty()));
        BOOST_TEST(text.size() <= header.size());
        return has_ours ? text : "(as it is)";
    }
};

struct SealedPrefix : Cutter {
    std::string signed_text, opaque_text;

    SealedPrefix()
    {
        settings.mode = CookieMode::kPrefix;
        settings.keys = keys_of({"k1"});
        signed_text = value_of(Seal::kSigned) + "~";
        opaque_text = value_of(Seal::kOpaque) + "~";
    }
    std::string value_of(Seal seal)
    {
        settings.seal = seal;
        return written([&](auto &out) {
            persistence::write_cookie_value(out, settings, "a", {1'700'000'000, 1'700'000'000}, 1);
        });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(member_cookies_test, Cutter)

BOOST_DATA_TEST_CASE_F(Cutter, a_hidden_cookie_goes_and_the_others_stay_as_they_are, kHidden, row)
{
    for (const auto mode : {CookieMode::kInsert, CookieMode::kRewrite, CookieMode::kPassive}) {
        settings.mode = mode;
        BOOST_TEST(member_gets(row.header) == row.expected);
    }
}

BOOST_DATA_TEST_CASE_F(Cutter, a_header_without_our_cookie_is_left_alone, kNothingOfOurs, header)
{
    BOOST_TEST(member_gets(header) == "(as it is)");
    settings.mode = CookieMode::kPrefix;
    BOOST_TEST(member_gets(header) == "(as it is)");
}

BOOST_DATA_TEST_CASE_F(Cutter, a_prefix_goes_and_the_value_stays_as_it_is, kUnprefixed, row)
{
    settings.mode = CookieMode::kPrefix;
    for (const bool hides : {false, true}) {
        settings.hides_cookie = hides;
        BOOST_TEST(member_gets(row.header) == row.expected);
    }
}

BOOST_AUTO_TEST_CASE(a_cookie_that_is_not_hidden_is_left_alone)
{
    settings.hides_cookie = false;
    BOOST_TEST(member_gets("x=1; R=.a") == "(as it is)");
    settings.mode = CookieMode::kPrefix;
    BOOST_TEST(member_gets("x=1; R=a") == "(as it is)");
}

BOOST_AUTO_TEST_CASE(where_no_cookie_is_read_none_is_hidden)
{
    settings.mode = CookieMode::kOff;
    BOOST_TEST(member_gets("x=1; R=.a") == "(as it is)");
    settings.mode = CookieMode::kInsert;
    settings.cookie_name.clear();
    BOOST_TEST(member_gets("x=1; =.a") == "(as it is)");
}

BOOST_FIXTURE_TEST_CASE(on_a_sealed_balancer_only_what_looks_like_a_token_is_a_prefix, SealedPrefix)
{
    for (const auto seal : {Seal::kSigned, Seal::kOpaque}) {
        settings.seal = seal;
        BOOST_TEST(member_gets("R=" + signed_text + "1; x=2") == "R=1; x=2");
        BOOST_TEST(member_gets("R=\"" + opaque_text + "1\"; x=2") == "R=\"1\"; x=2");
        BOOST_TEST(member_gets("R=" + opaque_text + "x~y") == "R=x~y");
        BOOST_TEST(member_gets("R=a~1") == "(as it is)");
        BOOST_TEST(member_gets("R=~1") == "(as it is)");
        BOOST_TEST(member_gets("R=" + opaque_text.substr(1)) == "(as it is)");
        BOOST_TEST(member_gets("R=x" + signed_text) == "(as it is)");
        BOOST_TEST(member_gets("R=a~1; R=" + opaque_text + "2") == "R=a~1; R=2");
    }
}

BOOST_FIXTURE_TEST_CASE(where_plain_values_are_accepted_every_prefix_goes, SealedPrefix)
{
    settings.accepts_plain = true;
    BOOST_TEST(member_gets("R=a~1; R=" + signed_text + "2; R=~3") == "R=1; R=2; R=3");
}

BOOST_AUTO_TEST_CASE(every_beginning_of_a_header_is_cut_without_harm)
{
    const std::string_view header = " x=1 ; R=\"a~1\", R=b~;; R = c ~\t, y=R=~2; R=~";
    for (const auto mode : {CookieMode::kInsert, CookieMode::kPrefix}) {
        settings.mode = mode;
        for (std::size_t size = 0; size <= header.size(); ++size)
            member_gets(header.substr(0, size));
    }
}

BOOST_AUTO_TEST_CASE(cookies_are_cut_without_asking_for_memory)
{
    char text[64];
    const auto before = allocation_count();
    base::BoundedWriter out(text);
    BOOST_TEST(persistence::write_member_cookies(out, "x=1; R=.a; y=2", settings));
    settings.mode = CookieMode::kPrefix;
    BOOST_TEST(persistence::write_member_cookies(out, "x=1; R=a~1; y=2", settings));
    BOOST_TEST(allocation_count() - before == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
