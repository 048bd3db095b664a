// SPDX-License-Identifier: Apache-2.0
#include "core/persistence/token.hpp"

#include <algorithm>

#include "core/base/base64url.hpp"
#include "core/base/big_endian.hpp"

namespace stickybalancer::persistence {
namespace {

constexpr std::uint8_t kSignedVersion = 1;
constexpr std::uint8_t kOpaqueVersion = 2;

// Where things stand; the head is the same in both.
constexpr std::size_t kKeyIdAt = 1, kBalancerAt = 4, kHeadSize = 6;
constexpr std::size_t kDatesSize = 8, kCodeSize = 16;
constexpr std::size_t kSignedDatesAt = kHeadSize, kSignedCodeAt = kSignedDatesAt + kDatesSize;
constexpr std::size_t kOpaqueCodeAt = kHeadSize, kHiddenAt = kOpaqueCodeAt + kCodeSize;
constexpr std::size_t kDigestSize = 8, kSaltSize = 7;
constexpr std::size_t kHiddenSize = kDatesSize + kDigestSize + kSaltSize;

using SignedBytes = std::array<std::uint8_t, kSignedCodeAt + kCodeSize>;
using OpaqueBytes = std::array<std::uint8_t, kHiddenAt + kHiddenSize>;
using Hidden = std::array<std::uint8_t, kHiddenSize>;
// What the code of an opaque token is over.
using ClearText = std::array<std::uint8_t, kHeadSize + kHiddenSize>;

static_assert(base::base64url_size(std::tuple_size_v<SignedBytes>) == kSignedTokenSize);
static_assert(base::base64url_size(std::tuple_size_v<OpaqueBytes>) == kOpaqueTokenSize);
static_assert(kHiddenSize <= std::tuple_size_v<base::MacBytes>, "one HMAC is the key stream");

void put_dates(std::uint8_t *out, const CookieDates &dates) noexcept
{
    base::put_number(out, static_cast<std::uint64_t>(dates.issued_s), 4);
    base::put_number(out + 4, static_cast<std::uint64_t>(dates.seen_s), 4);
}

CookieDates dates_at(const std::uint8_t *in) noexcept
{
    return {static_cast<std::int64_t>(base::number_at(in, 4)),
            static_cast<std::int64_t>(base::number_at(in + 4, 4))};
}

template <typename Bytes>
void put_head(Bytes &out, std::uint8_t version, std::span<const std::uint8_t> key_id,
              std::span<const std::uint8_t> balancer) noexcept
{
    out[0] = version;
    std::copy(key_id.begin(), key_id.end(), out.begin() + kKeyIdAt);
    std::copy(balancer.begin(), balancer.end(), out.begin() + kBalancerAt);
}

std::span<const std::uint8_t> cut(const base::MacBytes &mac) noexcept
{
    return std::span(mac).first<kCodeSize>();
}

void encrypt_or_decrypt(std::span<const std::uint8_t> code, const base::HmacKey &key,
                        std::uint8_t *hidden) noexcept
{
    const auto stream = key.code_of(code);
    for (std::size_t i = 0; i < kHiddenSize; ++i)
        hidden[i] ^= stream[i];
}

base::MacBytes code_of_clear_text(const base::HmacKey &key, const OpaqueBytes &head,
                                  const std::uint8_t *hidden) noexcept
{
    ClearText clear;
    std::copy_n(head.begin(), kHeadSize, clear.begin());
    std::copy_n(hidden, kHiddenSize, clear.begin() + kHeadSize);
    return key.code_of(clear);
}

std::span<const std::uint8_t> bytes_of(std::string_view text) noexcept
{
    return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

template <typename Bytes>
void write_base64url(base::BoundedWriter &out, const Bytes &bytes) noexcept
{
    std::array<char, base::base64url_size(std::tuple_size_v<Bytes>)> text;
    base::encode_base64url(bytes, text);
    out << std::string_view(text.data(), text.size());
}

}  // namespace

base::HmacKey derived_key(std::span<const std::uint8_t, kSecretSize> secret,
                          std::string_view purpose, std::string_view balancer_name)
{
    const base::HmacKey root(secret);
    std::string text(purpose);
    text.append(1, '\0').append(balancer_name);
    auto bytes = root.code_of(bytes_of(text));
    base::HmacKey key(bytes);
    base::erase_secret(bytes);
    return key;
}

bool TokenKeys::add(std::string_view id, std::span<const std::uint8_t, kSecretSize> secret)
{
    const auto derived = [&](std::string_view purpose) {
        return derived_key(secret, purpose, balancer_name_);
    };
    const auto id_digest = base::sha256(id), tag = base::sha256(balancer_name_);
    Key key{{},
            {},
            derived("stickybalancer 1 sign"),
            derived("stickybalancer 1 authenticate"),
            derived("stickybalancer 1 encrypt")};
    std::copy_n(id_digest.begin(), key.id.size(), key.id.begin());
    std::copy_n(tag.begin(), key.balancer.size(), key.balancer.begin());
    const auto has_same_id = [&](const Key &other) { return other.id == key.id; };
    if (keys_.size() == kMostKeys || std::any_of(keys_.begin(), keys_.end(), has_same_id))
        return false;
    keys_.push_back(key);
    return true;
}

// Null, with the fault in `opened`.
template <typename Bytes>
const TokenKeys::Key *TokenKeys::find_key(const Bytes &token, std::uint8_t version,
                                          Token &opened) const noexcept
{
    if (token[0] != version)
        return nullptr;  // as malformed as it was
    for (const auto &key : keys_) {
        if (!std::equal(key.id.begin(), key.id.end(), token.begin() + kKeyIdAt))
            continue;
        if (std::equal(key.balancer.begin(), key.balancer.end(), token.begin() + kBalancerAt))
            return &key;
        opened.fault = TokenFault::kForeign;
        return nullptr;
    }
    opened.fault = TokenFault::kUnknownKey;
    return nullptr;
}

Token TokenKeys::open_signed(std::string_view text, std::string_view route) const noexcept
{
    Token opened;
    SignedBytes token;
    if (!base::decode_base64url(text, token))
        return opened;
    const auto *key = find_key(token, kSignedVersion, opened);
    if (key == nullptr)
        return opened;
    const auto code = key->sign.code_of(std::span(token).first<kSignedCodeAt>(), route);
    opened.fault = TokenFault::kForged;
    if (!base::are_equal_secrets(cut(code), std::span(token).last<kCodeSize>()))
        return opened;
    return {TokenFault::kNone, dates_at(token.data() + kSignedDatesAt), 0, is_first(key)};
}

Token TokenKeys::open_opaque(std::string_view text) const noexcept
{
    Token opened;
    OpaqueBytes token;
    if (!base::decode_base64url(text, token))
        return opened;
    const auto *key = find_key(token, kOpaqueVersion, opened);
    if (key == nullptr)
        return opened;
    const auto claimed = std::span(token).subspan<kOpaqueCodeAt, kCodeSize>();
    auto *hidden = token.data() + kHiddenAt;
    encrypt_or_decrypt(claimed, key->encrypt, hidden);
    const auto code = code_of_clear_text(key->authenticate, token, hidden);
    opened.fault = TokenFault::kForged;
    if (!base::are_equal_secrets(cut(code), claimed))
        return opened;
    return {TokenFault::kNone, dates_at(hidden), base::number_at(hidden + kDatesSize, kDigestSize),
            is_first(key)};
}

void TokenKeys::write_signed(base::BoundedWriter &out, std::string_view route,
                             const CookieDates &dates) const noexcept
{
    const auto &key = keys_.front();
    SignedBytes token;
    put_head(token, kSignedVersion, key.id, key.balancer);
    put_dates(token.data() + kSignedDatesAt, dates);
    const auto mac = key.sign.code_of(std::span(token).first<kSignedCodeAt>(), route);
    std::copy_n(mac.begin(), kCodeSize, token.begin() + kSignedCodeAt);
    write_base64url(out, token);
}

void TokenKeys::write_opaque(base::BoundedWriter &out, std::uint64_t route_digest,
                             const CookieDates &dates, std::uint64_t salt) const noexcept
{
    const auto &key = keys_.front();
    OpaqueBytes token;
    put_head(token, kOpaqueVersion, key.id, key.balancer);
    auto *hidden = token.data() + kHiddenAt;
    put_dates(hidden, dates);
    base::put_number(hidden + kDatesSize, route_digest, kDigestSize);
    base::put_number(hidden + kDatesSize + kDigestSize, salt, kSaltSize);
    const auto mac = code_of_clear_text(key.authenticate, token, hidden);
    std::copy_n(mac.begin(), kCodeSize, token.begin() + kOpaqueCodeAt);
    encrypt_or_decrypt(cut(mac), key.encrypt, hidden);
    write_base64url(out, token);
}

}  // namespace stickybalancer::persistence
