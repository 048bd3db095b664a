// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/wizard_check.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "mod_stickybalancer/stickyctl/failure.hpp"

namespace stickybalancer::stickyctl {
namespace {

constexpr std::size_t kMostWords = 64 * 1024;
// The number that the file has in httpd.
constexpr int kFileInHttpd = 9;

[[noreturn]] void fail(const char *what)
{
    throw Failure(ExitCode::kNotDone, std::string(what) + ": " + std::strerror(errno));
}

int memory_with(const std::string &text)
{
    const int file = ::memfd_create("httpd.conf", MFD_CLOEXEC);
    if (file < 0 || ::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        fail("memory for the test");
    return file;
}

// Between fork and exec: system calls only.
[[noreturn]] void become_httpd(const char *httpd, int file, int output)
{
    char name[] = "/proc/self/fd/9";
    char test[] = "-t", option[] = "-f", program[] = "httpd";
    char *const arguments[] = {program, test, option, name, nullptr};
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    // A copy onto itself would still be closed by exec.
    if (file == kFileInHttpd)
        ::fcntl(file, F_SETFD, 0);
    else
        ::dup2(file, kFileInHttpd);
    ::execv(httpd, arguments);
    ::_exit(127);
}

std::string read_words(int output)
{
    std::string words;
    char part[4096];
    for (;;) {
        const auto length = ::read(output, part, sizeof part);
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0)
            return words;
        if (words.size() < kMostWords)
            words.append(part, static_cast<std::size_t>(length));
    }
}

bool ends_well(pid_t child)
{
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string with_name(std::string words, const std::string &name)
{
    const std::string in_httpd = "/proc/self/fd/" + std::to_string(kFileInHttpd);
    for (std::size_t at = 0; (at = words.find(in_httpd, at)) != std::string::npos;
         at += name.size())
        words.replace(at, in_httpd.size(), name);
    return words;
}

}  // namespace

ConfigVerdict test_configuration(const std::string &httpd, const std::string &text,
                                 const std::string &name)
{
    const int file = memory_with(text);
    int output[2];
    if (::pipe2(output, O_CLOEXEC) != 0)
        fail("pipe");
    const pid_t child = ::fork();
    if (child < 0)
        fail("fork");
    if (child == 0)
        become_httpd(httpd.c_str(), file, output[1]);
    ::close(output[1]);
    ConfigVerdict verdict;
    verdict.words = with_name(read_words(output[0]), name);
    verdict.is_good = ends_well(child);
    ::close(output[0]);
    ::close(file);
    return verdict;
}

}  // namespace stickybalancer::stickyctl
