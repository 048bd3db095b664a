// SPDX-License-Identifier: Apache-2.0
//
// One immutable object that many threads read without a lock and that is replaced as a whole.
//
// Benefits   A reader never waits, never retries and never sees half an update.
// Costs      Two read-modify-writes a read, on a line that only readers with a neighbouring stack
//            share. A replaced object is kept until a moment without readers; at most kMostRetired
//            of them, then replace_locked() refuses until such a moment has come.
//
// States of an object: current (in current_), retired (in retired_), gone.
// Transitions, and why they are safe: a reader first enters its stripe, then loads current_, both
// sequentially consistent. A writer first exchanges current_, then reads the stripes. So a reader
// that holds a retired object had entered its stripe before the writer looked at it. A stripe that
// was seen at zero once after an object was retired holds no reader of that object; seen so for
// every stripe, it is free to go. The stripe is chosen by the address of a local variable: threads
// have stacks of their own, and a wrong guess costs time only, since a reader leaves the stripe
// that it entered.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace stickybalancer::base {

template <typename T>
class SnapshotCell {
    struct alignas(64) Stripe {
        std::atomic<std::uint32_t> readers{0};
    };

public:
    static constexpr std::size_t kMostRetired = 8;

    SnapshotCell() = default;
    SnapshotCell(const SnapshotCell &) = delete;
    SnapshotCell &operator=(const SnapshotCell &) = delete;

    // No reader may be left.
    ~SnapshotCell() { delete current_.load(); }

    // Holds the object for as long as it lives; null before the first replace(). Keep it for one
    // decision.
    class Reading {
    public:
        explicit Reading(const SnapshotCell &cell) noexcept : stripe_(&cell.own_stripe())
        {
            stripe_->readers.fetch_add(1);
            object_ = cell.current_.load();
        }
        ~Reading() { stripe_->readers.fetch_sub(1); }
        Reading(const Reading &) = delete;
        Reading &operator=(const Reading &) = delete;

        explicit operator bool() const noexcept { return object_ != nullptr; }
        const T &operator*() const noexcept { return *object_; }
        const T *operator->() const noexcept { return object_; }

    private:
        Stripe *stripe_;
        const T *object_;
    };

    // Caller keeps other writers out. False: too many old objects are still read, nothing changed.
    bool replace_locked(std::unique_ptr<const T> next)
    {
        free_unread();
        if (retired_count_ == kMostRetired)
            return false;
        if (const T *old = current_.exchange(next.release()); old != nullptr)
            retired_[retired_count_++] = {std::unique_ptr<const T>(old), 0};
        free_unread();
        return true;
    }

private:
    static constexpr std::size_t kStripes = 8;
    static constexpr std::uint32_t kAllStripes = (1U << kStripes) - 1;

    struct Retired {
        std::unique_ptr<const T> object;
        std::uint32_t stripes_seen_empty = 0;
    };

    Stripe &own_stripe() const noexcept
    {
        const char here = 0;
        // Thread stacks lie 64 KiB and more apart; the multiplication spreads whatever the distance
        // is.
        const auto page = reinterpret_cast<std::uintptr_t>(&here) >> 16;
        return stripes_[(page * 0x9E3779B97F4A7C15U) >> 61];
    }

    void free_unread()
    {
        std::uint32_t empty = 0;
        for (std::size_t i = 0; i < kStripes; ++i)
            if (stripes_[i].readers.load() == 0)
                empty |= 1U << i;
        std::size_t kept = 0;
        for (std::size_t i = 0; i < retired_count_; ++i) {
            retired_[i].stripes_seen_empty |= empty;
            if (retired_[i].stripes_seen_empty == kAllStripes)
                retired_[i].object.reset();
            else
                std::swap(retired_[kept++], retired_[i]);
        }
        retired_count_ = kept;
    }

    std::atomic<const T *> current_{nullptr};
    mutable std::array<Stripe, kStripes> stripes_;
    std::array<Retired, kMostRetired> retired_;
    std::size_t retired_count_ = 0;
};

}  // namespace stickybalancer::base
