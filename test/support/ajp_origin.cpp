// SPDX-License-Identifier: Apache-2.0
//
// A minimal AJP/1.3 container, as much as mod_proxy_ajp needs: forward request, body chunks, CPING.
//
//   from the proxy:  12 34 | length | payload        to the proxy:  'A' 'B' | length | payload
#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "test/support/member_script.hpp"
#include "test/support/origins.hpp"
#include "test/support/socket.hpp"

namespace stickybalancer::test {
namespace {

enum : unsigned char {
    kForwardRequest = 2,
    kSendBodyChunk = 3,
    kSendHeaders = 4,
    kEndResponse = 5,
    kBodyChunkPlease = 6,
    kPong = 9,
    kPing = 10,
};
constexpr std::size_t kLargestChunk = 8000;  // packets are 8192 bytes unless configured otherwise

// The protocol numbers these from 1.
// clang-format off
constexpr std::array<const char *, 28> kMethods = {
    "", "OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "PROPFIND", "PROPPATCH",
    "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "ACL", "REPORT", "VERSION-CONTROL", "CHECKIN",
    "CHECKOUT", "UNCHECKOUT", "SEARCH", "MKWORKSPACE", "UPDATE", "LABEL", "MERGE",
    "BASELINE-CONTROL", "MKACTIVITY"};

constexpr std::array<const char *, 15> kHeaderNames = {
    "", "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Authorization",
    "Connection", "Content-Type", "Content-Length", "Cookie", "Cookie2", "Host", "Pragma",
    "Referer", "User-Agent"};
// clang-format on

// Reads a payload from its front; past its end is an exception.
class PacketReader {
public:
    explicit PacketReader(std::string bytes) : bytes_(std::move(bytes)) {}

    unsigned byte() { return static_cast<unsigned char>(bytes_.at(at_++)); }
    unsigned number()
    {
        const auto high = byte();
        return high << 8 | byte();
    }
    std::string text()
    {
        const auto length = number();
        return length == 0xffff ? std::string() : text_of_length(length);
    }
    std::string header_name()
    {
        const auto length = number();
        return length >> 8 == 0xa0 ? kHeaderNames.at(length & 0xff) : text_of_length(length);
    }
    bool at_end() const { return at_ >= bytes_.size(); }

private:
    std::string text_of_length(std::size_t length)
    {
        const auto text = bytes_.substr(at_, length);
        at_ += length + 1;  // strings end in NUL
        return text;
    }

    std::string bytes_;
    std::size_t at_ = 0;
};

std::string number(std::size_t value)
{
    return {static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::string text(const std::string &value)
{
    return number(value.size()) + value + '\0';
}

void send_packet(int fd, const std::string &payload)
{
    write_all(fd, "AB" + number(payload.size()) + payload);
}

// Throws where the connection ends, which is how serving it ends.
std::string read_packet(int fd)
{
    const auto head = read_exactly(fd, 4);
    if (head.size() < 4 || head[0] != 0x12 || head[1] != 0x34)
        throw std::runtime_error("no AJP packet");
    return read_exactly(fd, PacketReader(head.substr(2)).number());
}

Request parse_forward_request(PacketReader &in)
{
    Request request;
    const auto method = in.byte();
    in.text();  // protocol
    request.target = in.text();
    in.text();    // remote address
    in.text();    // remote host
    in.text();    // server name
    in.number();  // server port
    in.byte();    // TLS
    for (auto count = in.number(); count > 0; --count) {
        auto name = in.header_name();
        request.headers.push_back({std::move(name), in.text()});
    }
    request.method = method == 0xff ? "STORED" : kMethods.at(method);
    constexpr unsigned kRequestAttribute = 0x0a, kTlsKeySize = 0x0b, kQueryString = 5, kEnd = 0xff;
    for (auto code = in.byte(); code != kEnd; code = in.byte()) {
        if (code == kRequestAttribute)
            in.text();  // its name; the value follows like the other attributes'
        if (code == kTlsKeySize)
            in.number();
        else if (const auto value = in.text(); code == kQueryString)
            request.target += '?' + value;
    }
    return request;
}

// The first chunk comes unasked where the request has a length, and only then; an empty one is the
// end.
std::string read_body(int fd, const Request &request)
{
    const auto length_text = request.headers.first("Content-Length");
    const bool chunked = request.headers.has("Transfer-Encoding");
    const auto length = length_text.empty() ? 0 : std::stoul(length_text);
    std::string body;
    bool asked = length > 0;
    while (chunked || body.size() < length) {
        if (!asked)
            send_packet(fd, char{kBodyChunkPlease} + number(kLargestChunk));
        asked = false;
        const auto packet = read_packet(fd);
        if (packet.size() < 2 || PacketReader(packet).number() == 0)
            break;
        body += packet.substr(2);
    }
    return body;
}

void send_answer(int fd, const Answer &answer)
{
    auto head = char{kSendHeaders} + number(static_cast<std::size_t>(answer.status)) +
                text("Status") + number(answer.headers.size() + 1);
    head += text("Content-Length") + text(std::to_string(answer.body->size()));
    for (const auto &header : answer.headers)
        head += text(header.name) + text(header.value);
    send_packet(fd, head);
    auto body = *answer.body;
    if (answer.ending == Ending::kCloseInBody)
        body.resize(body.size() / 2);
    for (std::size_t at = 0; at < body.size(); at += kLargestChunk)
        send_packet(fd, char{kSendBodyChunk} + text(body.substr(at, kLargestChunk)));
}

// True: the connection is kept.
bool serve_request(int fd, PacketReader in, MemberScript &script)
{
    auto request = parse_forward_request(in);
    request.body = read_body(fd, request);
    request.peer = peer_of(fd);
    const auto answer = script.answer(request);
    if (answer.ending == Ending::kResetUnanswered)
        reset_on_close(fd);
    if (answer.ending != Ending::kKeepAlive && answer.ending != Ending::kClose &&
        answer.ending != Ending::kCloseInBody)
        return false;
    send_answer(fd, answer);
    if (answer.ending == Ending::kCloseInBody)
        return false;
    const bool keep = answer.ending == Ending::kKeepAlive;
    send_packet(fd, std::string{char{kEndResponse}, static_cast<char>(keep)});
    return keep;
}

}  // namespace

void serve_ajp(int fd, MemberScript &script)
{
    for (;;) {
        PacketReader in(read_packet(fd));
        const auto code = in.byte();
        if (code == kPing)
            send_packet(fd, std::string(1, char{kPong}));
        else if (code != kForwardRequest || !serve_request(fd, std::move(in), script))
            return;
    }
}

}  // namespace stickybalancer::test
