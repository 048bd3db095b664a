// SPDX-License-Identifier: Apache-2.0
#include "test/support/socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace stickybalancer::test {
namespace {

int checked(int result, const char *what)
{
    if (result < 0)
        throw std::system_error(errno, std::generic_category(), what);
    return result;
}

// A socket address of either family, in the shape that the calls want.
struct Address {
    sockaddr_storage storage{};
    socklen_t length = 0;
    const sockaddr *get() const { return reinterpret_cast<const sockaddr *>(&storage); }
    sockaddr *get() { return reinterpret_cast<sockaddr *>(&storage); }
};

Address make_address(const std::string &text, std::uint16_t port)
{
    Address address;
    if (text.find(':') != std::string::npos) {
        auto *in6 = reinterpret_cast<sockaddr_in6 *>(&address.storage);
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(port);
        address.length = sizeof(*in6);
        if (::inet_pton(AF_INET6, text.c_str(), &in6->sin6_addr) == 1)
            return address;
    } else {
        auto *in = reinterpret_cast<sockaddr_in *>(&address.storage);
        in->sin_family = AF_INET;
        in->sin_port = htons(port);
        address.length = sizeof(*in);
        if (::inet_pton(AF_INET, text.c_str(), &in->sin_addr) == 1)
            return address;
    }
    throw std::invalid_argument("not an address: " + text);
}

Fd open_socket(int family)
{
    return Fd(checked(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
}

void set_option(int fd, int level, int name)
{
    const int on = 1;
    checked(::setsockopt(fd, level, name, &on, sizeof(on)), "setsockopt");
}

Fd bind_loopback(std::uint16_t port)
{
    Fd fd = open_socket(AF_INET);
    set_option(fd.number(), SOL_SOCKET, SO_REUSEADDR);
    set_option(fd.number(), SOL_SOCKET, SO_REUSEPORT);
    const Address address = make_address("127.0.0.1", port);
    checked(::bind(fd.number(), address.get(), address.length), "bind");
    return fd;
}

constexpr int kBacklog = 256;

}  // namespace

Fd::~Fd()
{
    if (fd_ >= 0)
        ::close(fd_);
}

ReservedPort::ReservedPort() : holder_(bind_loopback(0))
{
    Address bound;
    bound.length = sizeof(bound.storage);
    checked(::getsockname(holder_.number(), bound.get(), &bound.length), "getsockname");
    number_ = ntohs(reinterpret_cast<const sockaddr_in *>(&bound.storage)->sin_port);
}

Fd listen_on(const ReservedPort &port)
{
    return listen_on(port.number());
}

Fd listen_on(std::uint16_t port)
{
    Fd fd = bind_loopback(port);
    checked(::listen(fd.number(), kBacklog), "listen");
    return fd;
}

Fd listen_on_unix(const std::string &path)
{
    Address address;
    auto *un = reinterpret_cast<sockaddr_un *>(&address.storage);
    un->sun_family = AF_UNIX;
    if (path.size() >= sizeof(un->sun_path))
        throw std::invalid_argument("too long for a unix socket: " + path);
    std::memcpy(un->sun_path, path.c_str(), path.size() + 1);
    address.length = sizeof(*un);

    Fd fd = open_socket(AF_UNIX);
    ::unlink(path.c_str());
    checked(::bind(fd.number(), address.get(), address.length), "bind");
    // httpd's children may run as another user than the test.
    checked(::chmod(path.c_str(), 0777), "chmod");
    checked(::listen(fd.number(), kBacklog), "listen");
    return fd;
}

Fd connect_to(std::uint16_t port, const std::string &source, const std::string &address)
{
    const Address to = make_address(address, port);
    Fd fd = open_socket(to.get()->sa_family);
    set_option(fd.number(), IPPROTO_TCP, TCP_NODELAY);
    if (!source.empty()) {
        const Address from = make_address(source, 0);
        checked(::bind(fd.number(), from.get(), from.length), "bind");
    }
    checked(::connect(fd.number(), to.get(), to.length), "connect");
    return fd;
}

std::string peer_of(int fd)
{
    sockaddr_in peer{};
    socklen_t size = sizeof(peer);
    char text[INET_ADDRSTRLEN] = "";
    if (getpeername(fd, reinterpret_cast<sockaddr *>(&peer), &size) == 0 &&
        peer.sin_family == AF_INET)
        inet_ntop(AF_INET, &peer.sin_addr, text, sizeof(text));
    return text;
}

void write_all(int fd, std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            throw std::system_error(errno, std::generic_category(), "send");
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::string read_some(int fd, Deadline deadline)
{
    pollfd readable{fd, POLLIN, 0};
    if (checked(::poll(&readable, 1, remaining_ms(deadline)), "poll") == 0)
        throw std::runtime_error("the peer sent nothing in time");
    std::string bytes(65536, '\0');
    const auto count = ::recv(fd, bytes.data(), bytes.size(), 0);
    // A reset is a close, to those who ask whether the peer is gone.
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
}

std::string read_exactly(int fd, std::size_t length)
{
    std::string bytes(length, '\0');
    std::size_t have = 0;
    while (have < length) {
        const auto count = ::recv(fd, bytes.data() + have, length - have, 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        have += static_cast<std::size_t>(count);
    }
    bytes.resize(have);
    return bytes;
}

void reset_on_close(int fd)
{
    const linger reset{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

}  // namespace stickybalancer::test
