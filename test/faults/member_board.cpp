// SPDX-License-Identifier: Apache-2.0
#include "test/faults/member_board.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "test/support/socket.hpp"

namespace stickybalancer::test {

static_assert(std::atomic<Conduct>::is_always_lock_free &&
                  std::atomic<std::uint64_t>::is_always_lock_free,
              "processes share it");

// A file of zeros is a board of members that serve.
MemberBoard &map_member_board(const std::filesystem::path &file)
{
    const Fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    void *memory = MAP_FAILED;
    if (fd && ::ftruncate(fd.number(), sizeof(MemberBoard)) == 0)
        memory = ::mmap(nullptr, sizeof(MemberBoard), PROT_READ | PROT_WRITE, MAP_SHARED,
                        fd.number(), 0);
    if (memory == MAP_FAILED)
        throw std::system_error(errno, std::generic_category(), file.string());
    return *static_cast<MemberBoard *>(memory);
}

}  // namespace stickybalancer::test
