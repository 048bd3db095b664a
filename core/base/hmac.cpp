// SPDX-License-Identifier: Apache-2.0
//
// OpenSSL's functions for SHA-256 alone are used, not those of its EVP: these look the algorithm up
// and allocate for each copy of a state, which a request must not.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/base/hmac.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cassert>

namespace stickybalancer::base {
namespace {

using State = std::array<std::uint32_t, 8>;
using Block = std::array<std::uint8_t, SHA256_CBLOCK>;

static_assert(sizeof(MacBytes) == SHA256_DIGEST_LENGTH && sizeof(SHA256_CTX::h) == sizeof(State));

SHA256_CTX context_behind_one_block(const State &state) noexcept
{
    SHA256_CTX context{};
    std::copy(state.begin(), state.end(), context.h);
    context.Nl = 8 * SHA256_CBLOCK;  // bits hashed so far
    context.md_len = SHA256_DIGEST_LENGTH;
    return context;
}

State state_of_padded_key(Block key, std::uint8_t padding) noexcept
{
    for (auto &byte : key)
        byte ^= padding;
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Transform(&context, key.data());
    State state;
    std::copy(std::begin(context.h), std::end(context.h), state.begin());
    erase_secret(key);
    OPENSSL_cleanse(&context, sizeof(context));
    return state;
}

}  // namespace

HmacKey::HmacKey(std::span<const std::uint8_t> secret) noexcept
{
    Block key{};
    if (secret.size() <= key.size())
        std::copy(secret.begin(), secret.end(), key.begin());
    else
        SHA256(secret.data(), secret.size(), key.data());
    inner_ = state_of_padded_key(key, 0x36);
    outer_ = state_of_padded_key(key, 0x5c);
    erase_secret(key);
}

HmacKey::~HmacKey()
{
    OPENSSL_cleanse(inner_.data(), sizeof(inner_));
    OPENSSL_cleanse(outer_.data(), sizeof(outer_));
}

MacBytes HmacKey::code_of(std::span<const std::uint8_t> head, std::string_view tail) const noexcept
{
    MacBytes code;
    auto context = context_behind_one_block(inner_);
    SHA256_Update(&context, head.data(), head.size());
    SHA256_Update(&context, tail.data(), tail.size());
    SHA256_Final(code.data(), &context);
    context = context_behind_one_block(outer_);
    SHA256_Update(&context, code.data(), code.size());
    SHA256_Final(code.data(), &context);
    return code;
}

MacBytes sha256(std::string_view text) noexcept
{
    MacBytes digest;
    SHA256(reinterpret_cast<const unsigned char *>(text.data()), text.size(), digest.data());
    return digest;
}

bool are_equal_secrets(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept
{
    assert(a.size() == b.size());
    return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void erase_secret(std::span<std::uint8_t> secret) noexcept
{
    OPENSSL_cleanse(secret.data(), secret.size());
}

}  // namespace stickybalancer::base
