// SPDX-License-Identifier: Apache-2.0
//
// Caught if: a line of another cookie is taken for ours, or a byte of a line changes that is not its
// value.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/persistence/cookie_value.hpp"
#include "core/persistence/set_cookie.hpp"
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
using persistence::sets_cookie_named;

namespace {

const std::string_view kOfOurName[] = {
    "SID=1",           "SID=",   "SID==",      "SID=1; path=/; HttpOnly",
    "SID=; Max-Age=0", " SID=1", "\tSID\t =1", "SID =1",
    "SID=a=b",         "SID=;",  "SID=SID",    "SID=\"a;b\"",
};

const std::string_view kOfAnother[] = {
    "",      "=",         ";",      "SID",       "SID;=1",  "SID; path=/", "sid=1",
    "Sid=1", "SIDE=1",    "XSID=1", "S=ID",      "a=SID=1", "a=1; SID=2",  "a=1, SID=2",
    "=SID",  "\"SID\"=1", "S ID=1", "SID\0=1"sv, "\nSID=1", "; SID=1",
};

struct Row {
    std::string_view line, rewritten, prefixed;
};
std::ostream &operator<<(std::ostream &out, const Row &row)
{
    return out << '[' << printable(row.line) << ']';
}

struct SetRow {
    std::string_view line, value, expires;
    bool ends;
};
std::ostream &operator<<(std::ostream &out, const SetRow &row)
{
    return out << '[' << printable(row.line) << ']';
}

const SetRow kSet[] = {
    {"SID=1", "1", "", false},
    {" SID = 1 ; path=/", "1", "", false},
    {"SID=\"1\"; path=/", "1", "", false},
    {"SID=a=b", "a=b", "", false},
    {"SID=1, x", "1", "", false},  // what comes back is read so
    {"SID=\xFF\0; x"sv, "\xFF\0"sv, "", false},
    // deleted
    {"SID=", "", "", true},
    {"SID=\"\"; path=/", "", "", true},
    {"SID=1; Max-Age=0", "1", "", true},
    {"SID=1;max-age=-5", "1", "", true},
    {"SID=1; MAX-AGE = 000 ", "1", "", true},
    {"SID=1; Max-Age=60; Max-Age=0", "1", "", true},
    // kept
    {"SID=1; Max-Age=60", "1", "", false},
    {"SID=1; Max-Age=0; Max-Age=60", "1", "", false},
    {"SID=1; Max-Age=060", "1", "", false},
    {"SID=1; Max-Age=99999999999999999999999999", "1", "", false},
    // no number, so no Max-Age
    {"SID=1; Max-Age=", "1", "", false},
    {"SID=1; Max-Age=-", "1", "", false},
    {"SID=1; Max-Age=+0", "1", "", false},
    {"SID=1; Max-Age=0x", "1", "", false},
    {"SID=1; Max-Age", "1", "", false},
    {"SID=1; xMax-Age=0", "1", "", false},
    {"SID=1 Max-Age=0", "1 Max-Age=0", "", false},
    // a date
    {"SID=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; path=/", "1", "Thu, 01 Jan 1970 00:00:00 GMT",
     false},
    {"SID=1; expires= a ;EXPIRES=b", "1", "b", false},
    {"SID=1; Expires=a; Max-Age=60", "1", "", false},
    {"SID=1; Max-Age=0; Expires=a", "1", "", true},
    {"SID=1; Max-Age=x; Expires=a", "1", "a", false},
    {"SID=1; Expires", "1", "", false},
    {"SID=1;;;", "1", "", false},
};

const Row kEdited[] = {
    {"SID=1", "SID=.a", "SID=a~1"},
    {"SID=1; path=/; HttpOnly", "SID=.a; path=/; HttpOnly", "SID=a~1; path=/; HttpOnly"},
    {"SID=1;path=/", "SID=.a;path=/", "SID=a~1;path=/"},
    {"SID=1;", "SID=.a;", "SID=a~1;"},
    {"SID=a=b==; x", "SID=.a; x", "SID=a~a=b==; x"},
    {"SID=x~y; path=/", "SID=.a; path=/", "SID=a~x~y; path=/"},
    {"SID=two words", "SID=.a", "SID=a~two words"},
    {"SID=1, a=2; path=/", "SID=.a; path=/", "SID=a~1, a=2; path=/"},
    {"SID=1; x=\"SID=2\"; SID=3", "SID=.a; x=\"SID=2\"; SID=3", "SID=a~1; x=\"SID=2\"; SID=3"},
    {"SID=\xFF\0; x"sv, "SID=.a; x", "SID=a~\xFF\0; x"sv},
    // white space
    {" SID = 1 ; path=/ ", " SID = .a ; path=/ ", " SID = a~1 ; path=/ "},
    {"SID=\t1\t", "SID=\t.a\t", "SID=\ta~1\t"},
    {"SID=1;  path=/", "SID=.a;  path=/", "SID=a~1;  path=/"},
    // no value
    {"SID=", "SID=.a", "SID=a~"},
    {"SID= ", "SID= .a", "SID= a~"},
    {"SID=;", "SID=.a;", "SID=a~;"},
    {"SID=; Max-Age=0; path=/", "SID=.a; Max-Age=0; path=/", "SID=a~; Max-Age=0; path=/"},
    {"SID= ; Max-Age=0", "SID= .a; Max-Age=0", "SID= a~; Max-Age=0"},
    // quotes
    {"SID=\"1\"", "SID=.a", "SID=\"a~1\""},
    {"SID=\"1\"; path=/", "SID=.a; path=/", "SID=\"a~1\"; path=/"},
    {"SID=\"1\" ; path=/", "SID=.a ; path=/", "SID=\"a~1\" ; path=/"},
    {"SID=\"a;b\"; path=/", "SID=.a; path=/", "SID=\"a~a;b\"; path=/"},
    {"SID=\"\"; path=/", "SID=.a; path=/", "SID=\"a~\"; path=/"},
    {"SID=\"1; path=/", "SID=.a; path=/", "SID=\"a~1; path=/"},
    {"SID=\"1; x=\"2\"", "SID=.a; x=\"2\"", "SID=\"a~1; x=\"2\""},
    {"SID=\"1\"2; path=/", "SID=.a; path=/", "SID=\"a~1\"2; path=/"},
    {"SID=1\"; path=\"/", "SID=.a; path=\"/", "SID=a~1\"; path=\"/"},
    {"SID=\"", "SID=.a", "SID=\"a~"},
    {"SID=1; path=\"/;\"", "SID=.a; path=\"/;\"", "SID=a~1; path=\"/;\""},
};

struct Editor {
    persistence::Settings settings;

