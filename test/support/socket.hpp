// SPDX-License-Identifier: Apache-2.0
//
// The few socket calls that members and raw clients share. Failures throw std::system_error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "test/support/wait.hpp"

namespace stickybalancer::test {

// Owns a descriptor.
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd &operator=(Fd &&other) noexcept
    {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Fd();

    int number() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    void close() { *this = Fd(); }

private:
    int fd_ = -1;
};

// A port of 127.0.0.1, chosen by the kernel and ours until destruction: a socket stays bound to it
// that never listens, so nobody else is given the port while its server is down, and connections
// to it are refused. Servers bind beside it with SO_REUSEPORT.
class ReservedPort {
public:
    ReservedPort();
    std::uint16_t number() const { return number_; }

private:
    Fd holder_;
    std::uint16_t number_ = 0;
};

Fd listen_on(const ReservedPort &port);
Fd listen_on(std::uint16_t port);  // which another process has reserved
Fd listen_on_unix(const std::string &path);  // anybody may connect; replaces what is there

// To 127.0.0.1, or to ::1 where `address` says so; from `source`, where given.
Fd connect_to(std::uint16_t port, const std::string &source = {},
              const std::string &address = "127.0.0.1");

// The address of whoever is connected; empty where that is none of IPv4.
std::string peer_of(int fd);

void write_all(int fd, std::string_view bytes);

// Reads what is there, at most until the deadline. Empty: the peer has closed.
// Throws when the deadline passes.
std::string read_some(int fd, Deadline deadline);

// Exactly `length` bytes, or fewer where the peer closed before. No deadline: for members, whose
// connections are shut down under them when they stop.
std::string read_exactly(int fd, std::size_t length);

// The next close() sends a reset.
void reset_on_close(int fd);

}  // namespace stickybalancer::test
