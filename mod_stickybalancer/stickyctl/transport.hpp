// SPDX-License-Identifier: Apache-2.0
//
// One request and its answer. The commands know nothing of how it travels.
#pragma once

#include <string>

namespace stickybalancer::stickyctl {

struct Call {
    std::string method;
    std::string path;  // below the operator's room, such as "api/v1/balancers"
    std::string body;  // JSON; empty for none
};

struct Answer {
    long status = 0;
    std::string body;
    std::string location;  // of a redirect
};

class Transport {
public:
    Transport() = default;
    virtual ~Transport() = default;
    Transport(const Transport &) = delete;
    Transport &operator=(const Transport &) = delete;

    // Fails with ExitCode::kUnreachable where there is no answer.
    virtual Answer send(const Call &call) = 0;
    // How people call the server: its url, and its socket.
    virtual const std::string &name() const = 0;
};

}  // namespace stickybalancer::stickyctl
