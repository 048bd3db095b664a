// SPDX-License-Identifier: Apache-2.0
#include "core/shm/robust_lock.hpp"

#include <cerrno>
#include <cstring>

namespace stickybalancer::shm {

bool init_lock(LockLine &lock) noexcept
{
    std::memset(static_cast<void *>(&lock), 0, sizeof(lock));
    pthread_mutexattr_t attributes;
    if (pthread_mutexattr_init(&attributes) != 0)
        return false;
    const bool is_made = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0 &&
                         pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0 &&
                         pthread_mutex_init(&lock.mutex, &attributes) == 0;
    pthread_mutexattr_destroy(&attributes);
    return is_made;
}

RobustGuard::RobustGuard(LockLine &lock) noexcept : lock_(lock)
{
    const int error = pthread_mutex_lock(&lock_.mutex);
    owner_died_ = error == EOWNERDEAD;
    // At once: whoever is killed from here on leaves EOWNERDEAD again.
    if (owner_died_)
        pthread_mutex_consistent(&lock_.mutex);
    is_held_ = error == 0 || owner_died_;
}

RobustGuard::~RobustGuard()
{
    if (is_held_)
        pthread_mutex_unlock(&lock_.mutex);
}

}  // namespace stickybalancer::shm
