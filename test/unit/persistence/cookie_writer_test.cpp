// SPDX-License-Identifier: Apache-2.0
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

#include "core/persistence/cookie_reader.hpp"
#include "core/persistence/cookie_writer.hpp"
#include "test/unit/support/exact.hpp"
#include "test/unit/support/keys.hpp"
#include "test/unit/support/print.hpp"
#include "test/unit/support/written.hpp"

using namespace stickybalancer;
using namespace std::string_view_literals;
using persistence::SameSite;
using persistence::SecureMode;

namespace {

// persistence::CookieAttributes, of which a row names only what it is about; and what they are
// written as.
struct Attributes {
    std::string_view path = {}, domain = {};
    std::int64_t max_age_s = 0;
    bool http_only = false;
    SameSite same_site = SameSite::kOff;
    bool partitioned = false;
};
struct Row {
    Attributes attributes;
    std::string_view expected, expiry;
};
std::ostream &operator<<(std::ostream &out, const Row &row)
{
    return out << '[' << row.expected << ']';
}

#define PAST "Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0"
const Row kAttributes[] = {
    {{}, "", "; " PAST},
    {{.path = "/", .http_only = true, .same_site = SameSite::kLax},
     "; path=/; HttpOnly; SameSite=Lax",
     "; path=/; " PAST "; HttpOnly; SameSite=Lax"},
    {{.path = "/app"}, "; path=/app", "; path=/app; " PAST},
    {{.domain = "example.org"}, "; domain=example.org", "; domain=example.org; " PAST},
    {{.max_age_s = 3600}, "; Max-Age=3600", "; " PAST},
    {{.http_only = true}, "; HttpOnly", "; " PAST "; HttpOnly"},
    {{.same_site = SameSite::kLax}, "; SameSite=Lax", "; " PAST "; SameSite=Lax"},
    {{.same_site = SameSite::kStrict}, "; SameSite=Strict", "; " PAST "; SameSite=Strict"},
    {{.same_site = SameSite::kNone}, "; SameSite=None", "; " PAST "; SameSite=None"},
    {{.partitioned = true}, "; Partitioned", "; " PAST "; Partitioned"},
    {{"/a", "example.org", 1, true, SameSite::kLax, true},
     "; path=/a; domain=example.org; Max-Age=1; HttpOnly; SameSite=Lax; Partitioned",
     "; path=/a; domain=example.org; " PAST "; HttpOnly; SameSite=Lax; Partitioned"},
};

constexpr std::string_view kAlwaysPlain =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~";

struct Writer {
    persistence::Settings settings;
    std::uint64_t salt = 1;

