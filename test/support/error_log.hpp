// SPDX-License-Identifier: Apache-2.0
//
// httpd's error log as an oracle. A test names the lines it provokes, by any part of their text;
// what is at level warn or above and was not named is a defect, as is a child that died by a
// signal. httpd's standard error goes to the same file: what sanitizers and the C library print
// there has no level and counts as an error.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace stickybalancer::test {

class ErrorLog {
public:
    explicit ErrorLog(std::filesystem::path file) : file_(std::move(file)) {}

    // Waits until a line has the text; that line, and all others that have it, are explained.
    // Throws where none came in time.
    void expect(const std::string &text, std::chrono::seconds at_most = std::chrono::seconds(10));
    // The same until there are at least so many lines.
    void expect_count(const std::string &text, int count,
                      std::chrono::seconds at_most = std::chrono::seconds(10));
    // Such lines may come, or not.
    void allow(const std::string &text);

    // Now, without waiting.
    int count(const std::string &text) const;
    bool has(const std::string &text) const { return count(text) > 0; }
    std::vector<std::string> lines() const;

    // Lines that nobody named, of level warn or above, or without a level, or of a dead child.
    std::vector<std::string> unexplained() const;

    std::string tail(std::size_t line_count = 40) const;

private:
    bool is_explained(const std::string &line) const;

    std::filesystem::path file_;
    std::vector<std::string> explained_;  // texts that were named
};

}  // namespace stickybalancer::test
