// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/text_table.hpp"

#include <algorithm>
#include <cctype>

namespace stickybalancer::stickyctl {
namespace {

constexpr std::size_t kGap = 2;

std::string shown_cell(const std::string &cell) { return cell.empty() ? "-" : printable(cell); }

std::string padded(const std::string &cell, std::size_t width, bool is_number)
{
    const std::string gap(width - std::min(width, display_width(cell)), ' ');
    return is_number ? gap + cell : cell + gap;
}

std::size_t total(const std::vector<std::size_t> &widths, const std::vector<bool> &is_shown)
{
    std::size_t sum = 0;
    for (std::size_t i = 0; i < widths.size(); ++i)
        if (is_shown[i])
            sum += widths[i] + kGap;
    return sum - std::min(sum, kGap);
}

// Takes columns away, the highest rank first and of equals the last, until the rest fits.
std::vector<bool> columns_that_fit(const std::vector<Column> &columns,
                                   const std::vector<std::size_t> &widths, std::size_t room)
{
    std::vector<bool> is_shown(columns.size(), true);
    while (room > 0 && total(widths, is_shown) > room) {
        std::size_t victim = columns.size();
        for (std::size_t i = 0; i < columns.size(); ++i)
            if (is_shown[i] && columns[i].rank > 0 &&
                (victim == columns.size() || columns[i].rank >= columns[victim].rank))
                victim = i;
        if (victim == columns.size())
            break;
        is_shown[victim] = false;
    }
    return is_shown;
}

std::string csv_cell(const std::string &cell)
{
    if (cell.find_first_of(",\"\r\n") == std::string::npos)
        return cell;
    std::string quoted = "\"";
    for (const char c : cell)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

std::string csv_line(const std::vector<std::string> &cells)
{
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i)
        line += (i > 0 ? "," : "") + csv_cell(cells[i]);
    return line + "\n";
}

}  // namespace

std::vector<std::size_t> TextTable::widths() const
{
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        widths.push_back(display_width(columns_[i].title));
        for (const auto &row : rows_)
            widths[i] = std::max(widths[i], display_width(shown_cell(row[i])));
    }
    return widths;
}

std::string TextTable::line(const std::vector<std::string> &cells,
                            const std::vector<std::size_t> &widths,
                            const std::vector<bool> &is_shown, const Terminal &terminal) const
{
    std::string plain, line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (!is_shown[i])
            continue;
        const auto cell =
            padded(cells[i], widths[i], columns_[i].is_number) + std::string(kGap, ' ');
        plain += cell;
        line += terminal.has_colour ? in_colour(cell, cells[i]) : cell;
    }
    plain.erase(plain.find_last_not_of(' ') + 1);
    if (terminal.width > 0 && display_width(plain) > terminal.width)
        line = cut_to(plain, terminal.width);
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

std::string TextTable::text(const Terminal &terminal) const
{
    const auto all = widths();
    const auto is_shown = columns_that_fit(columns_, all, terminal.width);
    std::vector<std::string> titles;
    for (const auto &column : columns_)
        titles.push_back(column.title);
    auto text = line(titles, all, is_shown, terminal);
    for (const auto &row : rows_) {
        std::vector<std::string> cells;
        for (const auto &cell : row)
            cells.push_back(shown_cell(cell));
        text += line(cells, all, is_shown, terminal);
    }
    if (const auto hidden = std::count(is_shown.begin(), is_shown.end(), false); hidden > 0)
        text += "(" + std::to_string(hidden) +
                " more columns in a wider terminal, with --csv or --json)\n";
    return text;
}

std::string TextTable::csv() const
{
    std::vector<std::string> titles;
    for (const auto &column : columns_) {
        titles.push_back(column.title);
        for (auto &c : titles.back())
            c = c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    auto text = csv_line(titles);
    for (const auto &row : rows_)
        text += csv_line(row);
    return text;
}

}  // namespace stickybalancer::stickyctl
