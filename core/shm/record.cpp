// SPDX-License-Identifier: Apache-2.0
#include "core/shm/record.hpp"

#include <cstring>

namespace stickybalancer::shm {

std::uint64_t record_check(const MemberRecord &record) noexcept
{
    unsigned char bytes[sizeof(record) - sizeof(record.check)];
    std::memcpy(bytes, reinterpret_cast<const unsigned char *>(&record) + sizeof(record.check),
                sizeof(bytes));
    std::uint64_t digest = 14695981039346656037U;  // FNV-1a, by Fowler, Noll and Vo
    for (const auto byte : bytes)
        digest = (digest ^ byte) * 1099511628211U;
    return digest;
}

bool is_sound(const MemberRecord &record) noexcept
{
    static constexpr MemberRecord kZero{};
    if (std::memcmp(&record, &kZero, sizeof(record)) == 0)
        return true;
    return record.check == record_check(record) && record.use <= PlaceUse::kReleased &&
           record.requested <= Requested::kStopped;
}

}  // namespace stickybalancer::shm
