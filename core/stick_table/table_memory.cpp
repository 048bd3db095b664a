// SPDX-License-Identifier: Apache-2.0
#include "core/stick_table/table_memory.hpp"

#include <cstring>

namespace stickybalancer::stick_table {
namespace {

constexpr std::uint64_t digest_of(std::uint64_t digest, std::uint64_t fact) noexcept
{
    return (digest ^ fact) * 1099511628211U;  // FNV-1a, by Fowler, Noll and Vo
}

constexpr std::uint64_t fingerprint() noexcept
{
    constexpr std::uint64_t facts[] = {
        sizeof(HeaderCopy), offsetof(HeaderCopy, check), sizeof(TableHeader), sizeof(ShardHeader),
        offsetof(ShardHeader, free_head), offsetof(ShardHeader, learned), sizeof(Bucket),
        sizeof(Entry), offsetof(Entry, member), offsetof(Entry, used_us), sizeof(pthread_mutex_t),
        // What Plan makes of it.
        Plan(1'000'000).size_bytes};
    std::uint64_t digest = 14695981039346656037U;
    for (const auto fact : facts)
        digest = digest_of(digest, fact);
    return digest;
}

std::uint64_t check_of(const HeaderCopy &head) noexcept
{
    static_assert(offsetof(HeaderCopy, check) % sizeof(std::uint64_t) == 0);
    std::uint64_t words[offsetof(HeaderCopy, check) / sizeof(std::uint64_t)];
    std::memcpy(words, &head, sizeof(words));
    std::uint64_t digest = 14695981039346656037U;
    for (const auto word : words)
        digest = digest_of(digest ^ (digest >> 32), word);
    return digest;
}

HeaderCopy &copy_at(std::byte *memory, std::size_t index) noexcept
{
    return reinterpret_cast<TableHeader *>(memory)[index].copy;
}

TableFault fault_of(const HeaderCopy &head) noexcept
{
    if (head.magic == __builtin_bswap64(kMagic))
        return TableFault::kByteOrder;
    if (head.magic != kMagic)
        return TableFault::kForeign;
    if (head.byte_order != shm::kByteOrderMark)
        return TableFault::kByteOrder;
    if (head.major != kLayoutMajor)
        return TableFault::kVersion;
    if (head.fingerprint != fingerprint())
        return TableFault::kFingerprint;
    if (head.check != check_of(head))
        return TableFault::kDamaged;
    return head.session_count >= kFewestSessions && head.session_count <= kMostSessions
               ? TableFault::kNone
               : TableFault::kCount;
}

}  // namespace

const char *fault_name(TableFault fault) noexcept
{
    static constexpr const char *kNames[] = {"none",       "misaligned", "too small",   "foreign",
                                             "byte order", "version",    "fingerprint", "damaged",
                                             "balancer",   "count",      "truncated",   "no lock"};
    return kNames[static_cast<std::size_t>(fault)];
}

TableFault format(void *memory, std::size_t size_bytes, std::uint64_t session_count,
                  const shm::Identity &balancer, const base::DigestSecret &secret) noexcept
{
    if (reinterpret_cast<std::uintptr_t>(memory) % kPage != 0)
        return TableFault::kMisaligned;
    if (session_count < kFewestSessions || session_count > kMostSessions)
        return TableFault::kCount;
    const Plan plan(session_count);
    if (size_bytes < plan.size_bytes)
        return TableFault::kTooSmall;
    HeaderCopy head{};
    head.magic = kMagic;
    head.major = kLayoutMajor;
    head.minor = kLayoutMinor;
    head.byte_order = shm::kByteOrderMark;
    head.fingerprint = fingerprint();
    head.session_count = session_count;
    head.balancer = balancer;
    head.secret = secret;
    head.check = check_of(head);
    auto *bytes = static_cast<std::byte *>(memory);
    copy_at(bytes, 0) = head;
    copy_at(bytes, 1) = head;
    const auto table = attach(memory, size_bytes, balancer);
    for (std::uint64_t index = 0; index < plan.shard_count; ++index)
        if (!table.memory.shard(index).format())
            return TableFault::kNoLock;
    return table.fault;
}

AttachedTable attach(void *memory, std::size_t size_bytes, const shm::Identity &balancer) noexcept
{
    auto *bytes = static_cast<std::byte *>(memory);
    const auto failed = [&](TableFault fault) {
        HeaderCopy smallest{};
        smallest.session_count = kFewestSessions;
        return AttachedTable{fault, TableMemory(bytes, smallest)};
    };
    if (reinterpret_cast<std::uintptr_t>(memory) % kPage != 0)
        return failed(TableFault::kMisaligned);
    if (memory == nullptr || size_bytes < sizeof(TableHeader))
        return failed(TableFault::kTooSmall);
    const bool has_second = size_bytes >= kHeaderCopies * sizeof(TableHeader);
    auto fault = fault_of(copy_at(bytes, 0));
    const bool takes_second = fault != TableFault::kNone && has_second &&
                              fault_of(copy_at(bytes, 1)) == TableFault::kNone;
    if (fault != TableFault::kNone && !takes_second)
        return failed(fault);
    const TableMemory table(bytes, copy_at(bytes, takes_second ? 1 : 0));
    if (table.head_.balancer != balancer)
        return failed(TableFault::kBalancer);
    return {size_bytes < table.plan().size_bytes ? TableFault::kTruncated : TableFault::kNone,
            table};
}

bool TableMemory::restart() const noexcept
{
    write_heads();
    for (std::uint64_t index = 0; index < plan_.shard_count; ++index)
        if (!shard(index).restart())
            return false;
    return true;
}

void TableMemory::write_heads() const noexcept
{
    for (std::size_t index = 0; index < kHeaderCopies; ++index)
        copy_at(memory_, index) = head_;
}

TableMemory TableMemory::with_secret(const base::DigestSecret &secret) const noexcept
{
    auto head = head_;
    head.secret = secret;
    head.check = check_of(head);
    const TableMemory changed(memory_, head);
    changed.write_heads();
    return changed;
}

}  // namespace stickybalancer::stick_table
