// SPDX-License-Identifier: Apache-2.0
//
// What the targets make of their input: choices, numbers, lines, and a balancer's settings that the
// configuration check lets through. A fuzzer cannot guess a token, so a few control bytes stand for
// genuine ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/members/member_table.hpp"
#include "core/persistence/settings.hpp"
#include "test/unit/support/keys.hpp"
#include "test/unit/support/written.hpp"

namespace stickybalancer::fuzz {

inline constexpr std::int64_t kNow_s = 1'700'000'000;
inline constexpr std::int64_t kDay_s = 86400;

// Consumed from the front; what is not there is 0, or empty.
class Input {
public:
    Input(const std::uint8_t *data, std::size_t size)
        : rest_(reinterpret_cast<const char *>(data), size)
    {
    }

    std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }
    std::uint64_t number(std::size_t size)
    {
        std::uint64_t number = 0;
        for (; size > 0; --size) {
            number = number << 8 | (rest_.empty() ? 0 : static_cast<unsigned char>(rest_[0]));
            rest_.remove_prefix(rest_.empty() ? 0 : 1);
        }
        return number;
    }
    std::string_view line()
    {
        const auto end = rest_.find('\n');
        const auto line = rest_.substr(0, end);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        return line;
    }
    std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
};

// Two members share a route, one has none; a signed value of the last is as long as an opaque token.
inline const members::MemberTable &table()
{
    static const members::MemberTable kTable = [] {
        std::vector<members::Member> all;
        for (const char *route :
             {"a", "b", "a", "x.y-z", "", "1-2", "with space", "nineteen.characters"}) {
            members::Member member;
            member.handle = all.size() + 1;
            member.route = route;
            all.push_back(member);
        }
        return members::MemberTable(std::move(all), {});
    }();
    return kTable;
}

inline std::string_view route_of(std::size_t choice)
{
    const auto all = table().all();
    return all[choice % all.size()].route;
}

inline const persistence::TokenKeys &balancer_keys()
{
    static const auto kKeys = test::keys_of({"k1", "k2"});
    return kKeys;
}

// The same keys, as they were before k1 was the first.
inline const persistence::TokenKeys &older_keys()
{
    static const auto kKeys = test::keys_of({"k2", "k1"});
    return kKeys;
}

inline std::string signed_token(const persistence::TokenKeys &keys, std::string_view route,
                                const persistence::CookieDates &dates)
{
    return test::written([&](auto &out) { keys.write_signed(out, route, dates); });
}

inline std::string opaque_token(const persistence::TokenKeys &keys, std::string_view route,
                                const persistence::CookieDates &dates)
{
    const auto digest = members::route_digest(route);
    return test::written([&](auto &out) { keys.write_opaque(out, digest, dates, 7); });
}

// With genuine tokens in the place of the bytes 1 to 8.
inline std::string with_tokens(std::string_view text)
{
    static const auto kTokens = [] {
        const persistence::CookieDates fresh{kNow_s - 200, kNow_s - 100};
        const persistence::CookieDates old{kNow_s - 10 * kDay_s, kNow_s - 10 * kDay_s};
        const auto foreign = test::keys_of({"k1"}, "balancer://other");
        const auto unknown = test::keys_of({"k9"});
        return std::vector<std::string>{
            signed_token(balancer_keys(), "a", fresh), opaque_token(balancer_keys(), "a", fresh),
            signed_token(older_keys(), "a", fresh),    opaque_token(older_keys(), "a", fresh),
            signed_token(foreign, "a", fresh),         opaque_token(unknown, "a", fresh),
            signed_token(balancer_keys(), "a", old),   opaque_token(balancer_keys(), "gone", fresh),
        };
    }();
    std::string all;
    for (const char c : text)
        if (c >= 1 && c <= 8)
            all += kTokens[static_cast<std::size_t>(c - 1)];
        else
            all += c;
    return all;
}

// Of 16 bits: mode 2, seal 2, accept-plain 1, separator 3, idle 1, life 1, indirect 1, maxage 1.
inline persistence::Settings settings_of(std::uint64_t choices)
{
    using persistence::CookieMode;
    using persistence::Seal;
    static constexpr CookieMode kModes[] = {CookieMode::kInsert, CookieMode::kRewrite,
                                            CookieMode::kPassive, CookieMode::kPrefix};
    static constexpr Seal kSeals[] = {Seal::kPlain, Seal::kSigned, Seal::kOpaque, Seal::kSigned};
    static constexpr char kSeparators[] = {'.', '!', '\0', '-', '_', 'x', '/', '~'};
    persistence::Settings settings;
    settings.cookie_name = "R";
    settings.mode = kModes[choices & 3];
    settings.seal = kSeals[choices >> 2 & 3];
    settings.accepts_plain = (choices >> 4 & 1) != 0;
    settings.separator = kSeparators[choices >> 5 & 7];
    settings.hides_cookie = (choices >> 10 & 1) != 0;
    if (settings.mode == CookieMode::kInsert) {
        settings.limits.idle_s = (choices >> 8 & 1) != 0 ? kDay_s : 0;
        settings.limits.life_s = (choices >> 9 & 1) != 0 ? 5 * kDay_s : 0;
        settings.max_age_s = (choices >> 11 & 1) != 0 ? kDay_s : 0;
    }
    if (settings.is_sealed())
        settings.keys = balancer_keys();
    // The configuration check refuses the others.
    const bool has_dates = settings.max_age_s != 0 || settings.limits.any();
    if (settings.separator == 0 &&
        (settings.seal == Seal::kSigned || (settings.seal == Seal::kPlain && has_dates)))
        settings.separator = '.';
    if (settings.seal == Seal::kPlain && has_dates &&
        (settings.separator == '-' || settings.separator == 'x'))
        settings.separator = '.';
    return settings;
}

}  // namespace stickybalancer::fuzz
