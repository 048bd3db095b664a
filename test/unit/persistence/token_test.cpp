// SPDX-License-Identifier: Apache-2.0
//
// Caught if: a token can be made, changed or used elsewhere by who holds no key; a client with a good
// one is turned away; or the format changes, which would turn all of them away at once.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

#include "core/base/base64url.hpp"
#include "core/members/member_table.hpp"
#include "core/persistence/token.hpp"
#include "test/unit/support/allocations.hpp"
#include "test/unit/support/exact.hpp"
#include "test/unit/support/keys.hpp"
#include "test/unit/support/print.hpp"
#include "test/unit/support/written.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using namespace std::string_view_literals;
using persistence::CookieDates;
using persistence::Token;
using persistence::TokenFault;
using persistence::TokenKeys;

namespace {

constexpr CookieDates kDates{1'700'000'000, 1'700'003'600};
constexpr std::uint64_t kDigest = members::route_digest("a");
constexpr std::uint64_t kSalt = 0x0123456789ABCDEF;

// Made by another program, from token.hpp alone: the key k1, of the bytes 0x31 to 0x50.
constexpr std::string_view kSigned = "AWq58f8oZVPxAGVT_xAF97NQoP5XEegqx7zW6lWN";  // route a
constexpr std::string_view kSignedLong = "AWq58f8oZVPxAGVT_xD6waTyXq4ovVD_50a6okGi";
constexpr std::string_view kOpaque = "Amq58f8oIrMme4ox_2h4A6AHlmH-e1PztZmLlkLu1bl8tPEhr50BaecwZQuK";

struct OneKey {
    TokenKeys keys = keys_of({"k1"});

    std::string write_signed(std::string_view route, const CookieDates &dates = kDates) const
    {
        return written([&](auto &out) { keys.write_signed(out, Exact(route), dates); });
    }
    std::string write_opaque(std::uint64_t digest, const CookieDates &dates = kDates,
                             std::uint64_t salt = kSalt) const
    {
        return written([&](auto &out) { keys.write_opaque(out, digest, dates, salt); });
    }
    Token open_signed(std::string_view token, std::string_view route = "a") const
    {
        return keys.open_signed(Exact(token), Exact(route));
    }
    Token open_opaque(std::string_view token) const { return keys.open_opaque(Exact(token)); }
};

// The fault that a change of one byte of a token is.
TokenFault fault_of_byte(std::size_t at)
{
    return at == 0  ? TokenFault::kMalformed
           : at < 4 ? TokenFault::kUnknownKey
           : at < 6 ? TokenFault::kForeign
                    : TokenFault::kForged;
}

// `token` with one bit of its bytes the other way.
template <std::size_t Size>
std::string with_other_bit(std::string_view token, std::size_t bit)
{
    std::array<std::uint8_t, Size> bytes;
    BOOST_TEST_REQUIRE(base::decode_base64url(token, bytes));
    bytes[bit / 8] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
    std::string text(token.size(), '#');
    base::encode_base64url(bytes, text);
    return text;
}

const CookieDates kAnyDates[] = {
    {1, 1}, {0, 0}, {1'700'000'000, 1'600'000'000}, {0x7FFFFFFF, 0x80000000}, {1, 0xFFFFFFFF}};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(token_test, OneKey)

BOOST_AUTO_TEST_CASE(the_format_of_tokens_stays_as_it_was_released)
{
    BOOST_TEST(write_signed("a") == kSigned);
    BOOST_TEST(write_signed(std::string(300, 'x')) == kSignedLong);
    BOOST_TEST(write_opaque(kDigest) == kOpaque);
}

BOOST_AUTO_TEST_CASE(a_token_of_the_released_format_is_opened)
{
    const auto opened_signed = open_signed(kSigned);
    BOOST_TEST(opened_signed.fault == TokenFault::kNone);
    BOOST_TEST(opened_signed.dates == kDates);
    BOOST_TEST(opened_signed.is_of_first_key);
    const auto opened_opaque = open_opaque(kOpaque);
    BOOST_TEST(opened_opaque.fault == TokenFault::kNone);
    BOOST_TEST(opened_opaque.dates == kDates);
    BOOST_TEST(opened_opaque.route_digest == kDigest);
    BOOST_TEST(opened_opaque.is_of_first_key);
    BOOST_TEST(open_signed(kSignedLong, std::string(300, 'x')).fault == TokenFault::kNone);
}

BOOST_DATA_TEST_CASE_F(OneKey, dates_and_route_come_back, kAnyDates, dates)
{
    BOOST_TEST(open_signed(write_signed("a", dates)).dates == dates);
    BOOST_TEST(open_opaque(write_opaque(kDigest, dates)).dates == dates);
    for (const auto digest : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}})
        BOOST_TEST(open_opaque(write_opaque(digest, dates)).route_digest == digest);
}

