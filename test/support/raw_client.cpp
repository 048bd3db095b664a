// SPDX-License-Identifier: Apache-2.0
#include "test/support/raw_client.hpp"

#include <sys/socket.h>

#include <stdexcept>

namespace stickybalancer::test {
namespace {

std::string take(std::string *bytes, std::size_t length)
{
    auto front = bytes->substr(0, length);
    bytes->erase(0, length);
    return front;
}

}  // namespace

RawConnection::RawConnection(std::uint16_t port, const std::string &source,
                             const std::string &address)
    : socket_(connect_to(port, source, address))
{
}

bool RawConnection::read_more()
{
    const auto bytes = read_some(socket_.number(), within(std::chrono::seconds(10)));
    received_ += bytes;
    return !bytes.empty();
}

Response RawConnection::read_response()
{
    for (bool closed = false;; closed = !read_more()) {
        std::size_t used = 0;
        if (auto response = parse_response(received_, closed, &used)) {
            received_.erase(0, used);
            return *response;
        }
        if (closed)
            throw std::runtime_error("closed before a whole response: " + received_);
    }
}

std::string RawConnection::read(std::size_t length)
{
    while (received_.size() < length)
        if (!read_more())
            throw std::runtime_error("closed before " + std::to_string(length) + " bytes");
    return take(&received_, length);
}

std::string RawConnection::read_until(const std::string &text)
{
    while (received_.find(text) == std::string::npos)
        if (!read_more())
            throw std::runtime_error("closed before '" + text + "': " + received_);
    return take(&received_, received_.find(text) + text.size());
}

std::string RawConnection::read_to_end()
{
    while (read_more()) {
    }
    return std::exchange(received_, {});
}

bool RawConnection::is_closed_by_peer()
{
    try {
        read_to_end();
        return true;
    } catch (const std::runtime_error &) {
        return false;
    }
}

void RawConnection::finish_sending()
{
    ::shutdown(socket_.number(), SHUT_WR);
}

std::string raw_exchange(std::uint16_t port, const std::string &bytes)
{
    RawConnection connection(port);
    connection.send(bytes);
    return connection.read_to_end();
}

}  // namespace stickybalancer::test
