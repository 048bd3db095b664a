// SPDX-License-Identifier: Apache-2.0
#include "core/base/keyed_digest.hpp"

#include <bit>
#include <cstring>

namespace stickybalancer::base {
namespace {

class SipHash {
public:
    explicit SipHash(const DigestSecret &secret) noexcept
        : v0_(secret.first ^ 0x736f6d6570736575),
          v1_(secret.second ^ 0x646f72616e646f6d ^ 0xee),  // 0xee: of the 128-bit output
          v2_(secret.first ^ 0x6c7967656e657261),
          v3_(secret.second ^ 0x7465646279746573)
    {
    }

    void add(std::uint64_t word) noexcept
    {
        v3_ ^= word;
        rounds(2);
        v0_ ^= word;
    }

    Digest128 finish() noexcept
    {
        v2_ ^= 0xee;
        rounds(4);
        const auto first = v0_ ^ v1_ ^ v2_ ^ v3_;
        v1_ ^= 0xdd;
        rounds(4);
        return {v0_ ^ v1_ ^ v2_ ^ v3_, first};
    }

private:
    void rounds(int count) noexcept
    {
        for (; count > 0; --count) {
            v0_ += v1_;
            v2_ += v3_;
            v1_ = std::rotl(v1_, 13) ^ v0_;
            v3_ = std::rotl(v3_, 16) ^ v2_;
            v0_ = std::rotl(v0_, 32) + v3_;
            v2_ += v1_;
            v3_ = std::rotl(v3_, 21) ^ v0_;
            v1_ = std::rotl(v1_, 17) ^ v2_;
            v2_ = std::rotl(v2_, 32);
        }
    }

    std::uint64_t v0_, v1_, v2_, v3_;
};

std::uint64_t word_at(const char *bytes, std::size_t count) noexcept
{
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, count);
    return word;
}

}  // namespace

Digest128 keyed_digest(const DigestSecret &secret, std::uint64_t kind,
                       std::string_view text) noexcept
{
    static_assert(std::endian::native == std::endian::little);
    SipHash hash(secret);
    hash.add(kind);
    const auto size = text.size() + sizeof(kind);
    for (; text.size() >= 8; text.remove_prefix(8))
        hash.add(word_at(text.data(), 8));
    hash.add(word_at(text.data(), text.size()) | std::uint64_t{size} << 56);
    return hash.finish();
}

}  // namespace stickybalancer::base
