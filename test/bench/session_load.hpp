// SPDX-License-Identifier: Apache-2.0
//
// What is asked of a session table in a benchmark: sessions are numbers, and their keys are texts of 32 bytes
// made of them, as random as those of an application.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/stick_table/stick_table.hpp"
#include "test/bench/core_bench.hpp"
#include "test/bench/placement.hpp"

namespace stickybalancer::bench {

struct Sessions {
    stick_table::StickTable table;
    std::uint64_t count = 0;  // numbers from 0 on that are in the table

    void fill_to(std::uint64_t wanted);
};

enum class Ask {
    kHit,
    kMiss,
    kLearn,  // and forgotten behind the clock's back, where there is room
};

// So many calls. What they need is drawn before.
class SessionLoad {
public:
    SessionLoad(const Sessions &sessions, Ask ask, bool with_digest, int calls);

    void draw(std::uint64_t round);
    void run() const;
    void undo() const;
    const stick_table::StickTable &table() const { return sessions_.table; }

private:
    using Text = std::array<char, 32>;
    stick_table::Key key(std::size_t call) const;

    Sessions sessions_;
    Ask ask_;
    bool with_digest_;
    std::vector<Text> texts_;
    std::vector<stick_table::Key> keys_;
};

// Nanoseconds of one call, of the processor's time, the median of the rounds.
double time_of(const Effort &effort, SessionLoad &load);
// As that of Placement.
double speed_of_two(const Effort &effort, const Sessions &sessions, Ask ask, Workers workers);

}  // namespace stickybalancer::bench
