// SPDX-License-Identifier: Apache-2.0
//
// Memory for a load tree, as the shared region has it: lines of eight words.
#pragma once

#include <cstdint>
#include <vector>

#include "core/balance/load_tree.hpp"

namespace stickybalancer::test {

class TreeMemory {
public:
    explicit TreeMemory(std::uint32_t capacity)
        : capacity_(capacity),
          lines_(balance::LoadTree::word_count(capacity) / balance::LoadTree::kFanout)
    {
        tree().reset();
    }

    balance::LoadTree tree() const
    {
        return {{lines_.data()->words, lines_.size() * balance::LoadTree::kFanout}, capacity_};
    }
    std::vector<balance::LoadTree::Word *> words() const
    {
        std::vector<balance::LoadTree::Word *> all;
        for (auto &line : lines_)
            for (auto &word : line.words)
                all.push_back(&word);
        return all;
    }

private:
    struct alignas(64) Line {
        mutable balance::LoadTree::Word words[balance::LoadTree::kFanout];
    };

    std::uint32_t capacity_;
    mutable std::vector<Line> lines_;
};

}  // namespace stickybalancer::test
