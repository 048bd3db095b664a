// SPDX-License-Identifier: Apache-2.0
//
// The "base64url" alphabet of RFC 4648 section 5, without padding, for lengths of whole groups only:
// three bytes are four characters. So each text stands for one string of bytes, and each string of
// bytes has one text.
//
// Thread safety: pure. No allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace stickybalancer::base {

constexpr std::size_t base64url_size(std::size_t byte_count) noexcept { return byte_count / 3 * 4; }

// bytes.size() is a multiple of 3; `text` has base64url_size() of it.
void encode_base64url(std::span<const std::uint8_t> bytes, std::span<char> text) noexcept;

// False: `text` is not of the alphabet, or not of the length that fills `bytes`, whose content is then
// undefined. bytes.size() is a multiple of 3.
bool decode_base64url(std::string_view text, std::span<std::uint8_t> bytes) noexcept;

}  // namespace stickybalancer::base
