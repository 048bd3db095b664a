// SPDX-License-Identifier: Apache-2.0
#include "test/faults/load_member.hpp"

#include <sys/socket.h>

#include <string_view>
#include <thread>

namespace stickybalancer::test {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

std::string answer_of(const std::string &name)
{
    return "HTTP/1.1 200 OK\r\nX-Member: " + name +
           "\r\nContent-Length: " + std::to_string(name.size()) + "\r\n\r\n" + name;
}

// The head of the next request, without its end; requests of a load have no body. False: the peer
// has gone.
bool read_head(int fd, std::string &received)
{
    char bytes[4096];
    for (;;) {
        if (const auto end = received.find(kHeadEnd); end != std::string::npos) {
            received.erase(0, end + kHeadEnd.size());
            return true;
        }
        const auto count = ::recv(fd, bytes, sizeof(bytes), 0);
        if (count <= 0)
            return false;
        received.append(bytes, static_cast<std::size_t>(count));
    }
}

}  // namespace

LoadMember::LoadMember(std::string name)
    : name_(std::move(name)), answer_(answer_of(name_)), listener_([this](int fd) { serve(fd); })
{
}

LoadMember::~LoadMember()
{
    listener_.stop([this] { release(); });
}

std::string LoadMember::url() const
{
    return "http://127.0.0.1:" + std::to_string(listener_.port());
}

void LoadMember::hold()
{
    const std::lock_guard lock(mutex_);
    holds_ = true;
    most_at_once_ = 0;
}

void LoadMember::release()
{
    const std::lock_guard lock(mutex_);
    holds_ = false;
    released_.notify_all();
}

void LoadMember::note_begin()
{
    const int now = ++active_;
    for (int most = most_at_once_; now > most && !most_at_once_.compare_exchange_weak(most, now);) {
    }
}

void LoadMember::work()
{
    if (const auto span = work_.load(); span.count() > 0)
        std::this_thread::sleep_for(span);
    std::unique_lock lock(mutex_);
    released_.wait(lock, [this] { return !holds_; });
}

void LoadMember::serve(int fd)
{
    std::string received;
    while (read_head(fd, received)) {
        note_begin();
        work();
        --active_;
        write_all(fd, answer_);
    }
}

}  // namespace stickybalancer::test
