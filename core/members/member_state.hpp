// SPDX-License-Identifier: Apache-2.0
//
// A member's state as its host keeps it: a word of bits that change at any moment, and when it last
// failed. The core is told where the word is and what its bits mean, reads it at each decision, and
// never writes it.
//
//   stopped bits   an operator has taken it out: nobody is sent there
//   check_failed   a check found it down: nobody is sent there until a check says otherwise
//   error bit      it failed; once its retry interval has passed a request may try it again
//   drain bit      bound clients only
//
// A member that is checked has a word more, in shared memory (shm/check_word.hpp). What it says is down gets
// nobody; what it says is draining, bound clients only; and with the error bit it gets nobody either: no
// request tries it again, checks do.
//
//   standby, spare used when others are gone (member_table.hpp)
#pragma once

#include <cstdint>

#include "core/base/relaxed.hpp"
#include "core/base/time.hpp"
#include "core/shm/check_word.hpp"

namespace stickybalancer::members {

struct StateBits {
    std::uint32_t required = 0;       // all of these, or the member is not ready for anybody
    std::uint32_t stopped = 0;        // any of these: nobody
    std::uint32_t error = 0;          // failed
    std::uint32_t ignore_errors = 0;  // failed means nothing
    std::uint32_t drain = 0;
    std::uint32_t standby = 0;
    std::uint32_t spare = 0;
    std::uint32_t check_failed = 0;  // any of these
};

enum class Readiness : std::uint8_t {
    kUsable,
    kRetryDue,  // failed, but it is time to try again
    kFailed,
    kStopped,      // an operator's word, or it is not there yet
    kCheckFailed,  // only a check brings it back
};

// Pointers into the host's memory, valid as long as the snapshot that holds them. Each word is read
// on its own: a reader may see a new state beside an old time, which costs one early or late retry
// at most.
class LiveState {
public:
    LiveState() = default;
    // `check`: null for a member that is not checked. `actual`: what it has come to (shm/actual_state.hpp); null
    // where nobody notes it.
    LiveState(const std::uint32_t *status, const std::int64_t *failed_at_us,
              const std::int64_t *retry_us, const base::Published<std::uint64_t> *check = nullptr,
              const base::Published<std::uint64_t> *actual = nullptr)
        : status_(status),
          failed_at_us_(failed_at_us),
          retry_us_(retry_us),
          check_(check),
          actual_(actual)
    {
    }

    std::uint32_t status() const noexcept { return __atomic_load_n(status_, __ATOMIC_RELAXED); }
    base::DurationUs retry() const noexcept
    {
        return {__atomic_load_n(retry_us_, __ATOMIC_RELAXED)};
    }
    Readiness readiness(const StateBits &bits, base::TimeUs now) const noexcept;

    bool is_ready(const StateBits &bits, base::TimeUs now) const noexcept
    {
        const auto is = readiness(bits, now);
        return is == Readiness::kUsable || is == Readiness::kRetryDue;
    }
    // It is not taken out; it does not work.
    bool is_down(const StateBits &bits, base::TimeUs now) const noexcept
    {
        const auto is = readiness(bits, now);
        return is == Readiness::kFailed || is == Readiness::kCheckFailed;
    }
    // Its last try failed within its interval. The host may let requests try it before that is over, and says
    // so by the time of its failure: of that this knows nothing.
    bool has_just_failed(const StateBits &bits, base::TimeUs now) const noexcept;
    bool is_draining(const StateBits &bits) const noexcept
    {
        return (status() & bits.drain) != 0 ||
               (check_ != nullptr && shm::is_draining(check_->acquire()));
    }
    bool is_standby(const StateBits &bits) const noexcept { return (status() & bits.standby) != 0; }
    bool is_spare(const StateBits &bits) const noexcept { return (status() & bits.spare) != 0; }

private:
    const std::uint32_t *status_ = nullptr;
    const std::int64_t *failed_at_us_ = nullptr;
    const std::int64_t *retry_us_ = nullptr;
    const base::Published<std::uint64_t> *check_ = nullptr;
    const base::Published<std::uint64_t> *actual_ = nullptr;
};

}  // namespace stickybalancer::members
