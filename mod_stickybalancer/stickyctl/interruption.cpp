// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/interruption.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <new>

namespace stickybalancer::stickyctl {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

// A byte that nobody takes out: from the first signal on there is something to read.
int signal_pipe[2] = {-1, -1};

extern "C" void note_signal(int)
{
    const int error = errno;
    [[maybe_unused]] const auto written = ::write(signal_pipe[1], "", 1);
    errno = error;
}

bool is_readable_within(int timeout_ms)
{
    pollfd entry{signal_pipe[0], POLLIN, 0};
    return ::poll(&entry, 1, timeout_ms) > 0;
}

}  // namespace

// Without SA_RESTART: a read that waits for a person ends, too. What is ignored (nohup, a job in the background)
// stays so.
Interruption::Interruption()
{
    if (::pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        throw std::bad_alloc();
    struct sigaction action {};
    action.sa_handler = note_signal;
    ::sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < std::size(kSignals); ++i)
        if (::sigaction(kSignals[i], nullptr, &before_[i]) == 0 && before_[i].sa_handler != SIG_IGN)
            ::sigaction(kSignals[i], &action, nullptr);
}

Interruption::~Interruption()
{
    for (std::size_t i = 0; i < std::size(kSignals); ++i)
        ::sigaction(kSignals[i], &before_[i], nullptr);
    ::close(signal_pipe[0]);
    ::close(signal_pipe[1]);
}

bool Interruption::has_come() const { return is_readable_within(0); }

bool Interruption::comes_within(std::chrono::milliseconds span) const
{
    using std::chrono::steady_clock;
    const auto end = steady_clock::now() + span;
    for (;;) {
        const auto rest =
            std::chrono::ceil<std::chrono::milliseconds>(end - steady_clock::now()).count();
        if (is_readable_within(static_cast<int>(std::max<long>(rest, 0))))
            return true;
        if (rest <= 0)
            return false;
    }
}

bool Interruption::lets_read(int descriptor) const
{
    pollfd entries[] = {{signal_pipe[0], POLLIN, 0}, {descriptor, POLLIN, 0}};
    while (::poll(entries, 2, -1) < 0)
        if (errno != EINTR)
            return false;
    return entries[0].revents == 0;
}

}  // namespace stickybalancer::stickyctl
