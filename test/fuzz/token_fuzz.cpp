// SPDX-License-Identifier: Apache-2.0
//
// Input: one byte, where a genuine token is changed; two dates of 4 bytes, a digest and a salt of 8;
// a line, the route; the rest is read as a token itself, and is what a genuine one is changed with.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "test/fuzz/input.hpp"
#include "test/fuzz/require.hpp"

using namespace stickybalancer;
using fuzz::balancer_keys;
using fuzz::older_keys;
using persistence::CookieDates;
using persistence::kOpaqueTokenSize;
using persistence::kSignedTokenSize;
using persistence::Token;
using persistence::TokenFault;
using persistence::TokenKeys;

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool is_of_alphabet(std::string_view text)
{
    return text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

// Bit by bit; the text is of the alphabet and has whole groups.
std::string decoded(std::string_view text)
{
    std::string bytes(text.size() / 4 * 3, '\0');
    for (std::size_t bit = 0; bit < text.size() * 6; ++bit) {
        const auto value = kAlphabet.find(text[bit / 6]);
        if ((value >> (5 - bit % 6) & 1) != 0)
            bytes[bit / 8] = static_cast<char>(bytes[bit / 8] | 1 << (7 - bit % 8));
    }
    return bytes;
}

std::string encoded(std::string_view bytes)
{
    std::string text;
    for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 6) {
        std::size_t value = 0;
        for (auto at = bit; at < bit + 6; ++at)
            value = value << 1 | (static_cast<unsigned char>(bytes[at / 8]) >> (7 - at % 8) & 1);
        text += kAlphabet[value];
    }
    return text;
}

// Version, key and balancer.
std::string head_of(const TokenKeys &keys, bool is_signed)
{
    const auto token =
        is_signed ? fuzz::signed_token(keys, "", {}) : fuzz::opaque_token(keys, "", {});
    return decoded(token.substr(0, 8));
}

// What the head of a token leaves to be said of it; kForged: only the code decides.
TokenFault fault_by_head(std::string_view text, bool is_signed)
{
    static const std::string kHeads[2][2] = {
        {head_of(balancer_keys(), false), head_of(older_keys(), false)},
        {head_of(balancer_keys(), true), head_of(older_keys(), true)}};
    if (text.size() != (is_signed ? kSignedTokenSize : kOpaqueTokenSize) || !is_of_alphabet(text))
        return TokenFault::kMalformed;
    const auto bytes = decoded(text);
    auto fault = bytes[0] == (is_signed ? 1 : 2) ? TokenFault::kUnknownKey : TokenFault::kMalformed;
    for (const auto &head : kHeads[is_signed ? 1 : 0])
        if (bytes.starts_with(head))
            fault = TokenFault::kForged;
        else if (bytes.starts_with(head.substr(0, 4)))
            fault = TokenFault::kForeign;
    return fault;
}

bool is_same(const CookieDates &a, const CookieDates &b)
{
    return a.issued_s == b.issued_s && a.seen_s == b.seen_s;
}

void check_opened(const Token &token, std::string_view text, bool is_signed)
{
    const auto expected = fault_by_head(text, is_signed);
    SB_REQUIRE(token.fault == expected ||
               (token.fault == TokenFault::kNone && expected == TokenFault::kForged));
    SB_REQUIRE(!is_signed || token.route_digest == 0);
    if (token.fault != TokenFault::kNone) {  // it says nothing
        SB_REQUIRE(is_same(token.dates, {}) && token.route_digest == 0 && !token.is_of_first_key);
        return;
    }
    for (const auto date_s : {token.dates.issued_s, token.dates.seen_s})
        SB_REQUIRE(date_s >= 0 && date_s <= 0xFFFFFFFF);
}

Token open_signed(std::string_view text, std::string_view route)
{
    const auto token = balancer_keys().open_signed(text, route);
    check_opened(token, text, true);
    if (token.fault == TokenFault::kNone) {
        const auto &keys = token.is_of_first_key ? balancer_keys() : older_keys();
        SB_REQUIRE(fuzz::signed_token(keys, route, token.dates) == text);
    }
    return token;
}

Token open_opaque(std::string_view text)
{
    const auto token = balancer_keys().open_opaque(text);
    check_opened(token, text, false);
    return token;
}

