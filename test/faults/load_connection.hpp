// SPDX-License-Identifier: Apache-2.0
//
// A connection of a client under load: one request after the other, of the answer what the load
// looks at. It takes a tenth of the time that Browser does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "test/support/socket.hpp"

namespace stickybalancer::test {

struct Exchange {
    enum class End {
        kAnswered,
        kUnanswered,  // the connection broke before the first byte of an answer
        kCut,         // or after it
        kTimedOut,
    };
    End end = End::kUnanswered;
    int status = 0;
    std::string member = {};      // X-Member
    std::string set_cookie = {};  // the last, its name and value
    bool is_last = false;         // the server closes
};

class LoadConnection {
public:
    explicit LoadConnection(std::uint16_t port);

    Exchange ask(std::string_view request);
    bool is_kept() const { return answers_ > 0; }  // it has served already
    Clock::time_point opened_at() const { return opened_at_; }

private:
    bool read_more(Deadline deadline);

    Clock::time_point opened_at_;
    Fd socket_;
    std::string received_;
    int answers_ = 0;
    bool has_timed_out_ = false;
};

}  // namespace stickybalancer::test
