// SPDX-License-Identifier: Apache-2.0
//
// What a member that has just come back gets of new clients: a share that grows in a straight line
// from 1 to 256 of 256ths. It is a function of the time, so nobody has to move it on.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/time.hpp"

namespace stickybalancer::members {

inline constexpr std::uint32_t kFullShare = 256;

class SlowStart {
public:
    SlowStart() = default;
    // `started_us`: the host's word, read at each decision, that says when the member came back; 0:
    // it is not starting. A length of 0: it gets everything at once.
    SlowStart(const std::int64_t *started_us, base::DurationUs length)
        : started_us_(started_us), length_(length)
    {
    }

    bool is_configured() const noexcept { return started_us_ != nullptr && length_.us > 0; }

    // A start that is yet to come means that the clock was stepped back, and holds nobody up.
    std::uint32_t share(base::TimeUs now) const noexcept
    {
        if (!is_configured())
            return kFullShare;
        const base::TimeUs started{__atomic_load_n(started_us_, __ATOMIC_RELAXED)};
        const auto passed = now - started;
        if (started.us == 0 || passed.us < 0 || passed >= length_)
            return kFullShare;
        // In doubles: the product may not fit in 64 bits, and garbage must not overflow.
        const double part = static_cast<double>(passed.us) / static_cast<double>(length_.us);
        return std::max(1U, static_cast<std::uint32_t>(part * kFullShare));
    }

private:
    const std::int64_t *started_us_ = nullptr;
    base::DurationUs length_;
};

}  // namespace stickybalancer::members
