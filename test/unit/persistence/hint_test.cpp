// SPDX-License-Identifier: Apache-2.0
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/persistence/hint.hpp"
#include "test/unit/support/exact.hpp"
#include "test/unit/support/members.hpp"
#include "test/unit/support/print.hpp"

using namespace stickybalancer;
using namespace std::string_view_literals;
using persistence::CookieState;
using persistence::Hint;
using persistence::HintSource;

namespace {

// persistence::RequestText, of which a test names only what it is about.
struct Asked {
    std::string_view forced_route = {}, cookie_header = {}, path = {}, query = {};
    bool ignore_persistence = false;
};

// Members a, b, and one whose route has dots and a dash in it. Cookie and URL parameter ROUTEID.
struct Reader {
    test::Members members;
    persistence::Settings settings;

    Reader()
    {
        members.add("a").add("b").add("dots", {.route = "x.y-z"}).add("none", {.route = ""});
        settings.mode = persistence::CookieMode::kPassive;
        settings.cookie_name = settings.url_parameter = "ROUTEID";
    }
    Hint read(const Asked &asked)
    {
        return read_hint({asked.forced_route, asked.cookie_header, asked.path, asked.query,
                          asked.ignore_persistence},
                         settings, members.table(), test::kNow_s);
    }
    Hint read_cookie(std::string_view header) { return read({.cookie_header = header}); }
    std::string named(const Hint &hint)
    {
        return hint.member == members::kNoMember
                   ? ""
                   : test::name_of(members.table()[hint.member].handle);
    }
};

struct Row {
    std::string_view value, member, asked_route;
};
std::ostream &operator<<(std::ostream &out, const Row &row)
{
    return out << '[' << test::printable(row.value) << ']';
}

const Row kValues[] = {
    {".a", "a", "a"},
    {"anything.a", "a", "a"},
    {"s44we8-s44z68.a", "a", "a"},
    {"a", "a", "a"},              // no separator: the route itself
    {".x.y-z", "dots", "x.y-z"},  // what follows the first separator
    {"id.x.y-z", "dots", "x.y-z"},
    {"id.with.dots.b", "b", "b"},  // else what follows the last
    {".a.b", "b", "b"},
    {"x.y-z", "", "y-z"},  // what follows a separator, not the whole
    {"..a", "a", "a"},
    {".a.", "", "a."},
    {".c", "", "c"},
    {"id.gone.too", "", "gone.too"},
    {".", "", ""},
    {"...", "", ".."},
    {".A", "", "A"},
    {".aa", "", "aa"},
    {". a", "", " a"},
    {".a\0"sv, "", "a\0"sv},
    {"\xFF.\xFE", "", "\xFE"},
    {"gone", "", ""},
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(hint_test, Reader)

BOOST_DATA_TEST_CASE_F(Reader,
                       a_value_names_a_member_by_what_follows_its_first_separator_or_its_last,
                       kValues, row)
{
    const test::Exact header("ROUTEID=" + std::string(row.value));
    const auto hint = read_cookie(header);
    BOOST_TEST(named(hint) == row.member);
    BOOST_TEST(hint.asked_route == row.asked_route);
    BOOST_TEST(hint.source == (row.member.empty() ? HintSource::kNone : HintSource::kCookie));
    BOOST_TEST(hint.cookie == (row.member.empty() ? CookieState::kInvalid : CookieState::kValid));
}

BOOST_AUTO_TEST_CASE(a_request_that_says_nothing_names_nobody)
{
    const auto hint = read({.path = "/"});
    BOOST_TEST(named(hint) == "");
    BOOST_TEST(hint.source == HintSource::kNone);
    BOOST_TEST(hint.asked_in == HintSource::kNone);
    BOOST_TEST(hint.cookie == CookieState::kNone);
    BOOST_TEST(hint.asked_route.empty());
    BOOST_TEST(!hint.cookie_dates.is_known());
}

BOOST_AUTO_TEST_CASE(every_cookie_is_tried_and_the_first_that_names_a_member_wins)
{
    BOOST_TEST(named(read_cookie("ROUTEID=junk; ROUTEID=.gone; ROUTEID=.b; ROUTEID=.a")) == "b");
    BOOST_TEST(named(read_cookie("ROUTEID=\".b\"; ROUTEID=.a")) == "b");
    BOOST_TEST(read_cookie("ROUTEID=.gone; ROUTEID=.b").cookie == CookieState::kValid);
    BOOST_TEST(read_cookie("ROUTEID=.gone; ROUTEID=.b").asked_route == "b");
}

BOOST_AUTO_TEST_CASE(what_was_asked_for_in_vain_is_told_once_the_first_of_it)
{
    const auto hint = read_cookie("ROUTEID=.gone; ROUTEID=.lost");
    BOOST_TEST(hint.asked_route == "gone");
    BOOST_TEST(hint.asked_in == HintSource::kCookie);
    BOOST_TEST(hint.source == HintSource::kNone);
    BOOST_TEST(hint.cookie == CookieState::kInvalid);
}

BOOST_AUTO_TEST_CASE(a_cookie_beats_the_path_and_the_path_beats_the_query)
{
    Asked request{.cookie_header = "ROUTEID=.a", .path = "/;ROUTEID=.b", .query = "ROUTEID=.x.y-z"};
    BOOST_TEST(named(read(request)) == "a");
    BOOST_TEST(read(request).source == HintSource::kCookie);
    request.cookie_header = "";
    BOOST_TEST(named(read(request)) == "b");
    BOOST_TEST(read(request).source == HintSource::kPath);
    request.path = "/";
    BOOST_TEST(named(read(request)) == "dots");
    BOOST_TEST(read(request).source == HintSource::kQuery);
}

BOOST_AUTO_TEST_CASE(a_cookie_that_names_nobody_leaves_the_word_to_the_url)
{
    const auto hint = read({.cookie_header = "ROUTEID=.gone", .path = "/;ROUTEID=.b"});
    BOOST_TEST(named(hint) == "b");
    BOOST_TEST(hint.source == HintSource::kPath);
    BOOST_TEST(hint.asked_route == "b");
    BOOST_TEST(hint.asked_in == HintSource::kPath);
    BOOST_TEST(hint.cookie == CookieState::kInvalid);
}

BOOST_AUTO_TEST_CASE(every_parameter_is_tried_in_the_path_and_then_in_the_query)
{
    BOOST_TEST(named(read({.path = "/;ROUTEID=.gone/;ROUTEID=.b", .query = "ROUTEID=.a"})) == "b");
    BOOST_TEST(named(read({.path = "/;ROUTEID=.gone", .query = "ROUTEID=.lost&ROUTEID=.b"})) ==
               "b");
    BOOST_TEST(read({.path = "/;ROUTEID=.gone", .query = "ROUTEID=.lost"}).asked_route == "gone");
    BOOST_TEST(read({.path = "/;ROUTEID=.gone", .query = "ROUTEID=.lost"}).asked_in ==
               HintSource::kPath);
}

BOOST_AUTO_TEST_CASE(a_semicolon_ends_a_parameter_only_where_it_is_said_to)
{
    const Asked request{.path = "/app;ROUTEID=1234.a;lang=en"};
    BOOST_TEST(named(read(request)) == "");
    settings.semicolon_ends_value = true;
    BOOST_TEST(named(read(request)) == "a");
}

BOOST_AUTO_TEST_CASE(cookie_and_parameter_have_names_of_their_own)
{
    settings.cookie_name = "JSESSIONID";
    settings.url_parameter = "jsessionid";
    BOOST_TEST(named(read({.cookie_header = "ROUTEID=.a; JSESSIONID=77.b"})) == "b");
    BOOST_TEST(named(read({.path = "/;JSESSIONID=.a", .query = "jsessionid=77.b"})) == "b");
}

BOOST_AUTO_TEST_CASE(where_no_cookie_is_read_none_is)
{
    settings.mode = persistence::CookieMode::kOff;
    BOOST_TEST(named(read_cookie("ROUTEID=.a")) == "");
    BOOST_TEST(read_cookie("ROUTEID=.a").cookie == CookieState::kNone);
    BOOST_TEST(named(read({.cookie_header = "ROUTEID=.a", .query = "ROUTEID=.b"})) == "b");
}

BOOST_AUTO_TEST_CASE(where_no_parameter_is_read_none_is)
{
    settings.url_parameter.clear();
    BOOST_TEST(named(read({.path = "/;ROUTEID=.a;=.a", .query = "ROUTEID=.a&=.a"})) == "");
}

BOOST_AUTO_TEST_CASE(without_a_separator_the_whole_value_is_the_route)
{
    settings.separator = 0;
    BOOST_TEST(named(read_cookie("ROUTEID=a")) == "a");
    BOOST_TEST(named(read_cookie("ROUTEID=x.y-z")) == "dots");
    BOOST_TEST(named(read_cookie("ROUTEID=.a")) == "");
    BOOST_TEST(named(read({.query = "ROUTEID=b"})) == "b");
}

BOOST_AUTO_TEST_CASE(without_a_separator_what_was_asked_for_in_vain_is_told_too)
{
    settings.separator = 0;
    BOOST_TEST(read_cookie("ROUTEID=gone").asked_route == "gone");
    BOOST_TEST(read_cookie("ROUTEID=gone").asked_in == HintSource::kCookie);
}

BOOST_AUTO_TEST_CASE(another_separator_is_as_good)
{
    settings.separator = '!';
    BOOST_TEST(named(read_cookie("ROUTEID=77!a")) == "a");
    BOOST_TEST(named(read_cookie("ROUTEID=77!x.y-z")) == "dots");
    BOOST_TEST(named(read_cookie("ROUTEID=77.a")) == "");
}

BOOST_AUTO_TEST_CASE(the_dates_are_those_of_the_cookie_that_names_the_member)
{
    const auto hint = read_cookie("ROUTEID=1-1.gone; ROUTEID=s44we8-s44z68.a; ROUTEID=2-2.b");
    BOOST_TEST(hint.cookie_dates.issued_s == 1'700'000'000);
    BOOST_TEST(hint.cookie_dates.seen_s == 1'700'003'600);
    BOOST_TEST(!read_cookie("ROUTEID=.a").cookie_dates.is_known());
    BOOST_TEST(!read_cookie("ROUTEID=session.a").cookie_dates.is_known());
}

BOOST_AUTO_TEST_CASE(a_route_that_looks_like_dates_is_no_dates)
{
    members.add("blue", {.route = "blue-1"});
    BOOST_TEST(named(read_cookie("ROUTEID=blue-1")) == "blue");
    BOOST_TEST(!read_cookie("ROUTEID=blue-1").cookie_dates.is_known());
}

BOOST_AUTO_TEST_CASE(without_a_separator_nothing_stands_before_the_route)
{
    settings.separator = 0;
    members.add("odd", {.route = std::string("1-1\0x"sv)});
    BOOST_TEST(named(read_cookie("ROUTEID=1-1\0x"sv)) == "odd");
    BOOST_TEST(!read_cookie("ROUTEID=1-1\0x"sv).cookie_dates.is_known());
}

BOOST_AUTO_TEST_CASE(a_parameter_has_no_dates)
{
    BOOST_TEST(!read({.query = "ROUTEID=s44we8-s44z68.a"}).cookie_dates.is_known());
}

BOOST_AUTO_TEST_CASE(the_administrators_word_beats_everything_the_client_sent)
{
    const auto hint =
        read({.forced_route = "a", .cookie_header = "ROUTEID=.b", .path = "/;ROUTEID=.b"});
    BOOST_TEST(named(hint) == "a");
    BOOST_TEST(hint.source == HintSource::kForced);
    BOOST_TEST(hint.asked_route == "a");
    BOOST_TEST(hint.cookie == CookieState::kUnused);
}

BOOST_AUTO_TEST_CASE(a_forced_request_without_a_cookie_has_none_that_went_unused)
{
    BOOST_TEST(read({.forced_route = "a"}).cookie == CookieState::kNone);
}

BOOST_AUTO_TEST_CASE(the_administrator_names_a_route_and_nothing_in_front_of_it)
{
    BOOST_TEST(named(read({.forced_route = ".a"})) == "");
    BOOST_TEST(named(read({.forced_route = "x.y-z"})) == "dots");
}

BOOST_AUTO_TEST_CASE(a_forced_route_that_nobody_has_leaves_the_word_to_the_client)
{
    const auto hint = read({.forced_route = "gone", .cookie_header = "ROUTEID=.b"});
    BOOST_TEST(named(hint) == "b");
    BOOST_TEST(hint.source == HintSource::kCookie);
    BOOST_TEST(hint.cookie == CookieState::kValid);
}

BOOST_AUTO_TEST_CASE(where_persistence_is_ignored_only_the_administrator_is_heard)
{
    Asked request{.forced_route = "",
                  .cookie_header = "ROUTEID=.b",
                  .path = "/;ROUTEID=.b",
                  .query = "ROUTEID=.b",
                  .ignore_persistence = true};
    BOOST_TEST(named(read(request)) == "");
    BOOST_TEST(read(request).asked_route == "");
    request.forced_route = "a";
    BOOST_TEST(named(read(request)) == "a");
}

BOOST_AUTO_TEST_CASE(a_cookie_that_nobody_may_hear_goes_unused)
{
    Asked asked{.cookie_header = "ROUTEID=.gone", .ignore_persistence = true};
    BOOST_TEST(read(asked).cookie == CookieState::kUnused);
    BOOST_TEST(!read(asked).cookie_dates.is_known());
    asked.cookie_header = "other=.a; ROUTEID=";
    BOOST_TEST(read(asked).cookie == CookieState::kNone);
    settings.mode = persistence::CookieMode::kOff;
    asked.cookie_header = "ROUTEID=.a";
    BOOST_TEST(read(asked).cookie == CookieState::kNone);
}

BOOST_AUTO_TEST_CASE(of_members_that_share_a_route_the_first_is_named)
{
    members.add("a2", {.route = "a"});
    BOOST_TEST(named(read_cookie("ROUTEID=.a")) == "a");
}

BOOST_AUTO_TEST_CASE(the_asked_route_points_into_the_request)
{
    const std::string_view header = "ROUTEID=.a";
    BOOST_TEST((read_cookie(header).asked_route.data() == header.data() + 9));
}

BOOST_AUTO_TEST_SUITE_END()
