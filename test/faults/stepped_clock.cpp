// SPDX-License-Identifier: Apache-2.0
#include "test/faults/stepped_clock.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "test/support/socket.hpp"

namespace stickybalancer::test {
namespace {

// What HttpdInstance preloads goes before what it inherits.
const char *preload_name()
{
    const char *given = ::getenv("SB_PRELOAD");
    return given && *given ? "SB_PRELOAD" : "LD_PRELOAD";
}

}  // namespace

SteppedClock::SteppedClock()
{
    const auto file = directory_.path() / "step";
    const Fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    void *memory = MAP_FAILED;
    if (fd && ::ftruncate(fd.number(), sizeof(*step_us_)) == 0)
        memory =
            ::mmap(nullptr, sizeof(*step_us_), PROT_READ | PROT_WRITE, MAP_SHARED, fd.number(), 0);
    if (memory == MAP_FAILED)
        throw std::system_error(errno, std::generic_category(), file.string());
    step_us_ = static_cast<std::atomic<std::int64_t> *>(memory);

    const char *given = ::getenv(preload_name());
    preload_ = given ? given : "";
    ::setenv("SB_CLOCK_FILE", file.c_str(), 1);
    ::setenv(preload_name(),
             (preload_.empty() ? SB_CLOCK_SHIM : preload_ + ':' + SB_CLOCK_SHIM).c_str(), 1);
}

SteppedClock::~SteppedClock()
{
    if (preload_.empty())
        ::unsetenv(preload_name());
    else
        ::setenv(preload_name(), preload_.c_str(), 1);
    ::unsetenv("SB_CLOCK_FILE");
    ::munmap(step_us_, sizeof(*step_us_));
}

}  // namespace stickybalancer::test
