// SPDX-License-Identifier: Apache-2.0
//
// What a hint says of the request's cookies: their state, the first fault, dates, and whether the one
// that is honoured is to be written anew.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

#include "core/persistence/hint.hpp"
#include "test/unit/support/allocations.hpp"
#include "test/unit/support/exact.hpp"
#include "test/unit/support/keys.hpp"
#include "test/unit/support/members.hpp"
#include "test/unit/support/print.hpp"
#include "test/unit/support/written.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using persistence::CookieFault;
using persistence::CookieMode;
using persistence::CookieState;
using persistence::Hint;
using persistence::HintSource;
using persistence::Seal;

namespace {

// Members a and b. A cookie is not honoured when it was not seen for 60 s, or is older than 600 s.
struct Reader {
    Members members;
    persistence::Settings settings;

    Reader()
    {
        members.add("a").add("b");
        settings.mode = CookieMode::kInsert;
        settings.cookie_name = settings.url_parameter = "R";
        settings.limits = {60, 600};
        settings.keys = keys_of({"k1", "k0"});
    }
    Hint read(std::string_view header, std::string_view query = {}, std::string_view forced = {})
    {
        hint_header = header;
        return read_hint({forced, hint_header, "/", query, false}, settings, members.table(),
                         kNow_s);
    }
    std::string named(const Hint &hint)
    {
        return hint.member == members::kNoMember ? ""
                                                 : name_of(members.table()[hint.member].handle);
    }
    // R=VALUE of a cookie issued and seen so long ago, under the first of these keys.
    std::string cookie(std::string_view route, std::int64_t issued_ago_s, std::int64_t seen_ago_s,
                       std::string_view key = "k1")
    {
        const auto kept = settings;
        settings.keys = keys_of({key});
        const auto text = written([&](auto &out) {
            write_cookie_value(out, settings, route, {kNow_s - issued_ago_s, kNow_s - seen_ago_s},
                               7);
        });
        settings = kept;
        return "R=" + text;
    }
    std::string hint_header;
};

struct Row {
    std::int64_t issued_ago_s, seen_ago_s;
    CookieState state;
    CookieFault fault;
};
std::ostream &operator<<(std::ostream &out, const Row &row)
{
    return out << "issued " << row.issued_ago_s << " s ago, seen " << row.seen_ago_s << " s ago";
}
const Row kAges[] = {
    {600, 60, CookieState::kValid, CookieFault::kNone},
    {600, 61, CookieState::kExpired, CookieFault::kExpired},
    {601, 0, CookieState::kOld, CookieFault::kOld},
    {601, 61, CookieState::kOld, CookieFault::kOld},
    {0, -86'400, CookieState::kValid, CookieFault::kNone},
    {0, -86'401, CookieState::kExpired, CookieFault::kExpired},
};
const Seal kSeals[] = {Seal::kPlain, Seal::kSigned, Seal::kOpaque};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(hint_cookie_test, Reader)

BOOST_DATA_TEST_CASE_F(Reader, a_cookie_is_valid_expired_or_old_whatever_its_seal, kAges, row)
{
    for (const auto seal : kSeals) {
        settings.seal = seal;
        const auto hint = read(cookie("a", row.issued_ago_s, row.seen_ago_s));
        const bool is_valid = row.state == CookieState::kValid;
        BOOST_TEST(hint.cookie == row.state);
        BOOST_TEST(hint.cookie_fault == row.fault);
        BOOST_TEST(named(hint) == (is_valid ? "a" : ""));
        BOOST_TEST(hint.cookie_dates.is_known() == is_valid);
    }
}

BOOST_AUTO_TEST_CASE(a_cookie_without_dates_is_old_where_its_life_is_limited)
{
    BOOST_TEST(read("R=.a").cookie == CookieState::kOld);
    BOOST_TEST(read("R=.gone").cookie == CookieState::kInvalid);
    settings.limits = {60, 0};
    BOOST_TEST(read("R=.a").cookie == CookieState::kValid);
    BOOST_TEST(named(read("R=session.a")) == "a");
}

BOOST_AUTO_TEST_CASE(what_an_expired_cookie_asked_for_is_told)
{
    const auto hint = read(cookie("a", 100, 100));
    BOOST_TEST(hint.asked_route == "a");
    BOOST_TEST(hint.asked_in == HintSource::kCookie);
    BOOST_TEST(hint.source == HintSource::kNone);
}

BOOST_AUTO_TEST_CASE(an_expired_cookie_leaves_the_word_to_the_next_and_then_to_the_url)
{
    const auto expired = cookie("a", 100, 100), good = cookie("b", 100, 10);
    const auto by_next = read(expired + "; " + good);
    BOOST_TEST(named(by_next) == "b");
    BOOST_TEST(by_next.cookie == CookieState::kValid);
    BOOST_TEST(by_next.cookie_fault == CookieFault::kExpired);
    BOOST_TEST(by_next.cookie_dates.issued_s == kNow_s - 100);
    const auto by_url = read(expired, "R=.b");
    BOOST_TEST(named(by_url) == "b");
    BOOST_TEST(by_url.source == HintSource::kQuery);
    BOOST_TEST(by_url.cookie == CookieState::kExpired);
    BOOST_TEST(!by_url.cookie_dates.is_known());
}

BOOST_AUTO_TEST_CASE(of_several_faults_the_first_is_told_and_is_the_state)
{
    const auto expired = cookie("a", 100, 100), old = cookie("a", 601, 1);
    BOOST_TEST(read("R=.gone; " + expired).cookie_fault == CookieFault::kUnknownRoute);
    BOOST_TEST(read("R=.gone; " + expired).cookie == CookieState::kInvalid);
    BOOST_TEST(read(expired + "; R=.gone").cookie == CookieState::kExpired);
    BOOST_TEST(read(old + "; " + expired).cookie_fault == CookieFault::kOld);
    BOOST_TEST(read(old + "; " + expired).cookie == CookieState::kOld);
}

BOOST_AUTO_TEST_CASE(behind_the_cookie_that_is_honoured_none_is_looked_at)
{
    const auto hint = read(cookie("a", 10, 10) + "; R=.gone");
    BOOST_TEST(hint.cookie_fault == CookieFault::kNone);
    BOOST_TEST(named(hint) == "a");
}

BOOST_AUTO_TEST_CASE(no_cookie_or_an_empty_one_has_no_fault)
{
    for (const auto *header : {"", "x=1", "R=", "R=\"\""}) {
        BOOST_TEST(read(header).cookie == CookieState::kNone);
        BOOST_TEST(read(header).cookie_fault == CookieFault::kNone);
    }
    BOOST_TEST(read("R=.gone", "", "a").cookie_fault == CookieFault::kNone);  // forced: unused
    BOOST_TEST(read("R=.gone", "", "a").cookie == CookieState::kUnused);
}

BOOST_AUTO_TEST_CASE(each_fault_of_a_seal_is_an_invalid_cookie)
{
    settings.seal = Seal::kSigned;
    auto forged = cookie("a", 10, 10);
    forged.back() = 'b';
    const std::pair<std::string, CookieFault> rows[] = {
        {"R=.a", CookieFault::kPlain},
        {"R=junk.a", CookieFault::kMalformed},
        {cookie("gone", 10, 10), CookieFault::kUnknownRoute},
        {cookie("a", 10, 10, "k9"), CookieFault::kUnknownKey},
        {forged, CookieFault::kForged},
    };
    for (const auto &[header, fault] : rows) {
        const auto hint = read(header);
        BOOST_TEST(named(hint) == "");
        BOOST_TEST(hint.cookie == CookieState::kInvalid);
        BOOST_TEST(hint.cookie_fault == fault);
        BOOST_TEST(!hint.cookie_dates.is_known());
        BOOST_TEST(named(read(header + "; " + cookie("b", 10, 10))) == "b");
    }
}

BOOST_AUTO_TEST_CASE(a_cookie_is_to_be_written_anew_only_where_we_would_write_it_otherwise)
{
    settings.seal = Seal::kOpaque;
    const auto good = cookie("a", 10, 10), old_key = cookie("a", 10, 10, "k0");
    settings.seal = Seal::kSigned;
    const auto other_seal = cookie("a", 10, 10);
    settings.seal = Seal::kOpaque;
    settings.accepts_plain = true;
    settings.limits = {};
    BOOST_TEST(!read(good).is_cookie_outdated);
    for (const auto &header : {old_key, other_seal, std::string("R=.a")}) {
        BOOST_TEST(named(read(header)) == "a");
        BOOST_TEST(read(header).is_cookie_outdated);
    }
    BOOST_TEST(!read("R=.gone; " + good).is_cookie_outdated);
    BOOST_TEST(!read("R=.gone").is_cookie_outdated);
}

BOOST_AUTO_TEST_CASE(an_opaque_cookie_names_its_member_and_shows_no_route)
{
    settings.seal = Seal::kOpaque;
    const auto hint = read(cookie("b", 10, 10));
    BOOST_TEST(named(hint) == "b");
    BOOST_TEST(hint.source == HintSource::kCookie);
    BOOST_TEST(hint.asked_in == HintSource::kCookie);
    BOOST_TEST(hint.asked_route.empty());
    BOOST_TEST(read(cookie("gone", 10, 10)).asked_in == HintSource::kNone);
}

BOOST_AUTO_TEST_CASE(a_seal_is_not_gone_round_by_a_parameter_of_the_cookies_name)
{
    settings.seal = Seal::kSigned;
    BOOST_TEST(named(read("", "R=.a")) == "");
    settings.url_parameter = "r";
    BOOST_TEST(named(read("", "r=.a")) == "a");
}

BOOST_AUTO_TEST_CASE(a_prefix_binds_and_a_value_without_one_does_not)
{
    settings.mode = CookieMode::kPrefix;
    settings.limits = {};
    BOOST_TEST(named(read("R=b~123")) == "b");
    BOOST_TEST(named(read("R=\"b~123\"")) == "b");
    BOOST_TEST(named(read("R=b~")) == "b");
    BOOST_TEST(named(read("R=gone~1; R=b~2")) == "b");
    for (const auto *header : {"R=b", "R=.b", "R=1.b", "R=.b~1", "R=~b"}) {
        BOOST_TEST(named(read(header)) == "");
        BOOST_TEST(read(header).cookie == CookieState::kInvalid);
    }
}

BOOST_DATA_TEST_CASE_F(Reader, every_beginning_of_a_sealed_header_is_read_without_harm, kSeals,
                       seal)
{
    settings.seal = seal;
    const auto header = "x=1; " + cookie("a", 10, 10, "k9") + ", " + cookie("b", 10, 10);
    for (std::size_t size = 0; size < header.size(); ++size) {
        const Exact exact(std::string_view(header).substr(0, size));
        const auto hint = read_hint({{}, exact, "/", {}, false}, settings, members.table(), kNow_s);
        BOOST_TEST((seal == Seal::kPlain || named(hint) == ""));
    }
    BOOST_TEST(named(read(header)) == (seal == Seal::kPlain ? "a" : "b"));
}

BOOST_AUTO_TEST_SUITE_END()
