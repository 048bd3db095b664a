// SPDX-License-Identifier: Apache-2.0
//
// A client as browsers are: a cookie jar of its own, connections kept alive, one request at a time.
// It follows no redirect by itself.
//
// Thread safety: one thread at a time; while start_get's answer is pending, none.
#pragma once

#include <cstdint>
#include <future>
#include <memory>
#include <string>

#include "test/support/http_message.hpp"

namespace stickybalancer::test {

enum class Protocol {
    kHttp1,
    kHttp1Tls,
    kH2c,    // HTTP/2 from the first byte
    kH2Tls,  // HTTP/2 by ALPN
};

struct BrowserOptions {
    std::uint16_t port = 0;
    Protocol protocol = Protocol::kHttp1;
    std::string host = "127.0.0.1";     // of the URL, so of Host and of cookies
    std::string address = "127.0.0.1";  // where the connection really goes
    std::string source = {};            // the client's address, such as 127.0.0.7
    long timeout_s = 20;                // for a whole response
};

// An answer on its way. Going out of scope gives it up.
class PendingResponse;

class Browser {
public:
    explicit Browser(const BrowserOptions &options);
    ~Browser();
    Browser(Browser &&) noexcept;
    Browser &operator=(Browser &&) noexcept;

    // `path` is sent as it is written. A transport failure is a response of status 0.
    Response get(const std::string &path, const Headers &extra = {});
    Response post(const std::string &path, const std::string &body, const Headers &extra = {});
    // The body goes in chunks, without a length.
    Response post_chunked(const std::string &path, const std::string &body);
    Response request(const std::string &method, const std::string &path,
                     const std::string &body = {}, const Headers &extra = {});
    PendingResponse start_get(const std::string &path);

    // The jar. `cookie` is the value, empty where there is none.
    std::string cookie(const std::string &name) const;
    void add_cookie(const std::string &name, const std::string &value);  // as if it had been set
    void forget_cookies();
    // Sends this Cookie line instead of the jar's from now on; empty: the jar's again.
    void send_raw_cookies(const std::string &line);

    // The next request makes a new connection.
    void disconnect();
    int connection_count() const;  // made so far

private:
    friend class PendingResponse;
    struct State;
    std::unique_ptr<State> state_;
};

class PendingResponse {
public:
    PendingResponse(Browser *browser, std::string path);
    ~PendingResponse();
    PendingResponse(PendingResponse &&) = default;

    Response wait() { return future_.get(); }

private:
    Browser *browser_;
    std::future<Response> future_;
};

}  // namespace stickybalancer::test
