// SPDX-License-Identifier: Apache-2.0
#include "test/faults/small_disk.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "test/support/socket.hpp"

namespace stickybalancer::test {
namespace {

bool mount_privately(const char *path, const std::string &size)
{
    return ::unshare(CLONE_NEWNS) == 0 &&
           ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::mount("tmpfs", path, "tmpfs", 0, ("mode=0755,size=" + size).c_str()) == 0;
}

void check(bool is_done, const char *what)
{
    if (!is_done)
        throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

SmallDisk::SmallDisk(const std::string &size)
{
    if (!mount_privately(path().c_str(), size))
        lack_ = "no disk can be mounted: " + std::generic_category().message(errno);
}

SmallDisk::~SmallDisk()
{
    if (lack_.empty())
        ::umount2(path().c_str(), MNT_DETACH);
}

void SmallDisk::fill() const
{
    const Fd file(::open((path() / "filler").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    check(static_cast<bool>(file), "filler");
    const std::string bytes(4096, 'x');
    while (::write(file.number(), bytes.data(), bytes.size()) > 0) {
    }
    check(errno == ENOSPC, "filler");
}

void SmallDisk::make_room() const { std::filesystem::remove(path() / "filler"); }

// A disk cannot be made read-only under who writes to it, but another view of it can be.
void SmallDisk::make_read_only() const
{
    const char *const name = path().c_str();
    check(::mount(name, name, nullptr, MS_BIND, nullptr) == 0, "bind");
    check(::mount(nullptr, name, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0,
          "read-only");
}

void SmallDisk::make_writable() const
{
    check(::umount2(path().c_str(), MNT_DETACH) == 0, "umount");
}

}  // namespace stickybalancer::test