BOOST_AUTO_TEST_CASE(a_token_with_any_bit_changed_is_refused_and_the_place_tells_why)
{
    for (std::size_t bit = 0; bit < 8 * 30; ++bit) {
        const auto opened = open_signed(with_other_bit<30>(kSigned, bit));
        BOOST_TEST_REQUIRE(opened.fault == fault_of_byte(bit / 8));
        BOOST_TEST_REQUIRE(!opened.dates.is_known());
    }
    for (std::size_t bit = 0; bit < 8 * 45; ++bit) {
        const auto opened = open_opaque(with_other_bit<45>(kOpaque, bit));
        BOOST_TEST_REQUIRE(opened.fault == fault_of_byte(bit / 8));
        BOOST_TEST_REQUIRE(!opened.dates.is_known());
        BOOST_TEST_REQUIRE(opened.route_digest == 0u);
    }
}

BOOST_AUTO_TEST_CASE(a_token_with_any_character_changed_is_refused)
{
    const auto is_refused = [](std::string_view good, auto open) {
        for (std::size_t at = 0; at < good.size(); ++at)
            for (const char c :
                 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=.\0\xFF"sv) {
                std::string token(good);
                token[at] = c;
                if (c != good[at])
                    BOOST_TEST_REQUIRE(open(token).fault != TokenFault::kNone);
            }
    };
    is_refused(kSigned, [this](const std::string &token) { return open_signed(token); });
    is_refused(kOpaque, [this](const std::string &token) { return open_opaque(token); });
}

BOOST_AUTO_TEST_CASE(a_token_of_another_length_or_kind_is_malformed)
{
    for (std::size_t size = 0; size <= 2 * kOpaque.size(); ++size) {
        const auto signed_token = (std::string(kSigned) + std::string(kSigned)).substr(0, size);
        const auto opaque_token = (std::string(kOpaque) + std::string(kOpaque)).substr(0, size);
        BOOST_TEST((open_signed(signed_token).fault == TokenFault::kNone) == (size == 40));
        BOOST_TEST((open_opaque(opaque_token).fault == TokenFault::kNone) == (size == 60));
        if (size != 40)
            BOOST_TEST(open_signed(signed_token).fault == TokenFault::kMalformed);
        if (size != 60)
            BOOST_TEST(open_opaque(opaque_token).fault == TokenFault::kMalformed);
    }
    BOOST_TEST(open_signed(kOpaque.substr(0, 40)).fault == TokenFault::kMalformed);
}

BOOST_AUTO_TEST_CASE(a_signed_token_is_good_for_its_route_only)
{
    for (const auto route : {""sv, "b"sv, "A"sv, "aa"sv, " a"sv, "a\0"sv})
        BOOST_TEST(open_signed(kSigned, route).fault == TokenFault::kForged);
    BOOST_TEST(open_signed(write_signed(""), "").fault == TokenFault::kNone);
    BOOST_TEST(open_signed(write_signed("a\0b"sv), "a\0b"sv).fault == TokenFault::kNone);
    BOOST_TEST(open_signed(write_signed("a\0b"sv), "a").fault == TokenFault::kForged);
}

BOOST_AUTO_TEST_CASE(a_token_is_good_for_its_balancer_only)
{
    for (const auto name : {"balancer://other"sv, "balancer://app "sv, "balancer://ap"sv, ""sv}) {
        keys = keys_of({"k1"}, name);
        BOOST_TEST(open_signed(kSigned).fault == TokenFault::kForeign);
        BOOST_TEST(open_opaque(kOpaque).fault == TokenFault::kForeign);
    }
}

BOOST_AUTO_TEST_CASE(a_token_of_a_key_that_is_not_there_is_of_an_unknown_key)
{
    for (const auto &others : {keys_of({}), keys_of({"k2"}), keys_of({"k2", "k3"})}) {
        BOOST_TEST(others.open_signed(kSigned, "a").fault == TokenFault::kUnknownKey);
        BOOST_TEST(others.open_opaque(kOpaque).fault == TokenFault::kUnknownKey);
    }
}

