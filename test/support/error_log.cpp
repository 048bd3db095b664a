// SPDX-License-Identifier: Apache-2.0
#include "test/support/error_log.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>

#include "test/support/temporary_directory.hpp"
#include "test/support/wait.hpp"

namespace stickybalancer::test {
namespace {

constexpr auto kNone = std::string::npos;

// The level in "[time] [module:level] [pid ...", or nothing where a line is not like that.
std::string level_of(const std::string &line)
{
    const auto begin = line.find("] [");
    if (line.empty() || line[0] != '[' || begin == kNone)
        return {};
    const auto end = line.find(']', begin + 3);
    const auto colon = line.find(':', begin + 3);
    return colon < end ? line.substr(colon + 1, end - colon - 1) : std::string();
}

// What a machine is told about its own packages: mod_ssl was built with a newer OpenSSL than is
// installed. Nothing else that httpd always prints at its start is at level warn or above, in the
// configuration that the harness writes.
bool is_about_the_machine(const std::string &line) { return line.find("AH01882") != kNone; }

// A child of the event MPM that is told to end closes its pollset while a worker may still hand it a
// connection that waits for its next request: that connection was to be closed anyway.
bool is_end_of_event_child(const std::string &line)
{
    return line.find("AH03093") != kNone && line.find("(9)Bad file descriptor") != kNone;
}

// What requests say of members that failed them, once a second or minute for each child: hardly any test can tell
// whether it comes, and what mod_proxy says of the same failure has to be named in any case (failures_told_test).
bool is_about_a_failed_request(const std::string &line)
{
    return line.find("SB2201:") != kNone || line.find("SB2202:") != kNone ||
           line.find("SB4007:") != kNone;
}

bool is_alarming(const std::string &line)
{
    if (is_about_the_machine(line) || is_end_of_event_child(line) ||
        is_about_a_failed_request(line))
        return false;
    static const std::array<std::string, 3> harmless = {"notice", "info", "debug"};
    const auto level = level_of(line);
    const bool quiet = level.substr(0, 5) == "trace" ||
                       std::find(harmless.begin(), harmless.end(), level) != harmless.end();
    // httpd reports a crashed child at level notice, and a crash of its own by AH00060.
    return !quiet || line.find("exit signal") != kNone || line.find("AH00060") != kNone ||
           line.find("Segmentation fault") != kNone || line.find("Sanitizer") != kNone;
}

}  // namespace

void ErrorLog::expect(const std::string &text, std::chrono::seconds at_most)
{
    expect_count(text, 1, at_most);
}

void ErrorLog::expect_count(const std::string &text, int wanted, std::chrono::seconds at_most)
{
    allow(text);
    if (!wait_until(within(at_most), [&] { return count(text) >= wanted; }))
        throw std::runtime_error("the error log has " + std::to_string(count(text)) + " of " +
                                 std::to_string(wanted) + " lines with '" + text + "'; it ends:\n" +
                                 tail());
}

void ErrorLog::allow(const std::string &text) { explained_.push_back(text); }

int ErrorLog::count(const std::string &text) const
{
    const auto all = lines();
    return static_cast<int>(std::count_if(
        all.begin(), all.end(), [&](const std::string &line) { return line.find(text) != kNone; }));
}

std::vector<std::string> ErrorLog::lines() const
{
    std::istringstream in(read_file(file_));
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);)
        if (!line.empty())
            lines.push_back(line);
    return lines;
}

bool ErrorLog::is_explained(const std::string &line) const
{
    return std::any_of(explained_.begin(), explained_.end(),
                       [&](const std::string &text) { return line.find(text) != kNone; });
}

std::vector<std::string> ErrorLog::unexplained() const
{
    std::vector<std::string> found;
    bool in_report = false;  // lines without a level that follow each other are one report
    for (const auto &line : lines()) {
        const bool continues = in_report;
        in_report = level_of(line).empty() && !is_explained(line);
        if (in_report && continues)
            found.back() += '\n' + line;
        else if (is_alarming(line) && !is_explained(line))
            found.push_back(line);
    }
    return found;
}

std::string ErrorLog::tail(std::size_t line_count) const
{
    const auto all = lines();
    std::string text;
    for (std::size_t i = all.size() - std::min(all.size(), line_count); i < all.size(); ++i)
        text += all[i] + '\n';
    return text;
}

}  // namespace stickybalancer::test
