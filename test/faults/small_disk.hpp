// SPDX-License-Identifier: Apache-2.0
//
// A small disk of its own, that can be filled up and be made read-only. It is mounted where nobody
// but this process and its children sees it, and is gone with them; that takes root's rights.
//
// Thread safety: made and used by the thread that starts the processes which shall see it.
#pragma once

#include <filesystem>
#include <string>

#include "test/support/temporary_directory.hpp"

namespace stickybalancer::test {

class SmallDisk {
public:
    explicit SmallDisk(const std::string &size);  // as mount says it: 32m
    ~SmallDisk();
    SmallDisk(const SmallDisk &) = delete;
    SmallDisk &operator=(const SmallDisk &) = delete;

    const std::string &lack() const { return lack_; }  // why there is none; empty: there is
    const std::filesystem::path &path() const { return directory_.path(); }

    void fill() const;  // to the last byte
    void make_room() const;
    // Who has a file open may go on writing; nothing can be opened for that any more.
    void make_read_only() const;
    void make_writable() const;

private:
    TemporaryDirectory directory_;
    std::string lack_;
};

}  // namespace stickybalancer::test
