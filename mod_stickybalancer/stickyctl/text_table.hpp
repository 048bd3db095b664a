// SPDX-License-Identifier: Apache-2.0
//
// Rows under titles, for people; the same as CSV, for programs.
#pragma once

#include <string>
#include <vector>

#include "mod_stickybalancer/stickyctl/terminal.hpp"

namespace stickybalancer::stickyctl {

struct Column {
    std::string title;       // as CSV: in lower case
    bool is_number = false;  // stands at the right
    int rank = 0;  // where the terminal is too narrow, the highest goes first; 0 never goes
};

class TextTable {
public:
    explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

    // As many cells as there are columns.
    void add_row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    bool is_empty() const { return rows_.empty(); }

    // Where columns are left out, a last line says how many. An empty cell is "-".
    std::string text(const Terminal &terminal) const;
    // RFC 4180, all columns; lines end as everywhere here.
    std::string csv() const;

private:
    std::vector<std::size_t> widths() const;
    std::string line(const std::vector<std::string> &cells, const std::vector<std::size_t> &widths,
                     const std::vector<bool> &is_shown, const Terminal &terminal) const;

    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace stickybalancer::stickyctl
