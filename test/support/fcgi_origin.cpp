// SPDX-License-Identifier: Apache-2.0
//
// A minimal FastCGI responder, one request at a time on a connection.
//
//   record: version 1 | type | request id (2) | content length (2) | padding length | 0 | content
#include <algorithm>
#include <cctype>
#include <map>
#include <stdexcept>
#include <string>

#include "test/support/member_script.hpp"
#include "test/support/origins.hpp"
#include "test/support/socket.hpp"

namespace stickybalancer::test {
namespace {

enum RecordType : unsigned char {
    kBeginRequest = 1,
    kAbortRequest = 2,
    kEndRequest = 3,
    kParams = 4,
    kStdin = 5,
    kStdout = 6,
};
constexpr std::size_t kLargestContent = 60000;  // below the 65535 that two bytes can say

struct Record {
    RecordType type;
    std::string id;
    std::string content;
};

std::size_t byte_at(const std::string &bytes, std::size_t at)
{
    return static_cast<unsigned char>(bytes.at(at));
}

// Throws where the connection ends, which is how serving it ends.
Record read_record(int fd)
{
    const auto head = read_exactly(fd, 8);
    if (head.size() < 8 || head[0] != 1)
        throw std::runtime_error("no FastCGI record");
    const auto length = byte_at(head, 4) << 8 | byte_at(head, 5);
    auto content = read_exactly(fd, length);
    read_exactly(fd, byte_at(head, 6));
    return {static_cast<RecordType>(byte_at(head, 1)), head.substr(2, 2), std::move(content)};
}

void send_record(int fd, RecordType type, const std::string &id, const std::string &content)
{
    std::string head = {1, static_cast<char>(type)};
    head += id;
    head += {static_cast<char>(content.size() >> 8), static_cast<char>(content.size()), 0, 0};
    write_all(fd, head + content);
}

// One byte below 128, else four with the highest bit set.
std::size_t take_length(const std::string &bytes, std::size_t *at)
{
    std::size_t length = byte_at(bytes, (*at)++);
    if (length & 0x80) {
        length &= 0x7f;
        for (int i = 0; i < 3; ++i)
            length = length << 8 | byte_at(bytes, (*at)++);
    }
    return length;
}

std::map<std::string, std::string> parse_params(const std::string &bytes)
{
    std::map<std::string, std::string> params;
    for (std::size_t at = 0; at < bytes.size();) {
        const auto name_length = take_length(bytes, &at);
        const auto value_length = take_length(bytes, &at);
        params[bytes.substr(at, name_length)] = bytes.substr(at + name_length, value_length);
        at += name_length + value_length;
    }
    return params;
}

// HTTP_USER_AGENT is User-Agent again; the order on the wire is lost in this protocol.
std::string header_name(std::string name)
{
    bool capital = true;
    for (auto &c : name) {
        const auto letter = static_cast<unsigned char>(c);
        c = c == '_' ? '-' : static_cast<char>(capital ? letter : std::tolower(letter));
        capital = c == '-';
    }
    return name;
}

Request as_request(const std::map<std::string, std::string> &params)
{
    Request request;
    for (const auto &[name, value] : params) {
        if (name == "REQUEST_METHOD")
            request.method = value;
        else if (name == "REQUEST_URI")
            request.target = value;
        else if (name.substr(0, 5) == "HTTP_")
            request.headers.push_back({header_name(name.substr(5)), value});
        else if (name.substr(0, 8) == "CONTENT_" && !value.empty())
            request.headers.push_back({header_name(name), value});
    }
    return request;
}

void send_answer(int fd, const std::string &id, const Answer &answer)
{
    std::string output = "Status: " + std::to_string(answer.status) + "\r\n";
    for (const auto &header : answer.headers)
        output += header.name + ": " + header.value + "\r\n";
    output += "\r\n";
    const auto body_begin = output.size();
    output += *answer.body;
    if (answer.ending == Ending::kCloseInHeaders)
        output.resize(body_begin / 2);
    if (answer.ending == Ending::kCloseInBody)
        output.resize(body_begin + answer.body->size() / 2);
    for (std::size_t at = 0; at < output.size(); at += kLargestContent)
        send_record(fd, kStdout, id, output.substr(at, kLargestContent));
}

}  // namespace

void serve_fcgi(int fd, MemberScript &script)
{
    std::string params, body;
    bool keep = false;
    for (;;) {
        const auto record = read_record(fd);
        if (record.type == kBeginRequest)
            keep = byte_at(record.content, 2) & 1;
        else if (record.type == kParams)
            params += record.content;
        else if (record.type == kAbortRequest)
            return;
        if (record.type != kStdin)
            continue;
        body += record.content;
        if (!record.content.empty())
            continue;

        auto request = as_request(parse_params(params));
        request.body = std::exchange(body, {});
        request.peer = peer_of(fd);
        params.clear();
        const auto answer = script.answer(request);
        if (answer.ending == Ending::kResetUnanswered)
            reset_on_close(fd);
        if (answer.ending == Ending::kCloseUnanswered || answer.ending == Ending::kResetUnanswered)
            return;
        send_answer(fd, record.id, answer);
        if (answer.ending == Ending::kCloseInHeaders || answer.ending == Ending::kCloseInBody)
            return;
        send_record(fd, kStdout, record.id, {});
        send_record(fd, kEndRequest, record.id, std::string(8, '\0'));
        if (!keep || answer.ending == Ending::kClose)
            return;
    }
}

}  // namespace stickybalancer::test
