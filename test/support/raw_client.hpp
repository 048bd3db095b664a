// SPDX-License-Identifier: Apache-2.0
//
// Clients that send what they are told, byte for byte.
#pragma once

#include <cstdint>
#include <string>

#include "test/support/http_message.hpp"
#include "test/support/socket.hpp"

namespace stickybalancer::test {

// A connection; several requests may go over it. What waits throws after 10 s.
class RawConnection {
public:
    explicit RawConnection(std::uint16_t port, const std::string &source = {},
                           const std::string &address = "127.0.0.1");

    void send(const std::string &bytes) { write_all(socket_.number(), bytes); }
    Response read_response();                         // one, whole
    std::string read(std::size_t length);             // exactly so many bytes
    std::string read_until(const std::string &text);  // up to and with the text
    std::string read_to_end();                        // until the peer closes
    bool is_closed_by_peer();                         // within the time; eats what still comes
    void close() { socket_.close(); }
    void finish_sending();  // the peer reads the end of the stream

private:
    bool read_more();  // false: the peer has closed

    Fd socket_;
    std::string received_;
};

// Sends the bytes and reads until the peer closes; let the last request say `Connection: close`.
std::string raw_exchange(std::uint16_t port, const std::string &bytes);

}  // namespace stickybalancer::test
