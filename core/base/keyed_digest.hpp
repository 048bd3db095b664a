// SPDX-License-Identifier: Apache-2.0
//
// 128 bits that stand for a text of any length under a secret: SipHash-2-4 with its 128-bit output
// (Aumasson and Bernstein, SipHash: a fast short-input PRF, INDOCRYPT 2012). Who does not know the
// secret cannot find two texts of one digest, nor choose where a text goes in a table, nor go back
// from a digest to a text that cannot be guessed.
//
// Cost: 2 rounds for each 8 bytes and 10 more; no allocation. Thread safety: pure.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

namespace stickybalancer::base {

struct Digest128 {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    auto operator<=>(const Digest128 &) const = default;
};

struct DigestSecret {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
};

// Of the text and of `kind`: texts of different kinds have different digests.
Digest128 keyed_digest(const DigestSecret &secret, std::uint64_t kind,
                       std::string_view text) noexcept;

}  // namespace stickybalancer::base
