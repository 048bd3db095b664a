// SPDX-License-Identifier: Apache-2.0
//
// HMAC-SHA256 (RFC 2104, FIPS 198-1) with a key that stays: its two padded blocks are hashed once,
// when it is made. The only file that knows OpenSSL.
//
// Cost of a code over up to 55 bytes: two compressions of SHA-256; no allocation, no look-up.
// Thread safety: as an immutable object's. The key's state is erased with the object.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace stickybalancer::base {

using MacBytes = std::array<std::uint8_t, 32>;

class HmacKey {
public:
    explicit HmacKey(std::span<const std::uint8_t> secret) noexcept;
    HmacKey(const HmacKey &) = default;
    HmacKey &operator=(const HmacKey &) = default;
    ~HmacKey();

    // Of `head` and `tail`, one after the other.
    MacBytes code_of(std::span<const std::uint8_t> head, std::string_view tail = {}) const noexcept;

private:
    using State = std::array<std::uint32_t, 8>;  // of SHA-256 behind one block
    State inner_;
    State outer_;
};

// SHA-256 itself, of what is no secret.
MacBytes sha256(std::string_view text) noexcept;

// Takes the same time wherever the two differ. They have the same length.
bool are_equal_secrets(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept;

// Overwrites memory, also where a compiler would see no use in it.
void erase_secret(std::span<std::uint8_t> secret) noexcept;

}  // namespace stickybalancer::base