    Writer()
    {
        settings.cookie_name = "ROUTEID";
        settings.cookie_attributes = "; path=/";
        settings.expiry_attributes = "; path=/; Max-Age=0";
    }
    std::string written(std::string_view route, const persistence::CookieDates &dates = {},
                        bool client_is_secure = false)
    {
        return test::written([&](auto &out) {
            write_set_cookie(out, settings, route, dates, salt, client_is_secure);
        });
    }
    std::string written_expiry(bool client_is_secure = false)
    {
        return test::written([&](auto &out) { write_expiry(out, settings, client_is_secure); });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cookie_writer_test, Writer)

BOOST_DATA_TEST_CASE(attributes_stand_in_one_order_and_only_those_asked_for, kAttributes, row)
{
    const auto &[path, domain, max_age_s, http_only, same_site, partitioned] = row.attributes;
    const persistence::CookieAttributes attributes{path,      domain,    max_age_s,
                                                   http_only, same_site, partitioned};
    BOOST_TEST(persistence::cookie_attributes(attributes) == row.expected);
    BOOST_TEST(persistence::expiry_attributes(attributes) == row.expiry);
}

BOOST_AUTO_TEST_CASE(unless_somebody_says_otherwise_scripts_and_other_sites_are_kept_out)
{
    BOOST_TEST(persistence::cookie_attributes({}) == "; HttpOnly; SameSite=Lax");
}

BOOST_AUTO_TEST_CASE(a_value_is_separator_and_route)
{
    BOOST_TEST(written("a") == "ROUTEID=.a; path=/");
    settings.separator = '!';
    BOOST_TEST(written("a") == "ROUTEID=!a; path=/");
}

BOOST_AUTO_TEST_CASE(without_a_separator_the_value_is_the_route)
{
    settings.separator = 0;
    BOOST_TEST(written("a") == "ROUTEID=a; path=/");
}

BOOST_AUTO_TEST_CASE(dates_stand_before_the_separator)
{
    BOOST_TEST(written("a", {1'700'000'000, 1'700'003'600}) == "ROUTEID=s44we8-s44z68.a; path=/");
}

BOOST_AUTO_TEST_CASE(secure_comes_last_and_automatic_means_that_the_client_is)
{
    const auto is_secure = [this](SecureMode mode, bool client_is_secure) {
        settings.secure = mode;
        const bool is = written("a", {}, client_is_secure).ends_with("; path=/; Secure");
        BOOST_TEST(written_expiry(client_is_secure) ==
                   (is ? "ROUTEID=; path=/; Max-Age=0; Secure" : "ROUTEID=; path=/; Max-Age=0"));
        return is;
    };
    BOOST_TEST(is_secure(SecureMode::kAuto, true));
    BOOST_TEST(!is_secure(SecureMode::kAuto, false));
    BOOST_TEST(is_secure(SecureMode::kOn, false));
    BOOST_TEST(!is_secure(SecureMode::kOff, true));
}

BOOST_AUTO_TEST_CASE(opaque_cookies_of_one_member_differ_by_their_salt)
{
    const persistence::CookieDates dates{1'700'000'000, 1'700'003'600};
    settings.keys = test::keys_of({"k1"});
    settings.seal = persistence::Seal::kOpaque;
    const auto first = written("a", dates);
    BOOST_TEST(first.size() == "ROUTEID=; path=/"sv.size() + persistence::kOpaqueTokenSize);
    BOOST_TEST(first == written("a", dates));
    salt = 2;
    BOOST_TEST(first != written("a", dates));
    settings.seal = persistence::Seal::kSigned;
    BOOST_TEST(written("a", dates).substr(8 + persistence::kSignedTokenSize) == ".a; path=/");
}

BOOST_AUTO_TEST_CASE(a_buffer_that_is_too_small_learns_the_size_needed)
{
    char text[8];
    base::BoundedWriter out(text);
    write_set_cookie(out, settings, "a", {}, 1, false);
    BOOST_TEST(!out.fits());
    BOOST_TEST(out.size_needed() == "ROUTEID=.a; path=/"sv.size());
}

BOOST_AUTO_TEST_CASE(what_is_written_is_found_again_in_the_cookie_header)
{
    settings.cookie_attributes.clear();
    const auto header = "x=y; " + written("a", {1'700'000'000, 1'700'003'600});
    persistence::CookieReader reader(header, settings.cookie_name);
    std::string_view value;
    BOOST_TEST(reader.next(value));
    BOOST_TEST(value == "s44we8-s44z68.a");
}

BOOST_AUTO_TEST_CASE(each_byte_may_stand_in_a_name_or_a_value_or_not)
{
    for (int i = 0; i < 256; ++i) {
        const auto c = static_cast<char>(i);
        const test::Exact text(std::string_view(&c, 1));
        const bool is_plain = c != 0 && kAlwaysPlain.find(c) != std::string_view::npos;
        const bool is_value_only = c != 0 && "()/:<=>?@[]{}"sv.find(c) != std::string_view::npos;
        BOOST_TEST(persistence::is_cookie_name(text) == is_plain, "name byte " << i);
        BOOST_TEST(persistence::is_cookie_text(text) == (is_plain || is_value_only),
                   "value byte " << i);
    }
}

BOOST_AUTO_TEST_CASE(one_bad_byte_anywhere_spoils_the_text)
{
    for (const auto *bad : {" ab", "a b", "ab ", "a;b", "ab\x7F",
                            "\xFF"
                            "ab"}) {
        BOOST_TEST(!persistence::is_cookie_name(bad));
        BOOST_TEST(!persistence::is_cookie_text(bad));
    }
    BOOST_TEST(!persistence::is_cookie_text("a\0b"sv));
}

BOOST_AUTO_TEST_CASE(no_text_is_a_value_and_no_name)
{
    BOOST_TEST(persistence::is_cookie_text(""));
    BOOST_TEST(!persistence::is_cookie_name(""));
}

BOOST_AUTO_TEST_SUITE_END()
