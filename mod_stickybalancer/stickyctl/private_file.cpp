// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/private_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "mod_stickybalancer/stickyctl/failure.hpp"

namespace stickybalancer::stickyctl {
namespace {

constexpr std::size_t kLargest = 64 * 1024;

[[noreturn]] void fail(const std::string &name, const std::string &why)
{
    throw Failure(ExitCode::kUsage, name + ": " + why);
}

// Closes itself.
struct Descriptor {
    int number;
    ~Descriptor()
    {
        if (number >= 0)
            ::close(number);
    }
};

void read_all(const Descriptor &file, const std::string &name, std::string &text)
{
    char part[4096];
    ssize_t length = 0;
    while ((length = ::read(file.number, part, sizeof part)) > 0) {
        text.append(part, static_cast<std::size_t>(length));
        if (text.size() > kLargest)
            fail(name, "this is too large for such a file");
    }
    if (length < 0)
        fail(name, std::strerror(errno));
}

std::string why_not_read(const std::string &name)
{
    struct stat status {};
    if (::stat(name.c_str(), &status) != 0)
        return std::strerror(errno);
    if (S_ISDIR(status.st_mode))
        return "this is a directory; name a file";
    return S_ISREG(status.st_mode) ? "it cannot be read by this user" : "this is no regular file";
}

}  // namespace

std::optional<FileRead> read_file_if_any(const std::string &name)
{
    const Descriptor file{::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.number < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
        return std::nullopt;
    FileRead read;
    if (file.number < 0 || ::fstat(file.number, &read.status) != 0)
        fail(name, std::strerror(errno));
    if (!S_ISREG(read.status.st_mode))
        return std::nullopt;
    read_all(file, name, read.text);
    return read;
}

void need_private(const std::string &name, const FileRead &read)
{
    if ((read.status.st_mode & 077) != 0)
        fail(name, "others can read or write this file with a password: chmod 600 " + name);
    if (read.status.st_uid != ::geteuid() && read.status.st_uid != 0)
        fail(name, "this file with a password belongs to another user");
}

std::string read_private_file(const std::string &name)
{
    const auto read = read_file_if_any(name);
    if (!read)
        fail(name, why_not_read(name));
    need_private(name, *read);
    return read->text;
}

}  // namespace stickybalancer::stickyctl
