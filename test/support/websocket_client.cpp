// SPDX-License-Identifier: Apache-2.0
#include "test/support/websocket_client.hpp"

#include <stdexcept>

namespace stickybalancer::test {
namespace {

constexpr unsigned char kFinal = 0x80, kMasked = 0x80;
constexpr unsigned char kText = 1, kClose = 8;

// Clients must mask; the mask 0 is a mask, and leaves the text readable in a trace.
std::string frame(unsigned char opcode, const std::string &payload)
{
    if (payload.size() > 65535)
        throw std::length_error("a longer message than this client sends");
    std::string bytes(1, static_cast<char>(kFinal | opcode));
    if (payload.size() < 126) {
        bytes += static_cast<char>(kMasked | payload.size());
    } else {
        bytes += static_cast<char>(kMasked | 126);
        bytes += static_cast<char>(payload.size() >> 8);
        bytes += static_cast<char>(payload.size());
    }
    return bytes + std::string(4, '\0') + payload;
}

std::size_t byte_at(const std::string &bytes, std::size_t at)
{
    return static_cast<unsigned char>(bytes.at(at));
}

}  // namespace

WebsocketClient::WebsocketClient(std::uint16_t port, const std::string &path, const Headers &extra)
    : connection_(port)
{
    auto request = "GET " + path +
                   " HTTP/1.1\r\n"
                   "Host: localhost\r\n"
                   "Upgrade: websocket\r\n"
                   "Connection: Upgrade\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                   "Sec-WebSocket-Version: 13\r\n";
    for (const auto &header : extra)
        request += header.name + ": " + header.value + "\r\n";
    connection_.send(request + "\r\n");
    handshake_ = connection_.read_response();
    // RFC 6455, section 1.3: the accept value of the key above.
    if (handshake_.status == 101 &&
        handshake_.header("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        throw std::runtime_error("a wrong Sec-WebSocket-Accept");
}

void WebsocketClient::send_text(const std::string &text)
{
    if (handshake_.status != 101)
        throw std::logic_error("the upgrade was refused");
    connection_.send(frame(kText, text));
}

std::string WebsocketClient::receive_text()
{
    std::string message;
    for (;;) {
        const auto head = connection_.read(2);
        auto length = byte_at(head, 1) & 0x7f;
        if (length >= 126) {
            const auto longer = connection_.read(length == 126 ? 2 : 8);
            length = 0;
            for (std::size_t i = 0; i < longer.size(); ++i)
                length = length << 8 | byte_at(longer, i);
        }
        const auto payload = connection_.read(length);
        const auto opcode = byte_at(head, 0) & 0x0f;
        if (opcode == kClose)
            throw std::runtime_error("the peer closed the WebSocket");
        if (opcode > kClose)
            continue;  // ping or pong
        message += payload;
        if (byte_at(head, 0) & kFinal)
            return message;
    }
}

std::string WebsocketClient::ask(const std::string &text)
{
    send_text(text);
    return receive_text();
}

void WebsocketClient::close()
{
    connection_.send(frame(kClose, {}));
    connection_.is_closed_by_peer();
}

}  // namespace stickybalancer::test
