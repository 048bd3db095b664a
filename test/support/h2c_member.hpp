// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "test/support/httpd_instance.hpp"

namespace stickybalancer::test {

// A member that speaks HTTP/2 without TLS: a second httpd, under event whatever MPM is tested.
// It answers every path with its name, in the body and in X-Member, and says in X-Peer from which
// address it was asked.
class H2cMember {
public:
    explicit H2cMember(const std::string &name);

    const std::string &name() const { return name_; }
    std::string url() const { return "h2c://127.0.0.1:" + std::to_string(port()); }
    std::uint16_t port() const { return httpd_.port(); }

    void stop() { httpd_.stop(); }
    void start_again() { httpd_.start_again(); }

    HttpdInstance &httpd() { return httpd_; }

private:
    std::string name_;
    HttpdInstance httpd_;
};

}  // namespace stickybalancer::test
