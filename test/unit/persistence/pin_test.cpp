// SPDX-License-Identifier: Apache-2.0
//
// Caught if: a pin can be made, changed or used elsewhere by who holds no key, or outlives its end; a good one is not
// read; or the format changes.
#include <boost/test/unit_test.hpp>

#include "core/base/base64url.hpp"
#include "core/persistence/pin.hpp"
#include "test/unit/support/allocations.hpp"
#include "test/unit/support/exact.hpp"
#include "test/unit/support/keys.hpp"
#include "test/unit/support/written.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using persistence::kPinSize;
using persistence::Pin;
using persistence::PinKeys;

namespace {

constexpr Pin kPin{0x1122334455667788, 1'800'000'000, 1'799'996'400};
constexpr std::int64_t kBefore_s = kPin.end_s - 1;

PinKeys pin_keys_of(std::initializer_list<std::string_view> ids,
                    std::string_view balancer_name = kBalancerName)
{
    PinKeys keys(balancer_name);
    for (const auto id : ids)
        BOOST_TEST(keys.add(id, secret_from(static_cast<std::uint8_t>(id.back()))));
    return keys;
}

std::string token_of(const PinKeys &keys, const Pin &pin = kPin)
{
    return written([&](auto &out) { keys.write(out, pin); });
}

std::uint64_t member_of(const PinKeys &keys, std::string_view token, std::int64_t now_s = kBefore_s)
{
    const auto pin = keys.open(token, now_s);
    return pin ? pin->member : 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pin_test)

BOOST_AUTO_TEST_CASE(the_format_is_for_ever)
{
    BOOST_TEST(token_of(pin_keys_of({"k1"})) == "A2q58QBrSdIAAA4QESIzRFVmd4j-4E1CNSbHTE9M-56XVmnY");
}

BOOST_AUTO_TEST_CASE(what_was_written_is_read_until_it_ends)
{
    const auto keys = pin_keys_of({"k1"});
    const auto token = token_of(keys);
    BOOST_TEST(token.size() == kPinSize);
    BOOST_TEST(member_of(keys, token) == kPin.member);
    BOOST_TEST(keys.open(token, 0)->end_s == kPin.end_s);
    BOOST_TEST(keys.open(token, 0)->made_s == kPin.made_s);
    BOOST_TEST(member_of(keys, token, kPin.end_s) == 0u);
    BOOST_TEST(member_of(keys, token, kPin.end_s + 1) == 0u);
}

BOOST_AUTO_TEST_CASE(every_key_reads_and_the_first_writes)
{
    const auto keys = pin_keys_of({"k2", "k1"});
    BOOST_TEST(member_of(keys, token_of(pin_keys_of({"k1"}))) == kPin.member);
    BOOST_TEST(token_of(keys) == token_of(pin_keys_of({"k2"})));
}

BOOST_AUTO_TEST_CASE(another_key_or_balancer_reads_nothing)
{
    const auto token = token_of(pin_keys_of({"k1"}));
    BOOST_TEST(member_of(pin_keys_of({"k2"}), token) == 0u);
    BOOST_TEST(member_of(pin_keys_of({}), token) == 0u);
    BOOST_TEST(member_of(pin_keys_of({"k1"}, "balancer://other"), token) == 0u);
    PinKeys other_secret(kBalancerName);
    BOOST_TEST(other_secret.add("k1", secret_from('2')));
    BOOST_TEST(member_of(other_secret, token) == 0u);
}

// Cookies of clients are sealed with the same secrets.
BOOST_AUTO_TEST_CASE(no_other_token_is_a_pin)
{
    const auto keys = keys_of({"k1"});
    const auto signed_token = written([&](auto &out) { keys.write_signed(out, "a", {1, 2}); });
    const auto opaque_token = written([&](auto &out) { keys.write_opaque(out, 7, {1, 2}, 3); });
    for (const auto &token : {signed_token, opaque_token, signed_token + "AAAA"})
        BOOST_TEST(member_of(pin_keys_of({"k1"}), token) == 0u);
}

BOOST_AUTO_TEST_CASE(every_changed_bit_counts)
{
    const auto keys = pin_keys_of({"k1"});
    const auto token = token_of(keys);
    std::array<std::uint8_t, 36> bytes;
    BOOST_TEST_REQUIRE(base::decode_base64url(token, bytes));
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        auto changed = bytes;
        changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ 1 << bit % 8);
        std::array<char, kPinSize> text;
        base::encode_base64url(changed, text);
        BOOST_TEST(member_of(keys, {text.data(), text.size()}) == 0u, bit);
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_token_is_nothing)
{
    const auto keys = pin_keys_of({"k1"});
    const auto token = token_of(keys);
    for (std::size_t size = 0; size < token.size(); ++size)
        BOOST_TEST(member_of(keys, Exact(token.substr(0, size))) == 0u, size);
    for (const auto &text : {token + "A", token + "AAAA", "=" + token.substr(1), " " + token})
        BOOST_TEST(member_of(keys, text) == 0u, text);
}

