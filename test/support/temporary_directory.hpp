// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace stickybalancer::test {

// Removed with everything in it; kept where SB_KEEP is set, for looking at after a failure.
// Other users can enter it: httpd's children may run as one.
class TemporaryDirectory {
public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory &) = delete;
    TemporaryDirectory &operator=(const TemporaryDirectory &) = delete;

    const std::filesystem::path &path() const { return path_; }

private:
    std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path &path);  // empty where there is none
void write_file(const std::filesystem::path &path, const std::string &text);
// The same, for nobody but its owner, as a StickyKey file wants to be.
void write_private_file(const std::filesystem::path &path, const std::string &text);

}  // namespace stickybalancer::test
