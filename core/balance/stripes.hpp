// SPDX-License-Identifier: Apache-2.0
//
// Words of one process, on lines of their own, one for each thread as a rule: what threads would
// fight for if they had to share it. A thread is known by where its control block is, which lies
// beside its stack, so that nothing is allocated or registered; two that meet on one word are
// slower and not wrong.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/balance/mix.hpp"
#include "core/base/relaxed.hpp"

namespace stickybalancer::balance {

class Stripes {
public:
    using Word = base::Relaxed<std::uint64_t>;

    struct alignas(64) Line {
        Word word{};
        Word from{}, until{};  // for notes beside it
    };

    Line &mine() noexcept
    {
        const auto block = reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer()) >> kPageBits;
        return lines_[block * kGolden >> (64 - kCountBits)];
    }

private:
    static constexpr int kPageBits = 12;  // no two threads have theirs in one page
    static constexpr int kCountBits = 6;

    std::array<Line, std::size_t{1} << kCountBits> lines_;
};

// The next of a sequence of numbers by chance, another one for each thread of each process: it
// begins where the shared word says, which it moves on once.
inline std::uint64_t next_number(Stripes &stripes, Stripes::Word &shared) noexcept
{
    auto &word = stripes.mine().word;
    if (word.load() == 0)
        word.store(mixed(shared.fetch_add(1)) | 1);
    return mixed(word.fetch_add(2 * kGolden));  // stays odd: never 0 again
}

// What a thread may do alone for a while: a position in 56 bits, and how often in 8.
struct Allowance {
    std::uint64_t position = 0;
    std::uint8_t left = 0;
};
constexpr std::uint64_t packed(Allowance allowance) noexcept
{
    return allowance.position << 8 | allowance.left;
}
constexpr Allowance unpacked(std::uint64_t word) noexcept
{
    return {word >> 8, static_cast<std::uint8_t>(word & 0xFF)};
}

}  // namespace stickybalancer::balance