BOOST_AUTO_TEST_CASE(a_token_made_with_another_secret_under_the_same_id_is_forged)
{
    keys = TokenKeys(kBalancerName);
    BOOST_TEST(keys.add("k1", secret_from(0)));
    BOOST_TEST(open_signed(kSigned).fault == TokenFault::kForged);
    BOOST_TEST(open_opaque(kOpaque).fault == TokenFault::kForged);
}

BOOST_AUTO_TEST_CASE(the_first_key_seals_and_all_of_them_open)
{
    const auto old_signed = write_signed("a"), old_opaque = write_opaque(kDigest);
    keys = keys_of({"k2", "k1"});
    for (const auto &opened : {open_signed(old_signed), open_opaque(old_opaque)}) {
        BOOST_TEST(opened.fault == TokenFault::kNone);
        BOOST_TEST(opened.dates == kDates);
        BOOST_TEST(!opened.is_of_first_key);
    }
    BOOST_TEST(open_signed(write_signed("a")).is_of_first_key);
    BOOST_TEST(open_opaque(write_opaque(kDigest)).is_of_first_key);
    BOOST_TEST(keys_of({"k1"}).open_signed(write_signed("a"), "a").fault ==
               TokenFault::kUnknownKey);
}

BOOST_AUTO_TEST_CASE(there_are_sixteen_keys_at_most_no_two_with_one_id)
{
    TokenKeys many(kBalancerName);
    BOOST_TEST(many.empty());
    for (std::uint8_t i = 0; i < TokenKeys::kMostKeys; ++i) {
        BOOST_TEST(many.add("key" + std::to_string(i), secret_from(i)));
        BOOST_TEST(!many.add("key" + std::to_string(i), secret_from(99)));
    }
    BOOST_TEST(!many.empty());
    BOOST_TEST(!many.add("key16", secret_from(16)));
    for (std::uint8_t i = 0; i < TokenKeys::kMostKeys; ++i) {
        keys = TokenKeys(kBalancerName);
        keys.add("key" + std::to_string(i), secret_from(i));
        const auto opened = many.open_signed(write_signed("a"), "a");
        BOOST_TEST(opened.fault == TokenFault::kNone);
        BOOST_TEST(opened.is_of_first_key == (i == 0));
    }
}

BOOST_AUTO_TEST_CASE(two_opaque_tokens_of_one_member_differ_by_their_salt)
{
    const auto one = write_opaque(kDigest, kDates, 1), two = write_opaque(kDigest, kDates, 2);
    BOOST_TEST(one.substr(0, 8) == two.substr(0, 8));  // version, key, balancer
    BOOST_TEST(one.substr(8, 22) != two.substr(8, 22));
    BOOST_TEST(one.substr(30) != two.substr(30));  // not only the salt's own place
    for (std::uint64_t bit = 0; bit < 56; ++bit)
        BOOST_TEST(write_opaque(kDigest, kDates, std::uint64_t{1} << bit) !=
                   write_opaque(kDigest, kDates, 0));
    BOOST_TEST(open_opaque(one).route_digest == open_opaque(two).route_digest);
}

BOOST_AUTO_TEST_CASE(a_copy_of_the_keys_opens_what_they_sealed)
{
    const TokenKeys copy(keys);
    keys = keys_of({});
    BOOST_TEST(copy.open_signed(kSigned, "a").is_of_first_key);
    BOOST_TEST(copy.open_opaque(kOpaque).is_of_first_key);
}

BOOST_AUTO_TEST_CASE(tokens_are_sealed_and_opened_without_asking_for_memory)
{
    keys = keys_of({"k2", "k1"});
    char text[64];
    int opened = 0;
    const auto before = allocation_count();
    for (int i = 0; i < 100; ++i) {
        base::BoundedWriter out(text);
        keys.write_signed(out, "a", kDates);
        keys.write_opaque(out, kDigest, kDates, kSalt);
        opened += keys.open_signed(kSigned, "a").fault == TokenFault::kNone;
        opened += keys.open_opaque(kOpaque).fault == TokenFault::kNone;
    }
    BOOST_TEST(allocation_count() - before == 0u);
    BOOST_TEST(opened == 200);
}

BOOST_AUTO_TEST_SUITE_END()
