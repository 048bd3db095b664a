// SPDX-License-Identifier: Apache-2.0
#include "core/persistence/pin.hpp"

#include <algorithm>

#include "core/base/base64url.hpp"
#include "core/base/big_endian.hpp"
#include "core/persistence/cookie_reader.hpp"

namespace stickybalancer::persistence {
namespace {

constexpr std::uint8_t kVersion = 3;
constexpr std::size_t kKeyIdAt = 1, kEndAt = 4, kLifeAt = 9, kMemberAt = 12, kCodeAt = 20;
constexpr std::size_t kEndSize = kLifeAt - kEndAt, kLifeSize = kMemberAt - kLifeAt,
                      kMemberSize = kCodeAt - kMemberAt;
constexpr std::size_t kCodeSize = 16;

using PinBytes = std::array<std::uint8_t, kCodeAt + kCodeSize>;
static_assert(base::base64url_size(std::tuple_size_v<PinBytes>) == kPinSize);

bool has_code(const PinBytes &token, const base::HmacKey &key) noexcept
{
    const auto code = key.code_of(std::span(token).first<kCodeAt>());
    return base::are_equal_secrets(std::span(code).first<kCodeSize>(),
                                   std::span(token).last<kCodeSize>());
}

}  // namespace

bool PinKeys::add(std::string_view id, std::span<const std::uint8_t, kSecretSize> secret)
{
    const auto digest = base::sha256(id);
    Key key{{}, derived_key(secret, "stickybalancer 1 pin", balancer_name_)};
    std::copy_n(digest.begin(), key.id.size(), key.id.begin());
    const auto has_same_id = [&](const Key &other) { return other.id == key.id; };
    if (keys_.size() == TokenKeys::kMostKeys ||
        std::any_of(keys_.begin(), keys_.end(), has_same_id))
        return false;
    keys_.push_back(key);
    return true;
}

std::optional<Pin> PinKeys::open(std::string_view text, std::int64_t now_s) const noexcept
{
    PinBytes token;
    if (!base::decode_base64url(text, token) || token[0] != kVersion)
        return std::nullopt;
    const auto has_its_id = [&](const Key &key) {
        return std::equal(key.id.begin(), key.id.end(), token.begin() + kKeyIdAt);
    };
    const auto key = std::find_if(keys_.begin(), keys_.end(), has_its_id);
    if (key == keys_.end() || !has_code(token, key->authenticate))
        return std::nullopt;
    const auto end_s = static_cast<std::int64_t>(base::number_at(token.data() + kEndAt, kEndSize));
    const auto life_s =
        static_cast<std::int64_t>(base::number_at(token.data() + kLifeAt, kLifeSize));
    const Pin pin{base::number_at(token.data() + kMemberAt, kMemberSize), end_s, end_s - life_s};
    return now_s < pin.end_s && pin.member != 0 ? std::optional(pin) : std::nullopt;
}

void PinKeys::write(base::BoundedWriter &out, const Pin &pin) const noexcept
{
    const auto &key = keys_.front();
    PinBytes token{kVersion};
    std::copy(key.id.begin(), key.id.end(), token.begin() + kKeyIdAt);
    base::put_number(token.data() + kEndAt, static_cast<std::uint64_t>(pin.end_s), kEndSize);
    const auto life_s = std::clamp<std::int64_t>(pin.end_s - pin.made_s, 0, kLongestPin_s);
    base::put_number(token.data() + kLifeAt, static_cast<std::uint64_t>(life_s), kLifeSize);
    base::put_number(token.data() + kMemberAt, pin.member, kMemberSize);
    const auto code = key.authenticate.code_of(std::span(token).first<kCodeAt>());
    std::copy_n(code.begin(), kCodeSize, token.begin() + kCodeAt);
    std::array<char, kPinSize> text;
    base::encode_base64url(token, text);
    out << std::string_view(text.data(), text.size());
}

std::uint64_t pinned_member(std::string_view cookie_header, const PinKeys &keys, std::int64_t now_s,
                            std::int64_t made_from_s) noexcept
{
    CookieReader cookies(cookie_header, kPinCookie);
    std::string_view value;
    for (int i = 0; i < kMostPins && cookies.next(value); ++i)
        if (const auto pin = keys.open(value, now_s); pin && pin->made_s >= made_from_s)
            return pin->member;
    return 0;
}

void write_pin_cookie(base::BoundedWriter &out, const PinKeys &keys, const Pin &pin) noexcept
{
    out << kPinCookie << "=";
    keys.write(out, pin);
    out << "; path=/; HttpOnly; SameSite=Lax";
}

}  // namespace stickybalancer::persistence