    std::string edited(std::string_view line, CookieMode mode,
                       const persistence::CookieDates &dates = {}, std::uint64_t salt = 1)
    {
        settings.mode = mode;
        settings.cookie_name = "SID";
        const Exact exact(line);
        return written([&](auto &out) {
            persistence::write_edited_cookie(out, exact, settings, "a", dates, salt);
        });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(set_cookie_test, Editor)

BOOST_DATA_TEST_CASE(a_line_sets_the_cookie_in_front_of_its_first_equals_sign, kOfOurName, line)
{
    BOOST_TEST(sets_cookie_named(Exact(line), Exact("SID"sv)));
}

BOOST_DATA_TEST_CASE(a_line_of_another_name_or_of_none_is_not_ours, kOfAnother, line)
{
    BOOST_TEST(!sets_cookie_named(Exact(line), Exact("SID"sv)));
}

BOOST_DATA_TEST_CASE(it_is_told_what_the_client_brings_back_and_until_when, kSet, row)
{
    const Exact line(row.line);
    const auto before = allocation_count();
    const auto set = persistence::read_cookie_set(line, "SID");
    BOOST_TEST(allocation_count() - before == 0u);
    BOOST_TEST(set.value == row.value);
    BOOST_TEST(set.expires == row.expires);
    BOOST_TEST(set.ends == row.ends);
}

BOOST_DATA_TEST_CASE_F(Editor, the_value_is_replaced_and_nothing_else, kEdited, row)
{
    BOOST_TEST(sets_cookie_named(row.line, "SID"));
    BOOST_TEST(edited(row.line, CookieMode::kRewrite) == row.rewritten);
}

BOOST_DATA_TEST_CASE_F(Editor, our_part_stands_in_front_of_the_value_inside_its_quotes, kEdited,
                       row)
{
    BOOST_TEST(edited(row.line, CookieMode::kPrefix) == row.prefixed);
}

BOOST_AUTO_TEST_CASE(a_sealed_value_is_a_token_with_the_route_or_without)
{
    settings.keys = keys_of({"k1"});
    const persistence::CookieDates dates{1'700'000'000, 1'700'003'600};
    settings.seal = Seal::kSigned;
    const auto is_token = [](std::string_view text, std::size_t size) {
        return text.substr(0, size).find_first_of(".~;") == std::string_view::npos;
    };
    const auto rewritten = edited("SID=1; path=/", CookieMode::kRewrite, dates);
    BOOST_TEST(rewritten.substr(44) == ".a; path=/");
    BOOST_TEST(is_token(rewritten.substr(4), 40));
    BOOST_TEST(edited("SID=\"1\"", CookieMode::kPrefix, dates).substr(45) == ".a~1\"");
    settings.seal = Seal::kOpaque;
    BOOST_TEST(edited("SID=1; path=/", CookieMode::kRewrite, dates).substr(64) == "; path=/");
    const auto prefixed = edited("SID=1", CookieMode::kPrefix, dates);
    BOOST_TEST(prefixed.substr(64) == "~1");
    BOOST_TEST(is_token(prefixed.substr(4), 60));
    BOOST_TEST(prefixed != edited("SID=1", CookieMode::kPrefix, dates, 2));
}

BOOST_AUTO_TEST_CASE(every_beginning_of_a_line_is_edited_without_harm)
{
    const std::string_view line = "SID=\t\"a;b\" \t; x=\"y\"; SID=\"z\"";
    for (std::size_t size = 4; size <= line.size(); ++size) {
        const auto prefixed = edited(line.substr(0, size), CookieMode::kPrefix);
        BOOST_TEST(prefixed.size() == size + 2);
        BOOST_TEST(edited(line.substr(0, size), CookieMode::kRewrite).starts_with("SID="));
    }
}

BOOST_AUTO_TEST_CASE(a_line_is_edited_without_asking_for_memory)
{
    settings.mode = CookieMode::kPrefix;
    char text[64];
    const auto before = allocation_count();
    base::BoundedWriter out(text);
    persistence::write_edited_cookie(out, "SID=\"1\"; path=/", settings, "a", {}, 1);
    BOOST_TEST(allocation_count() - before == 0u);
    BOOST_TEST(out.fits());
}

BOOST_AUTO_TEST_SUITE_END()
