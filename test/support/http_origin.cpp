// SPDX-License-Identifier: Apache-2.0
//
// The only file with Asio and Beast, which cost seconds to compile. <utility> comes first: Asio of
// Boost 1.74 uses std::exchange without it.
#include <utility>

#include <sys/socket.h>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>

#include "test/support/certificate.hpp"
#include "test/support/member_script.hpp"
#include "test/support/origins.hpp"
#include "test/support/socket.hpp"

namespace stickybalancer::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

using Parser = http::request_parser<http::string_body>;

// The listener's descriptor for as long as a connection is served, without closing it.
class BorrowedSocket {
public:
    explicit BorrowedSocket(int fd) : socket_(context_)
    {
        sockaddr_storage address{};
        socklen_t length = sizeof(address);
        ::getsockname(fd, reinterpret_cast<sockaddr *>(&address), &length);
        socket_.assign(asio::generic::stream_protocol(address.ss_family, 0), fd);
    }
    ~BorrowedSocket()
    {
        beast::error_code ignored;
        socket_.release(ignored);
    }
    asio::generic::stream_protocol::socket &get() { return socket_; }

private:
    asio::io_context context_{1};
    asio::generic::stream_protocol::socket socket_;
};

Request as_request(const http::request<http::string_body> &message)
{
    Request request{
        std::string(message.method_string()), std::string(message.target()), {}, message.body()};
    for (const auto &field : message)
        request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    return request;
}

std::string head_of(const Answer &answer, bool keep_alive)
{
    auto head = "HTTP/1.1 " + std::to_string(answer.status) + ' ' +
                std::string(http::obsolete_reason(
                    http::int_to_status(static_cast<unsigned>(answer.status)))) +
                "\r\n";
    for (const auto &header : answer.headers)
        head += header.name + ": " + header.value + "\r\n";
    if (!keep_alive)
        head += "Connection: close\r\n";
    const bool has_body = answer.status != 204 && answer.status != 304;
    if (answer.chunked)
        head += "Transfer-Encoding: chunked\r\n";
    else if (has_body && !answer.headers.has("Content-Length"))
        head += "Content-Length: " + std::to_string(answer.body->size()) + "\r\n";
    return head + "\r\n";
}

// In two chunks, so that there is something to put together again.
std::string chunks_of(const std::string &body)
{
    std::string chunks;
    const auto half = body.size() / 2;
    for (const auto &part : {body.substr(0, half), body.substr(half)}) {
        char length[32];
        std::snprintf(length, sizeof(length), "%zx\r\n", part.size());
        if (!part.empty())
            chunks += length + part + "\r\n";
    }
    return chunks + "0\r\n\r\n";
}

std::string bytes_of(const Answer &answer, bool keep_alive, bool is_head)
{
    if (!answer.raw.empty())
        return answer.raw;
    const auto head = head_of(answer, keep_alive);
    if (answer.ending == Ending::kCloseInHeaders)
        return head.substr(0, head.size() / 2);
    if (answer.ending == Ending::kCloseInBody)
        return head + answer.body->substr(0, answer.body->size() / 2);
    if (is_head || answer.status == 204 || answer.status == 304)
        return head;
    return head + (answer.chunked ? chunks_of(*answer.body) : *answer.body);
}

// Reads one request; answers `Expect: 100-continue` on the way. False: the peer has gone.
template <class Stream>
bool read_request(Stream &stream, beast::flat_buffer &buffer, Parser &parser)
{
    beast::error_code error;
    parser.header_limit(1 << 20);
    parser.body_limit(std::uint64_t{1} << 30);
    http::read_header(stream, buffer, parser, error);
    if (!error && beast::iequals(parser.get()[http::field::expect], "100-continue"))
        asio::write(stream, asio::buffer(std::string("HTTP/1.1 100 Continue\r\n\r\n")), error);
    if (!error)
        http::read(stream, buffer, parser, error);
    return !error;
}

// Sends every message back as it came until the peer closes.
template <class Stream>
void echo_messages(Stream &stream, const Parser &parser, const std::string &name)
{
    websocket::stream<Stream &> socket(stream);
    socket.set_option(websocket::stream_base::decorator(
        [&](websocket::response_type &response) { response.insert("X-Member", name); }));
    beast::error_code error;
    socket.accept(parser.get(), error);
    while (!error) {
        beast::flat_buffer message;
        socket.read(message, error);
        if (error)
            return;
        socket.text(socket.got_text());
        socket.write(message.data(), error);
    }
}

template <class Stream>
void serve_stream(Stream &stream, int fd, MemberScript &script)
{
    beast::flat_buffer buffer;
    for (;;) {
        Parser parser;
        if (!read_request(stream, buffer, parser))
            return;
        auto request = as_request(parser.get());
        request.peer = peer_of(fd);
        if (websocket::is_upgrade(parser.get()) && !script.has_handler_for(request)) {
            script.record(request);
            return echo_messages(stream, parser, script.name());
        }
        const auto answer = script.answer(request);
        if (answer.ending == Ending::kResetUnanswered)
            reset_on_close(fd);
        if (answer.ending == Ending::kCloseUnanswered || answer.ending == Ending::kResetUnanswered)
            return;
        const bool keep_alive = parser.keep_alive() && answer.ending == Ending::kKeepAlive;
        beast::error_code error;
        asio::write(stream, asio::buffer(bytes_of(answer, keep_alive, request.method == "HEAD")),
                    error);
        if (error || !keep_alive)
            return;
    }
}

asio::ssl::context make_tls_context()
{
    asio::ssl::context context(asio::ssl::context::tls_server);
    const auto &certificate = test_certificate();
    context.use_certificate(asio::buffer(certificate.certificate_pem), asio::ssl::context::pem);
    context.use_private_key(asio::buffer(certificate.key_pem), asio::ssl::context::pem);
    return context;
}

}  // namespace

void serve_http(int fd, MemberScript &script)
{
    BorrowedSocket socket(fd);
    serve_stream(socket.get(), fd, script);
}

void serve_https(int fd, MemberScript &script)
{
    static asio::ssl::context context = make_tls_context();
    BorrowedSocket socket(fd);
    asio::ssl::stream<asio::generic::stream_protocol::socket &> stream(socket.get(), context);
    beast::error_code error;
    stream.handshake(asio::ssl::stream_base::server, error);
    if (error)
        return;
    serve_stream(stream, fd, script);
    stream.shutdown(error);
}

}  // namespace stickybalancer::test
