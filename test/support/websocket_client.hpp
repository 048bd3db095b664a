// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "test/support/http_message.hpp"
#include "test/support/raw_client.hpp"

namespace stickybalancer::test {

// RFC 6455, as much as a conversation in short text messages needs. Waits at most 10 s.
class WebsocketClient {
public:
    // Asks for the upgrade. Where it is refused, handshake() tells, and the rest throws.
    WebsocketClient(std::uint16_t port, const std::string &path, const Headers &extra = {});

    const Response &handshake() const { return handshake_; }  // status 101, member, cookies
    const std::string &member() const { return handshake_.member; }

    void send_text(const std::string &text);  // at most 65535 bytes
    std::string receive_text();
    std::string ask(const std::string &text);  // sends, and receives one message
    bool is_closed_by_peer() { return connection_.is_closed_by_peer(); }
    void close();

private:
    RawConnection connection_;
    Response handshake_;
};

}  // namespace stickybalancer::test
