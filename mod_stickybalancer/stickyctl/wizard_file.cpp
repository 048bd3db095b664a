// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/wizard_file.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "mod_stickybalancer/stickyctl/failure.hpp"

namespace stickybalancer::stickyctl {
namespace {

// A signal between making the file and naming it would leave it; it waits for so long.
class SignalsWait {
public:
    SignalsWait()
    {
        sigset_t all;
        ::sigfillset(&all);
        ::sigprocmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsWait() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
    SignalsWait(const SignalsWait &) = delete;
    SignalsWait &operator=(const SignalsWait &) = delete;

private:
    sigset_t before_;
};

mode_t wanted_mode(const std::string &name)
{
    struct stat status {};
    if (::stat(name.c_str(), &status) == 0)
        return status.st_mode & 07777;
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return 0666 & ~mask;
}

bool write_all(int file, const std::string &text)
{
    for (std::size_t at = 0; at < text.size();) {
        const auto length = ::write(file, text.data() + at, text.size() - at);
        if (length < 0)
            return false;
        at += static_cast<std::size_t>(length);
    }
    return true;
}

}  // namespace

void write_whole_file(const std::string &name, const std::string &text)
{
    const SignalsWait signals_wait;
    auto made = name + ".XXXXXX";
    const int file = ::mkostemp(made.data(), O_CLOEXEC);
    if (file < 0)
        throw Failure(ExitCode::kNotDone, "cannot write " + name + ": " + std::strerror(errno));
    bool is_written =
        write_all(file, text) && ::fchmod(file, wanted_mode(name)) == 0 && ::fsync(file) == 0;
    is_written = ::close(file) == 0 && is_written;
    if (is_written && ::rename(made.c_str(), name.c_str()) == 0)
        return;
    const int error = errno;
    ::unlink(made.c_str());
    throw Failure(ExitCode::kNotDone, "cannot write " + name + ": " + std::strerror(error));
}

}  // namespace stickybalancer::stickyctl
