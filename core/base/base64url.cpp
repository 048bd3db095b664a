// SPDX-License-Identifier: Apache-2.0
#include "core/base/base64url.hpp"

#include <array>
#include <cassert>

namespace stickybalancer::base {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint32_t kNone = 0x80;  // in no value

constexpr auto kValues = [] {
    std::array<std::uint32_t, 256> values{};
    values.fill(kNone);
    for (std::uint32_t i = 0; i < kAlphabet.size(); ++i)
        values[static_cast<unsigned char>(kAlphabet[i])] = i;
    return values;
}();

constexpr std::uint32_t value_of(char c) noexcept { return kValues[static_cast<unsigned char>(c)]; }

}  // namespace

void encode_base64url(std::span<const std::uint8_t> bytes, std::span<char> text) noexcept
{
    assert(bytes.size() % 3 == 0 && text.size() == base64url_size(bytes.size()));
    for (std::size_t in = 0, out = 0; in < bytes.size(); in += 3, out += 4) {
        const std::uint32_t group = static_cast<std::uint32_t>(bytes[in] << 16) |
                                    static_cast<std::uint32_t>(bytes[in + 1] << 8) | bytes[in + 2];
        text[out] = kAlphabet[group >> 18];
        text[out + 1] = kAlphabet[group >> 12 & 63];
        text[out + 2] = kAlphabet[group >> 6 & 63];
        text[out + 3] = kAlphabet[group & 63];
    }
}

bool decode_base64url(std::string_view text, std::span<std::uint8_t> bytes) noexcept
{
    assert(bytes.size() % 3 == 0);
    if (text.size() != base64url_size(bytes.size()))
        return false;
    std::uint32_t all = 0;
    for (std::size_t in = 0, out = 0; in < text.size(); in += 4, out += 3) {
        const std::uint32_t high = value_of(text[in]), middle = value_of(text[in + 1]),
                            low = value_of(text[in + 2]), lowest = value_of(text[in + 3]);
        all |= high | middle | low | lowest;
        const std::uint32_t group = high << 18 | middle << 12 | low << 6 | lowest;
        bytes[out] = static_cast<std::uint8_t>(group >> 16);
        bytes[out + 1] = static_cast<std::uint8_t>(group >> 8);
        bytes[out + 2] = static_cast<std::uint8_t>(group);
    }
    return (all & kNone) == 0;
}

}  // namespace stickybalancer::base
