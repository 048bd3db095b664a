// SPDX-License-Identifier: Apache-2.0
//
// Atomics whose memory order stands in the name, so that a reader need not look it up.
//   Relaxed<T>    a number of its own: nothing else is read on its word (counters, cursors). Where
//                 several such words must agree, their ordered_ methods stand in one order that all
//                 threads and processes see (sequential consistency).
//   Published<T>  what is written before publish() is seen by whoever reads it with acquire().
// Both have the size of T, may live in memory shared by processes, and start as zero bytes.
#pragma once

#include <atomic>

namespace stickybalancer::base {

template <typename T>
class Relaxed {
public:
    T load() const noexcept { return value_.load(std::memory_order_relaxed); }
    void store(T value) noexcept { value_.store(value, std::memory_order_relaxed); }
    T fetch_add(T more) noexcept { return value_.fetch_add(more, std::memory_order_relaxed); }
    T fetch_or(T bits) noexcept { return value_.fetch_or(bits, std::memory_order_relaxed); }
    T exchange(T value) noexcept { return value_.exchange(value, std::memory_order_relaxed); }
    // Writes `desired` where the value is `expected`; else tells in `expected` what it is.
    bool compare_exchange(T &expected, T desired) noexcept
    {
        return value_.compare_exchange_strong(expected, desired, std::memory_order_relaxed);
    }
    bool ordered_compare_exchange(T &expected, T desired) noexcept
    {
        return value_.compare_exchange_strong(expected, desired, std::memory_order_seq_cst);
    }
    T ordered_load() const noexcept { return value_.load(std::memory_order_seq_cst); }
    T ordered_fetch_add(T more) noexcept
    {
        return value_.fetch_add(more, std::memory_order_seq_cst);
    }
    T ordered_exchange(T value) noexcept
    {
        return value_.exchange(value, std::memory_order_seq_cst);
    }

private:
    std::atomic<T> value_;
    static_assert(std::atomic<T>::is_always_lock_free, "two processes may share it");
};

template <typename T>
class Published {
public:
    T acquire() const noexcept { return value_.load(std::memory_order_acquire); }
    void publish(T value) noexcept { value_.store(value, std::memory_order_release); }
    T publish_add(T more) noexcept { return value_.fetch_add(more, std::memory_order_acq_rel); }
    // Publishes `desired` where the value is `expected`; else tells in `expected` what it is.
    bool compare_publish(T &expected, T desired) noexcept
    {
        return value_.compare_exchange_strong(expected, desired, std::memory_order_acq_rel,
                                              std::memory_order_acquire);
    }

private:
    std::atomic<T> value_;
    static_assert(std::atomic<T>::is_always_lock_free, "two processes may share it");
};

}  // namespace stickybalancer::base
