// SPDX-License-Identifier: Apache-2.0
//
// Over http, https or a unix socket, by libcurl. Each request has a connection of its own: one that is kept would
// hold a thread of httpd, or a process, for as long as a drain is waited for, and restarts would wait for it.
// Certificates are always verified. A redirect is not followed: a password would go along.
#pragma once

#include <memory>
#include <string>

#include "mod_stickybalancer/stickyctl/settings.hpp"
#include "mod_stickybalancer/stickyctl/transport.hpp"

namespace stickybalancer::stickyctl {

class HttpTransport : public Transport {
public:
    explicit HttpTransport(const ServerAddress &server);
    ~HttpTransport() override;

    Answer send(const Call &call) override;
    const std::string &name() const override;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stickybalancer::stickyctl
