// SPDX-License-Identifier: Apache-2.0
//
// What a member does with the requests it gets, whatever protocol they came by, and its record of
// them. Paths are compared without path parameters and query; the path "*" is for all the others.
//
// Thread safety: every call may come from any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "test/support/http_message.hpp"

namespace stickybalancer::test {

enum class Ending {
    kKeepAlive,        // as the request asks
    kClose,            // a whole answer, then close
    kCloseUnanswered,  // the request is read, then the connection closes
    kResetUnanswered,  // the same with a reset
    kCloseInHeaders,   // half of the status line and headers
    kCloseInBody,      // the headers, half of the body
};

struct Answer {
    int status = 200;
    Headers headers = {};                  // after X-Member
    std::optional<std::string> body = {};  // nothing: the member's name
    Ending ending = Ending::kKeepAlive;
    bool chunked = false;  // HTTP only
    bool named = true;     // with X-Member
    std::string raw = {};  // HTTP only: these bytes instead of everything above
};

class MemberScript {
public:
    using Handler = std::function<Answer(const Request &)>;

    explicit MemberScript(std::string name) : name_(std::move(name)) {}

    const std::string &name() const { return name_; }

    void on(const std::string &path, Handler handler);
    bool has_handler_for(const Request &request) const;

    // Requests of this path wait, after they were recorded, until it is released.
    void hold(const std::string &path);
    void release(const std::string &path);
    int held_count(const std::string &path) const;
    // Lets every held request go on, now and until hold() is called again. A member that stops
    // must not leave a thread waiting.
    void release_all();

    // Records the request; waits where it is held; says how to answer, name filled in.
    Answer answer(const Request &request);
    void record(const Request &request);

    std::vector<Request> requests() const;
    void forget_requests();

private:
    void wait_while_held(const std::string &path);

    const std::string name_;
    mutable std::mutex mutex_;
    std::condition_variable released_;
    std::map<std::string, Handler> handlers_;
    std::set<std::string> held_paths_;
    std::map<std::string, int> held_counts_;
    std::vector<Request> requests_;
};

}  // namespace stickybalancer::test
