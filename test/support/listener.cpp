// SPDX-License-Identifier: Apache-2.0
#include "test/support/listener.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <exception>

namespace stickybalancer::test {

Listener::Listener(Serve serve) : serve_(std::move(serve))
{
    port_.emplace();
    start();
}

Listener::Listener(Serve serve, const std::string &unix_path)
    : serve_(std::move(serve)), unix_path_(unix_path)
{
    start();
}

Listener::~Listener()
{
    stop();
}

void Listener::start()
{
    if (acceptor_.joinable())
        return;
    listening_ = port_ ? listen_on(*port_) : listen_on_unix(unix_path_);
    stop_signal_ = Fd(::eventfd(0, EFD_CLOEXEC));
    acceptor_ = std::thread([this] { accept_connections(); });
}

void Listener::stop(const std::function<void()> &unblock)
{
    if (!acceptor_.joinable())
        return;
    ::eventfd_write(stop_signal_.number(), 1);
    acceptor_.join();
    listening_.close();
    std::unique_lock lock(mutex_);
    for (const int fd : open_)
        ::shutdown(fd, SHUT_RDWR);
    unblock();
    connection_closed_.wait(lock, [this] { return open_.empty(); });
}

int Listener::open_count() const
{
    const std::lock_guard lock(mutex_);
    return static_cast<int>(open_.size());
}

void Listener::accept_connections()
{
    pollfd events[] = {{listening_.number(), POLLIN, 0}, {stop_signal_.number(), POLLIN, 0}};
    for (;;) {
        ::poll(events, 2, -1);
        if (events[1].revents)
            return;
        const int fd = ::accept4(listening_.number(), nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        const int on = 1;  // fails on a unix socket, which has no such delay
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        ++accepted_count_;
        const std::lock_guard lock(mutex_);
        open_.insert(fd);
        std::thread([this, fd] { serve_connection(fd); }).detach();
    }
}

// Detached, so that a finished connection costs nothing; stop() waits for open_ to be empty, and
// nothing of this object is touched after the lock is released.
void Listener::serve_connection(int fd)
{
    try {
        serve_(fd);
    } catch (const std::exception &) {
        // The peer has gone; the test sees it on the other side.
    }
    const std::lock_guard lock(mutex_);
    open_.erase(fd);
    ::close(fd);
    connection_closed_.notify_all();
}

}  // namespace stickybalancer::test
