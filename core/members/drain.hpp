// SPDX-License-Identifier: Apache-2.0
//
// When the clients of a draining member go elsewhere. A member that drains keeps its clients, for ever unless
// it has
//   a deadline   so long after its drain was asked for it takes none of them any more, as if it were stopped;
//                one that was asked for with the drain goes over that of the configuration
//   an idle time a client that has asked for nothing for so long may be moved
//
// Since when it drains is in the region, so it outlives a restart. 0: not draining, or nobody has noted it
// yet, which happens within a second (note()).
//
// Thread safety: one word, read and written as a whole.
#pragma once

#include <cstdint>

#include "core/base/relaxed.hpp"
#include "core/base/time.hpp"

namespace stickybalancer::members {

class Drain {
public:
    Drain() = default;
    // `since_us`: shared. A deadline or an idle time of 0: none.
    // `asked_us`: shared; the time that was asked for, 0 none; may be null.
    Drain(base::Relaxed<std::int64_t> *since_us, base::DurationUs deadline, std::int64_t idle_s,
          const base::Relaxed<std::int64_t> *asked_us = nullptr)
        : since_us_(since_us), asked_us_(asked_us), deadline_(deadline), idle_s_(idle_s)
    {
    }

    std::int64_t idle_s() const noexcept { return idle_s_; }

    // 0: it does not drain.
    base::TimeUs since() const noexcept { return {since_us_ != nullptr ? since_us_->load() : 0}; }
    // Of a draining member; 0: none.
    base::TimeUs deadline() const noexcept
    {
        if (const auto asked_us = asked_us_ != nullptr ? asked_us_->load() : 0; asked_us > 0)
            return {since().us > 0 ? asked_us : 0};
        std::int64_t at_us = 0;  // what is in the region may be damaged
        const bool is_known = since().us > 0 && deadline_.us > 0 &&
                              !__builtin_add_overflow(since().us, deadline_.us, &at_us);
        return {is_known ? at_us : 0};
    }
    bool is_overdue(base::TimeUs now) const noexcept
    {
        const auto at = deadline();
        return at.us > 0 && now >= at;
    }

    // False: the word has to be written anew. A time that is yet to come is that of a clock which was stepped
    // back since.
    bool is_noted(bool is_draining, base::TimeUs now) const noexcept
    {
        const auto since_us = since().us;
        return since_us_ == nullptr ||
               (is_draining ? since_us > 0 && since_us <= now.us : since_us == 0);
    }
    // Since when; 0: it does not drain.
    void note(base::TimeUs since) const noexcept { since_us_->store(since.us); }

private:
    base::Relaxed<std::int64_t> *since_us_ = nullptr;
    const base::Relaxed<std::int64_t> *asked_us_ = nullptr;
    base::DurationUs deadline_;
    std::int64_t idle_s_ = 0;
};

}  // namespace stickybalancer::members
