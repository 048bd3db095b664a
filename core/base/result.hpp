// SPDX-License-Identifier: Apache-2.0
//
// A value, or the reason why there is none.
#pragma once

#include <cassert>
#include <cstdint>
#include <utility>
#include <variant>

namespace stickybalancer::base {

// The numbers are those of sb_status in stickybalancer.h; the ABI's tests compare the two.
enum class Status : std::uint8_t {
    kOk = 0,
    kNotFound = 1,
    kNoUsableMember = 2,
    kInvalidArgument = 3,
    kBufferTooSmall = 4,
    kTableFull = 7,
    kLayoutMismatch = 8,
    kNoMemory = 9,
    kInternal = 10,
    kBusy = 11,
    kFailoverForbidden = 12,
    kSessionsFull = 13,
};

template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : held_(std::move(value)) {}
    Result(Status why) : held_(why) { assert(why != Status::kOk); }

    explicit operator bool() const noexcept { return std::holds_alternative<T>(held_); }
    Status status() const noexcept { return *this ? Status::kOk : *std::get_if<Status>(&held_); }
    const T &operator*() const noexcept { return *std::get_if<T>(&held_); }
    const T *operator->() const noexcept { return std::get_if<T>(&held_); }

private:
    std::variant<T, Status> held_;
};

}  // namespace stickybalancer::base
