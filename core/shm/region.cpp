// SPDX-License-Identifier: Apache-2.0
#include "core/shm/region.hpp"

#include <cstring>

namespace stickybalancer::shm {
namespace {

constexpr std::uint64_t fingerprint() noexcept
{
    constexpr std::uint64_t facts[] = {sizeof(RegionHeader),
                                       offsetof(RegionHeader, balancer_count),
                                       offsetof(RegionHeader, size_bytes),
                                       sizeof(BalancerState),
                                       offsetof(BalancerState, generation),
                                       offsetof(BalancerState, last_fact),
                                       offsetof(BalancerState, refused_cookies),
                                       kRefusalCount,
                                       kCursorCount};
    std::uint64_t digest = 14695981039346656037U;  // FNV-1a, by Fowler, Noll and Vo
    for (const auto fact : facts)
        digest = (digest ^ fact) * 1099511628211U;
    return digest;
}

}  // namespace

std::size_t region_size(std::uint32_t balancer_count) noexcept
{
    return sizeof(RegionHeader) + std::size_t{balancer_count} * sizeof(BalancerState);
}

base::Status format(void *memory, std::size_t size_bytes, std::uint32_t balancer_count) noexcept
{
    if (reinterpret_cast<std::uintptr_t>(memory) % alignof(RegionHeader) != 0 ||
        size_bytes < region_size(balancer_count))
        return base::Status::kInvalidArgument;
    std::memset(memory, 0, region_size(balancer_count));
    auto *header = static_cast<RegionHeader *>(memory);
    header->major = kLayoutMajor;
    header->minor = kLayoutMinor;
    header->balancer_count = balancer_count;
    header->size_bytes = size_bytes;
    header->fingerprint = fingerprint();
    header->magic = kMagic;
    return base::Status::kOk;
}

base::Result<BalancerState *> attach(void *memory, std::size_t size_bytes,
                                     std::uint32_t balancer_index) noexcept
{
    const auto *header = static_cast<const RegionHeader *>(memory);
    if (size_bytes < sizeof(RegionHeader) || header->magic != kMagic ||
        header->major != kLayoutMajor || header->fingerprint != fingerprint() ||
        header->size_bytes != size_bytes || size_bytes < region_size(header->balancer_count))
        return base::Status::kLayoutMismatch;
    if (balancer_index >= header->balancer_count)
        return base::Status::kNotFound;
    auto *bytes = static_cast<std::byte *>(memory) + region_size(balancer_index);
    return reinterpret_cast<BalancerState *>(bytes);
}

}  // namespace stickybalancer::shm
