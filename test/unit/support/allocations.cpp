// SPDX-License-Identifier: Apache-2.0
#include "test/unit/support/allocations.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

thread_local std::size_t count = 0;

void *allocate(std::size_t size_bytes, std::size_t alignment)
{
    ++count;
    void *memory = nullptr;
    if (posix_memalign(&memory, alignment, size_bytes) != 0)
        throw std::bad_alloc();
    return memory;
}

void *allocate(std::size_t size_bytes)
{
    ++count;
    void *memory = std::malloc(std::max<std::size_t>(1, size_bytes));
    if (memory == nullptr)
        throw std::bad_alloc();
    return memory;
}

// OpenSSL's memory, which does not come from operator new.
void *allocate_for_openssl(std::size_t size_bytes, const char *, int)
{
    ++count;
    return std::malloc(size_bytes);
}
void *reallocate_for_openssl(void *memory, std::size_t size_bytes, const char *, int)
{
    ++count;
    return std::realloc(memory, size_bytes);
}
void free_for_openssl(void *memory, const char *, int) { std::free(memory); }

const int is_openssl_counted =
    CRYPTO_set_mem_functions(allocate_for_openssl, reallocate_for_openssl, free_for_openssl);

}  // namespace

namespace stickybalancer::test {
std::size_t allocation_count() { return count; }
}  // namespace stickybalancer::test

// For the libraries of tests, too: to clang, which has no sized deallocation, those with a size are hidden.
#pragma GCC visibility push(default)
void *operator new(std::size_t size) { return allocate(size); }
void *operator new[](std::size_t size) { return allocate(size); }
void *operator new(std::size_t size, std::align_val_t alignment)
{
    return allocate(size, static_cast<std::size_t>(alignment));
}
void *operator new[](std::size_t size, std::align_val_t alignment)
{
    return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete[](void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void *memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void *memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void *memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void *memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
#pragma GCC visibility pop
