// SPDX-License-Identifier: Apache-2.0
#include "test/faults/load_connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace stickybalancer::test {
namespace {

constexpr auto kNone = std::string_view::npos;
constexpr std::chrono::seconds kLongestAnswer{30};

// Of the last line with this name, which is written as httpd and LoadMember write it.
std::string_view header(std::string_view head, std::string_view name)
{
    const auto at = head.rfind(name);
    if (at == kNone)
        return {};
    const auto value = head.substr(at + name.size());
    return value.substr(0, value.find("\r\n"));
}

Exchange parsed(std::string_view head)
{
    Exchange exchange{Exchange::End::kAnswered};
    exchange.status = head.size() > 12 ? std::atoi(std::string(head.substr(9, 3)).c_str()) : 0;
    exchange.member = header(head, "\r\nX-Member: ");
    const auto cookie = header(head, "\r\nSet-Cookie: ");
    exchange.set_cookie = cookie.substr(0, cookie.find(';'));
    exchange.is_last = header(head, "\r\nConnection: ") == "close";
    return exchange;
}

}  // namespace

LoadConnection::LoadConnection(std::uint16_t port)
    : opened_at_(Clock::now()), socket_(connect_to(port))
{
}

bool LoadConnection::read_more(Deadline deadline)
{
    pollfd readable{socket_.number(), POLLIN, 0};
    char bytes[4096];
    auto count = ::recv(socket_.number(), bytes, sizeof(bytes), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        has_timed_out_ = ::poll(&readable, 1, remaining_ms(deadline)) == 0;
        count = has_timed_out_ ? 0 : ::recv(socket_.number(), bytes, sizeof(bytes), 0);
    }
    if (count > 0)
        received_.append(bytes, static_cast<std::size_t>(count));
    return count > 0;
}

Exchange LoadConnection::ask(std::string_view request)
{
    const auto deadline = within(kLongestAnswer);
    received_.clear();
    try {
        write_all(socket_.number(), request);
    } catch (const std::system_error &) {
        return {Exchange::End::kUnanswered};
    }
    std::size_t length = kNone;
    Exchange exchange{Exchange::End::kUnanswered};
    while (received_.size() < length) {
        if (!read_more(deadline)) {
            const auto broken =
                received_.empty() ? Exchange::End::kUnanswered : Exchange::End::kCut;
            return {has_timed_out_ ? Exchange::End::kTimedOut : broken};
        }
        const auto head_end = received_.find("\r\n\r\n");
        if (length != kNone || head_end == kNone)
            continue;
        const auto head = std::string_view(received_).substr(0, head_end + 2);
        exchange = parsed(head);
        length =
            head_end + 4 +
            std::strtoul(std::string(header(head, "\r\nContent-Length: ")).c_str(), nullptr, 10);
    }
    ++answers_;
    return exchange;
}

}  // namespace stickybalancer::test
