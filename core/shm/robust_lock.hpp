// SPDX-License-Identifier: Apache-2.0
//
// A mutex in shared memory whose owner may die. The next to lock it is told, makes good what the
// dead one may have left half done, and goes on; it is for what is rare, or for a member that has a
// limit, never for reading on a request's path.
//
// Thread safety: init_lock() before others can lock it; the rest from any thread of any process.
#pragma once

#include "core/shm/layout.hpp"

namespace stickybalancer::shm {

// Makes any bytes a mutex that nobody holds. False: the system has none to share.
bool init_lock(LockLine &lock) noexcept;

// Holds the mutex for its life. Waits for the holder: hold it for a bounded time, and call nothing
// meanwhile that waits for anything else.
class RobustGuard {
public:
    explicit RobustGuard(LockLine &lock) noexcept;
    ~RobustGuard();
    RobustGuard(const RobustGuard &) = delete;
    RobustGuard &operator=(const RobustGuard &) = delete;

    // False where the bytes are no mutex: nothing that it guards may be touched.
    bool is_held() const noexcept { return is_held_; }
    bool owner_died() const noexcept { return owner_died_; }

private:
    LockLine &lock_;
    bool is_held_ = false;
    bool owner_died_ = false;
};

}  // namespace stickybalancer::shm
