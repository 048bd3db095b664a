// SPDX-License-Identifier: Apache-2.0
//
// A mapped file by which a test tells its members, which are processes of their own, how to
// behave, and reads what they saw. It outlives each of them.
//
// Thread safety: any thread of any process.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace stickybalancer::test {

enum class Conduct : std::uint32_t {
    kServe,
    kSilent,      // takes requests and never answers
    kCloseEarly,  // takes requests and closes
    kHalf,        // closes amid the body of an answer
    kSlow,        // answers later than others
};

struct MemberBoard {
    static constexpr std::size_t kMostMembers = 8;
    static constexpr std::size_t kMostPosts = 1 << 20;

    struct Line {
        std::atomic<Conduct> conduct;
        std::atomic<std::uint32_t> starts;  // how often its process began to listen
        std::atomic<std::uint64_t> requests;
    };

    Line lines[kMostMembers];
    std::atomic<std::uint8_t> posts[kMostPosts];  // how often members saw the POST of this number
    std::atomic<std::uint32_t> damaged_count;     // requests whose body was not what was sent
};

// Makes the file where there is none. It stays mapped until the process ends.
MemberBoard &map_member_board(const std::filesystem::path &file);

}  // namespace stickybalancer::test
