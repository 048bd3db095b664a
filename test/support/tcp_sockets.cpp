// SPDX-License-Identifier: Apache-2.0
#include "test/support/tcp_sockets.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "test/support/socket.hpp"

namespace stickybalancer::test {
namespace {

// States are the kernel's.
constexpr unsigned kEstablished = 1, kCloseWait = 8, kListening = 10;

struct TcpSocket {
    std::uint16_t local_port;
    unsigned long inode;
};

using States = std::vector<unsigned>;

[[noreturn]] void fail(const char *what)
{
    throw std::system_error(errno, std::generic_category(), what);
}

// Of a kernel, or a sandbox, that has no NETLINK_SOCK_DIAG.
std::vector<TcpSocket> read_proc(const States &states)
{
    std::vector<TcpSocket> sockets;
    for (const auto *table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        std::ifstream in(table);
        std::string line;
        std::getline(in, line);  // the heading
        while (std::getline(in, line)) {
            unsigned port = 0, state = 0;
            unsigned long inode = 0;
            const int count =
                std::sscanf(line.c_str(), "%*s %*[^:]:%x %*s %x %*s %*s %*s %*s %*s %lu", &port,
                            &state, &inode);
            if (count == 3 && std::find(states.begin(), states.end(), state) != states.end())
                sockets.push_back({static_cast<std::uint16_t>(port), inode});
        }
    }
    return sockets;
}

void ask(int kernel, int family, const States &states)
{
    struct {
        nlmsghdr header;
        inet_diag_req_v2 question;
    } message{};
    message.header.nlmsg_len = sizeof(message);
    message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    message.question.sdiag_family = static_cast<std::uint8_t>(family);
    message.question.sdiag_protocol = IPPROTO_TCP;
    for (const auto state : states)
        message.question.idiag_states |= 1U << state;
    if (::send(kernel, &message, sizeof(message), 0) < 0)
        fail("asking the kernel for its sockets");
}

// False: that was the last of them.
bool read_answer(const nlmsghdr &header, std::vector<TcpSocket> &sockets)
{
    if (header.nlmsg_type == NLMSG_DONE)
        return false;
    if (header.nlmsg_type == NLMSG_ERROR) {
        nlmsgerr error{};
        std::memcpy(&error, &header + 1, sizeof(error));
        errno = -error.error;
        fail("the kernel's answer of its sockets (CONFIG_INET_DIAG)");
    }
    inet_diag_msg found{};
    std::memcpy(&found, &header + 1, sizeof(found));
    sockets.push_back({ntohs(found.id.idiag_sport), found.idiag_inode});
    return true;
}

void read_answers(int kernel, std::vector<TcpSocket> &sockets)
{
    alignas(nlmsghdr) std::array<char, 32768> buffer;
    for (;;) {
        const auto length = ::recv(kernel, buffer.data(), buffer.size(), 0);
        if (length <= 0)
            fail("reading the kernel's sockets");
        auto left = static_cast<unsigned>(length);
        const auto *header = reinterpret_cast<const nlmsghdr *>(buffer.data());
        for (; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left))
            if (!read_answer(*header, sockets))
                return;
    }
}

// After a load /proc/net/tcp has tens of thousands of lines, of connections that are over: to have them written and to
// read them took a third of the time of all tests.
std::vector<TcpSocket> ask_kernel(const States &states)
{
    const Fd kernel(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (!kernel)
        fail("a socket to the kernel");
    std::vector<TcpSocket> sockets;
    for (const int family : {AF_INET, AF_INET6}) {
        ask(kernel.number(), family, states);
        read_answers(kernel.number(), sockets);
    }
    return sockets;
}

std::vector<TcpSocket> all_sockets(const States &states)
{
    try {
        return ask_kernel(states);
    } catch (const std::system_error &) {
        return read_proc(states);
    }
}

std::vector<TcpSocket> sockets_of(const std::vector<std::uint16_t> &ports, const States &states)
{
    auto sockets = all_sockets(states);
    std::erase_if(sockets, [&](const TcpSocket &socket) {
        return std::find(ports.begin(), ports.end(), socket.local_port) == ports.end();
    });
    return sockets;
}

}  // namespace

std::set<std::string> listening_sockets(const std::vector<std::uint16_t> &ports)
{
    std::set<std::string> names;
    for (const auto &socket : sockets_of(ports, {kListening}))
        names.insert("socket:[" + std::to_string(socket.inode) + "]");
    return names;
}

bool holds_one_of(pid_t pid, const std::set<std::string> &sockets)
{
    std::error_code error;
    std::filesystem::directory_iterator entry("/proc/" + std::to_string(pid) + "/fd", error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        std::error_code gone;
        const auto target = std::filesystem::read_symlink(entry->path(), gone);
        if (!gone && sockets.count(target.string()))
            return true;
    }
    return false;
}

bool has_connections(const std::vector<std::uint16_t> &ports)
{
    return !sockets_of(ports, {kEstablished, kCloseWait}).empty();
}

bool has_closing_connections(const std::vector<std::uint16_t> &ports)
{
    return !sockets_of(ports, {kCloseWait}).empty();
}

}  // namespace stickybalancer::test