BOOST_AUTO_TEST_CASE(nobody_is_no_member)
{
    const auto keys = pin_keys_of({"k1"});
    BOOST_TEST(!keys.open(token_of(keys, {0, kPin.end_s, kPin.made_s}), 0));
}

BOOST_AUTO_TEST_CASE(the_first_good_pin_of_a_header_counts)
{
    const auto keys = pin_keys_of({"k1"});
    const auto good = "STICKYPIN=" + token_of(keys), bad = std::string("STICKYPIN=x");
    const auto pinned = [&](const std::string &header) {
        return persistence::pinned_member(header, keys, kBefore_s, 0);
    };
    BOOST_TEST(pinned(good) == kPin.member);
    BOOST_TEST(pinned("a=b; " + good + "; c=d") == kPin.member);
    BOOST_TEST(pinned(bad + "; " + good) == kPin.member);
    BOOST_TEST(pinned("") == 0u);
    BOOST_TEST(pinned("stickypin" + good.substr(9)) == 0u);
    BOOST_TEST(pinned("x" + good) == 0u);
    BOOST_TEST(pinned(bad + ";" + bad + ";" + bad + ";" + good) == kPin.member);
    BOOST_TEST(pinned(bad + ";" + bad + ";" + bad + ";" + bad + ";" + good) == 0u);  // enough
}

BOOST_AUTO_TEST_CASE(one_that_was_taken_back_does_not_hide_another)
{
    const auto keys = pin_keys_of({"k1"});
    const Pin later{7, kPin.end_s, kPin.made_s + 1};
    const auto header = "STICKYPIN=" + token_of(keys) + "; STICKYPIN=" + token_of(keys, later);
    const auto pinned = [&](std::int64_t made_from_s) {
        return persistence::pinned_member(header, keys, kBefore_s, made_from_s);
    };
    BOOST_TEST(pinned(kPin.made_s) == kPin.member);
    BOOST_TEST(pinned(later.made_s) == later.member);
    BOOST_TEST(pinned(later.made_s + 1) == 0u);
}

BOOST_AUTO_TEST_CASE(the_longest_life_is_kept_and_none_is_longer)
{
    const auto keys = pin_keys_of({"k1"});
    const auto made_s = [&](std::int64_t life_s) {
        return keys.open(token_of(keys, {7, kPin.end_s, kPin.end_s - life_s}), 0)->made_s;
    };
    const auto longest = persistence::kLongestPin_s;
    BOOST_TEST(made_s(0) == kPin.end_s);
    BOOST_TEST(made_s(longest) == kPin.end_s - longest);
    BOOST_TEST(made_s(longest + 1) == kPin.end_s - longest);
}

BOOST_AUTO_TEST_CASE(the_cookie_is_whole)
{
    const auto keys = pin_keys_of({"k1"});
    BOOST_TEST(written([&](auto &out) { write_pin_cookie(out, keys, kPin); }) ==
               "STICKYPIN=" + token_of(keys) + "; path=/; HttpOnly; SameSite=Lax");
}

BOOST_AUTO_TEST_CASE(keys_are_told_apart_and_bounded)
{
    PinKeys keys(kBalancerName);
    for (std::uint8_t i = 0; i < persistence::TokenKeys::kMostKeys; ++i)
        BOOST_TEST(keys.add(std::string(1, static_cast<char>('a' + i)), secret_from(i)));
    BOOST_TEST(!keys.add("one more", secret_from(100)));
    auto one = pin_keys_of({"k1"});
    BOOST_TEST(!one.add("k1", secret_from(100)));
}

BOOST_AUTO_TEST_CASE(reading_allocates_nothing)
{
    const auto keys = pin_keys_of({"k1"});
    const auto header = "STICKYPIN=" + token_of(keys);
    const auto before = allocation_count();
    BOOST_TEST(persistence::pinned_member(header, keys, kBefore_s, 0) == kPin.member);
    BOOST_TEST(allocation_count() - before == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
