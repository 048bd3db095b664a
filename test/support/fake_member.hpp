// SPDX-License-Identifier: Apache-2.0
//
// A member: a real origin in threads of the test. It answers every request with its name, in the
// body and in X-Member, and records it; on(path) makes it do something else. A WebSocket upgrade
// without a handler is accepted, and messages are echoed.
//
// FakeMember is a handle: copies are the same member, which lives as long as one of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "test/support/member_script.hpp"

namespace stickybalancer::test {

enum class MemberKind { kHttp, kHttps, kUnixSocket, kAjp, kFcgi };

class FakeMember {
public:
    // A unix socket is made in `directory`.
    FakeMember(const std::string &name, MemberKind kind, const std::filesystem::path &directory);

    const std::string &name() const;
    const std::string &url() const;  // for BalancerMember
    std::uint16_t port() const;      // 0 for a unix socket

    // From now on connections are refused and those that existed are closed.
    void stop();
    // On the same port.
    void start_again();
    // Connections are accepted and closed at once, without a byte.
    void close_after_accept(bool on);

    void on(const std::string &path, Answer answer);
    void on(const std::string &path, MemberScript::Handler handler);
    void echo_body_on(const std::string &path);

    // Requests of this path stay unanswered until released.
    void hold(const std::string &path);
    void release(const std::string &path);
    void release_all();
    // Until so many requests are held, at most the time given; says whether it came to that.
    bool wait_held(const std::string &path, int count,
                   std::chrono::seconds at_most = std::chrono::seconds(10)) const;

    std::vector<Request> requests() const;
    Request last_request() const;  // an empty one where there was none
    void forget_requests();
    int accepted_count() const;  // connections since the member was made
    int open_count() const;      // connections now

private:
    struct Origin;
    std::shared_ptr<Origin> origin_;
};

}  // namespace stickybalancer::test
