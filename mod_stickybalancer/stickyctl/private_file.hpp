// SPDX-License-Identifier: Apache-2.0
//
// Files that may hold a password.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

namespace stickybalancer::stickyctl {

struct FileRead {
    std::string text;
    struct stat status {};  // of what was read, not of what has the name now
};

// Nothing where there is no such file, or it is not for us; fails where it cannot be read for another reason.
std::optional<FileRead> read_file_if_any(const std::string &name);
// Fails where others than its owner may read or write it, or the owner is neither this user nor root.
void need_private(const std::string &name, const FileRead &read);
std::string read_private_file(const std::string &name);

}  // namespace stickybalancer::stickyctl
