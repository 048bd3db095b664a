// SPDX-License-Identifier: Apache-2.0
#include "core/base/seeded_digest.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace stickybalancer::base {

std::uint64_t seeded_digest(std::uint64_t seed, std::string_view text) noexcept
{
    return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

}  // namespace stickybalancer::base
