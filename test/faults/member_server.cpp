// SPDX-License-Identifier: Apache-2.0
//
// The process behind a MemberProcess: a thread for each connection, answers with its name, and
// does what the board says to requests that it has read.
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <thread>

#include "test/faults/load_request.hpp"
#include "test/faults/member_process.hpp"

namespace stickybalancer::test {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::size_t kAnswerSize = 200;
constexpr int kSlowMs = 300;

struct Request {
    std::string method, target, body;
    std::size_t length = 0;  // of its body, as the head says
};

Request head_of(std::string_view head)
{
    Request request;
    const auto method_end = head.find(' ');
    const auto target_end = head.find(' ', method_end + 1);
    request.method = head.substr(0, method_end);
    request.target = head.substr(method_end + 1, target_end - method_end - 1);
    static constexpr std::string_view kLength = "\r\nContent-Length: ";
    if (const auto at = head.find(kLength); at != std::string_view::npos)
        request.length = std::strtoul(head.data() + at + kLength.size(), nullptr, 10);
    return request;
}

class Connection {
public:
    Connection(int fd, MemberBoard &board, std::size_t line, const std::string &name)
        : fd_(fd), board_(board), line_(board.lines[line]), name_(name)
    {
    }

    void serve()
    {
        for (Request request; read(request);) {
            note(request);
            if (!answer(request))
                return;
        }
    }

private:
    bool read_more()
    {
        char bytes[8192];
        const auto count = ::recv(fd_.number(), bytes, sizeof(bytes), 0);
        if (count > 0)
            received_.append(bytes, static_cast<std::size_t>(count));
        return count > 0;
    }

    // False: the peer has gone.
    bool read(Request &request)
    {
        while (received_.find(kHeadEnd) == std::string::npos)
            if (!read_more())
                return false;
        const auto head_size = received_.find(kHeadEnd) + kHeadEnd.size();
        request = head_of(std::string_view(received_).substr(0, head_size));
        while (received_.size() < head_size + request.length)
            if (!read_more())
                return false;
        request.body = received_.substr(head_size, request.length);
        received_.erase(0, head_size + request.length);
        return true;
    }

    // The number of a POST is the last of its target.
    void note(const Request &request)
    {
        ++line_.requests;
        if (request.method == "POST")
            ++board_.posts[std::strtoul(request.target.c_str() + request.target.rfind('/') + 1,
                                        nullptr, 10) %
                           MemberBoard::kMostPosts];
    }

    // False: nothing more is to be read here.
    bool answer(const Request &request)
    {
        const auto text = answer_to(request);
        switch (line_.conduct) {
        case Conduct::kServe: break;
        case Conduct::kSilent: return keep_silent();
        case Conduct::kCloseEarly: return false;
        case Conduct::kHalf:
            write_all(fd_.number(),
                      text.substr(0, text.find(kHeadEnd) + kHeadEnd.size() + kAnswerSize / 2));
            return false;
        case Conduct::kSlow: ::poll(nullptr, 0, kSlowMs); break;
        }
        write_all(fd_.number(), text);
        return true;
    }

    std::string answer_to(const Request &request)
    {
        const bool has_body = request.method == "POST" || request.method == "PUT";
        const bool is_whole = request.body == (has_body ? load_body(request.target) : "");
        board_.damaged_count += !is_whole;
        const auto head = std::string("HTTP/1.1 ") + (is_whole ? "200 OK" : "400 Bad Request") +
                          "\r\nX-Member: " + name_ +
                          "\r\nContent-Length: " + std::to_string(kAnswerSize) + "\r\n\r\n";
        return request.method == "HEAD" ? head : head + std::string(kAnswerSize, '.');
    }

    // Until the peer closes.
    bool keep_silent()
    {
        while (read_more())
            received_.clear();
        return false;
    }

    Fd fd_;
    MemberBoard &board_;
    MemberBoard::Line &line_;
    std::string name_, received_;
};

void serve_connection(Connection connection)
{
    try {
        connection.serve();
    } catch (const std::exception &) {
        // The peer has gone.
    }
}

}  // namespace

bool is_member_process(const std::vector<std::string> &arguments)
{
    return arguments.size() == 5 && arguments[0] == "--member";
}

void serve_as_member(const std::vector<std::string> &arguments)
{
    auto &board = map_member_board(arguments[1]);
    const auto line = std::stoul(arguments[2]);
    const Fd listening = listen_on(static_cast<std::uint16_t>(std::stoul(arguments[4])));
    ++board.lines[line].starts;
    for (;;) {
        const int fd = ::accept4(listening.number(), nullptr, nullptr, SOCK_CLOEXEC);
        if (fd >= 0)
            std::thread(serve_connection, Connection(fd, board, line, arguments[3])).detach();
    }
}

}  // namespace stickybalancer::test
