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
#include <filesystem>

#include "mod_stickybalancer/stickyctl/failure.hpp"

namespace stickybalancer::stickyctl {
namespace {

namespace fs = std::filesystem;

// As many as Linux follows.
constexpr int kMostLinks = 40;

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

[[noreturn]] void fail(const std::string &name, int error)
{
    throw Failure(ExitCode::kNotDone, "cannot write " + name + ": " + std::strerror(error));
}

mode_t usual_mode()
{
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return 0666 & ~mask;
}

// Only root may give a file away; its group, who is in that. The mode comes last, for a new owner takes bits of it.
bool resemble(int file, const std::string &name)
{
    struct stat status {};
    if (::stat(name.c_str(), &status) != 0)
        return ::fchmod(file, usual_mode()) == 0;
    const bool has_group = ::fchown(file, status.st_uid, status.st_gid) == 0 ||
                           ::fchown(file, static_cast<uid_t>(-1), status.st_gid) == 0;
    // Another group does not get what this one was allowed.
    return ::fchmod(file, status.st_mode & (has_group ? 0777 : 0707)) == 0;
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

std::optional<std::string> file_behind_links(const std::string &name)
{
    fs::path file = name;
    std::error_code error;
    for (int links = 0; fs::is_symlink(fs::symlink_status(file, error)); ++links) {
        const auto target = fs::read_symlink(file, error);
        if (error || links == kMostLinks)
            return std::nullopt;
        file = file.parent_path() / target;  // an absolute one takes the place of all
    }
    return file.string();
}

void write_whole_file(const std::string &name, const std::string &text)
{
    const auto real = file_behind_links(name);
    if (!real)
        fail(name, ELOOP);
    const SignalsWait signals_wait;
    auto made = *real + ".XXXXXX";
    const int file = ::mkostemp(made.data(), O_CLOEXEC);
    if (file < 0)
        fail(*real, errno);
    bool is_written = write_all(file, text) && resemble(file, *real) && ::fsync(file) == 0;
    is_written = ::close(file) == 0 && is_written;
    if (is_written && ::rename(made.c_str(), real->c_str()) == 0)
        return;
    const int error = errno;
    ::unlink(made.c_str());
    fail(*real, error);
}

}  // namespace stickybalancer::stickyctl
