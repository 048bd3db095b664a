// SPDX-License-Identifier: Apache-2.0
//
// Puts many live sessions into the table of a server that is stopped: the application's, with the keys
// "session-0", "session-1" and so on, at the members that the sessions in the file were at, in turn. They
// take the place of those.
//
//   sb_table_fill FILE COUNT
//
// Prints how many are in the table then.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "core/stick_table/stick_table.hpp"
#include "test/bench/core_bench.hpp"

using namespace stickybalancer;

namespace {

constexpr stick_table::Limits kLimits{base::DurationUs{std::int64_t{3600} * 1'000'000}};

base::TimeUs now()
{
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count()};
}

// Mapped shared until the process ends.
stick_table::TableMemory table_in(const char *path)
{
    const int fd = ::open(path, O_RDWR | O_CLOEXEC);
    struct stat facts {};
    if (fd < 0 || ::fstat(fd, &facts) != 0)
        bench::fail("cannot open the file");
    const auto size = static_cast<std::size_t>(facts.st_size);
    void *memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED || size < sizeof(stick_table::HeaderCopy))
        bench::fail("cannot map the file");
    const auto balancer = static_cast<const stick_table::HeaderCopy *>(memory)->balancer;
    const auto attached = stick_table::attach(memory, size, balancer);
    if (attached.fault != stick_table::TableFault::kNone)
        bench::fail(stick_table::fault_name(attached.fault));
    return attached.memory;
}

// The sessions that are there make room.
std::vector<std::uint64_t> take_members_of(const stick_table::StickTable &table)
{
    std::set<std::uint64_t> members;
    for (std::uint64_t i = 0; i < table.memory().plan().shard_count; ++i) {
        const auto shard = table.memory().shard(i);
        for (std::uint32_t entry = 0; entry < shard.used_end(); ++entry) {
            stick_table::Session session;
            if (stick_table::read(shard.entry(entry), session) != stick_table::Reading::kWhole)
                continue;
            members.insert(session.member);
            table.forget(session.key);
        }
    }
    return {members.begin(), members.end()};
}

void fill(const stick_table::StickTable &table, const std::vector<std::uint64_t> &members,
          std::uint64_t count)
{
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto key = table.key_of(0, "session-" + std::to_string(i));
        if (table.learn(key, members[i % members.size()], stick_table::Origin::kApplication,
                        kLimits, now()) != stick_table::Learned::kLearned)
            bench::fail("a session was not learned");
    }
}

}  // namespace

int main(int argc, char **argv)
{
    if (argc != 3)
        bench::fail("usage: sb_table_fill FILE COUNT");
    const stick_table::StickTable table(table_in(argv[1]));
    const auto members = take_members_of(table);
    if (members.empty())
        bench::fail("there is no session in the file yet, so no member is known");
    fill(table, members, std::strtoull(argv[2], nullptr, 10));
    std::printf("%llu\n", static_cast<unsigned long long>(table.numbers().sessions));
}