// With the keys of one balancer only, whichever of them is the first.
template <typename Open>
void check_keys(const Token &token, const Open &open)
{
    static const auto kForeign = test::keys_of({"k1", "k2"}, "balancer://other");
    static const auto kUnknown = test::keys_of({"k3"});
    SB_REQUIRE(token.fault == TokenFault::kNone && token.is_of_first_key);
    const Token older = open(older_keys());
    SB_REQUIRE(older.fault == TokenFault::kNone && !older.is_of_first_key);
    SB_REQUIRE(is_same(older.dates, token.dates) && older.route_digest == token.route_digest);
    SB_REQUIRE(open(kForeign).fault == TokenFault::kForeign);
    SB_REQUIRE(open(kUnknown).fault == TokenFault::kUnknownKey);
    SB_REQUIRE(open(TokenKeys(test::kBalancerName)).fault == TokenFault::kUnknownKey);
}

// The code that a token carries; nothing where it is too short for one.
std::string code_of(const std::string &token)
{
    const auto bytes = decoded(token.substr(0, token.size() / 4 * 4));
    const std::size_t at = token.size() == kSignedTokenSize ? 14 : 6;
    return bytes.size() < at + 16 ? std::string() : bytes.substr(at, 16);
}

// Opens if nothing has changed, and only then. A fuzzer learns other genuine tokens from the
// comparisons that it watches; each of those has a code of its own.
template <typename Open>
void check_changed(const std::string &genuine, std::size_t at, std::string_view change,
                   const Open &open)
{
    auto bytes = decoded(genuine);
    SB_REQUIRE(encoded(bytes) == genuine);
    for (std::size_t i = 0; i < change.size() && at + i < bytes.size(); ++i)
        bytes[at + i] = static_cast<char>(bytes[at + i] ^ change[i]);
    auto overwritten = genuine;
    overwritten.replace(std::min(at, genuine.size()), change.size(), change);
    auto inserted = genuine;
    inserted.insert(std::min(at, genuine.size()), change);
    const auto cut = genuine.substr(0, at);
    for (const auto &changed : {encoded(bytes), overwritten, inserted, cut}) {
        const bool opens = open(changed).fault == TokenFault::kNone;
        SB_REQUIRE(opens == (changed == genuine) ||
                   (opens && code_of(changed) != code_of(genuine)));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    fuzz::Input input(data, size);
    const std::size_t at = input.byte() % (kOpaqueTokenSize + 1);
    const CookieDates dates{static_cast<std::int64_t>(input.number(4)),
                            static_cast<std::int64_t>(input.number(4))};
    const auto digest = input.number(8), salt = input.number(8);
    const auto route = input.line(), text = input.rest();
    open_signed(text, route);
    open_opaque(text);

    const auto signed_text = fuzz::signed_token(balancer_keys(), route, dates);
    SB_REQUIRE(signed_text.size() == kSignedTokenSize && is_of_alphabet(signed_text));
    const auto opened_signed = open_signed(signed_text, route);
    SB_REQUIRE(is_same(opened_signed.dates, dates));
    check_keys(opened_signed,
               [&](const auto &keys) { return keys.open_signed(signed_text, route); });
    check_changed(signed_text, at, text,
                  [&](auto &changed) { return open_signed(changed, route); });
    SB_REQUIRE((open_signed(signed_text, text).fault == TokenFault::kNone) == (text == route));
    SB_REQUIRE(open_opaque(signed_text).fault == TokenFault::kMalformed);

    const auto opaque_of = [&](std::uint64_t a_salt) {
        return test::written(
            [&](auto &out) { balancer_keys().write_opaque(out, digest, dates, a_salt); });
    };
    const auto opaque_text = opaque_of(salt);
    SB_REQUIRE(opaque_text.size() == kOpaqueTokenSize && is_of_alphabet(opaque_text));
    SB_REQUIRE(opaque_of(salt) == opaque_text && opaque_of(salt + 1) != opaque_text);
    const auto opened_opaque = open_opaque(opaque_text);
    SB_REQUIRE(is_same(opened_opaque.dates, dates) && opened_opaque.route_digest == digest);
    check_keys(opened_opaque, [&](const auto &keys) { return keys.open_opaque(opaque_text); });
    check_changed(opaque_text, at, text, [&](auto &changed) { return open_opaque(changed); });
    SB_REQUIRE(open_signed(opaque_text, route).fault == TokenFault::kMalformed);
    return 0;
}
