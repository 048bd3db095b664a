// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/http_transport.hpp"

#include <curl/curl.h>

#include <cstring>
#include <new>

#include "mod_stickybalancer/stickyctl/failure.hpp"
#include "mod_stickybalancer/stickyctl/web_address.hpp"

namespace stickybalancer::stickyctl {
namespace {

// Some ten thousand members.
constexpr std::size_t kLargestAnswer = std::size_t{64} << 20;

std::size_t keep_body(char *data, std::size_t size, std::size_t count, void *answer)
{
    auto &body = static_cast<Answer *>(answer)->body;
    const auto length = size * count;
    if (length > kLargestAnswer - body.size())
        return 0;
    body.append(data, length);
    return length;
}

struct Lines {
    curl_slist *list = nullptr;
    ~Lines() { ::curl_slist_free_all(list); }
    void add(const char *line) { list = ::curl_slist_append(list, line); }
};

void allow_only_http(CURL *curl)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    ::curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    ::curl_easy_setopt(curl, CURLOPT_PROTOCOLS,
                       static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

// What never leaves this host goes through no proxy: http_proxy would get the password in clear.
bool stays_on_host(const ServerAddress &server)
{
    return !server.socket.empty() || is_on_this_host(server.url);
}

bool is_about_certificate(CURLcode code)
{
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE;
}

}  // namespace

struct HttpTransport::State {
    ServerAddress server;
    CURL *curl = nullptr;
    std::string name;
    char why[CURL_ERROR_SIZE] = "";

    // What libcurl says of a unix socket is about the host of the url.
    std::string reason(CURLcode code) const
    {
        long error = 0;
        ::curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &error);
        if (code == CURLE_COULDNT_CONNECT && !server.socket.empty() && error != 0)
            return std::strerror(static_cast<int>(error));
        return why[0] ? why : ::curl_easy_strerror(code);
    }
};

HttpTransport::HttpTransport(const ServerAddress &server) : state_(std::make_unique<State>())
{
    state_->server = server;
    state_->name = shown_name(server);
    state_->curl = ::curl_easy_init();
    if (!state_->curl)
        throw std::bad_alloc();
}

HttpTransport::~HttpTransport() { ::curl_easy_cleanup(state_->curl); }

const std::string &HttpTransport::name() const { return state_->name; }

// Options of libcurl, one a line.
Answer HttpTransport::send(const Call &call)
{
    auto *const curl = state_->curl;
    const auto &server = state_->server;
    Answer answer;
    Lines headers;
    headers.add("Accept: application/json");
    if (!call.body.empty())
        headers.add("Content-Type: application/json");
    headers.add("Expect:");

    ::curl_easy_reset(curl);
    allow_only_http(curl);
    ::curl_easy_setopt(curl, CURLOPT_URL, (server.url + "/" + call.path).c_str());
    ::curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call.method.c_str());
    ::curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.list);
    ::curl_easy_setopt(curl, CURLOPT_USERAGENT, "stickyctl/" SB_VERSION);
    ::curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    ::curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    ::curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(server.request_timeout.count()));
    ::curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_body);
    ::curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    ::curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, state_->why);
    if (!call.body.empty())
        ::curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, call.body.c_str());
    if (stays_on_host(server))
        ::curl_easy_setopt(curl, CURLOPT_PROXY, "");
    if (!server.socket.empty())
        ::curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, server.socket.c_str());
    if (!server.cacert.empty())
        ::curl_easy_setopt(curl, CURLOPT_CAINFO, server.cacert.c_str());
    if (server.login) {
        ::curl_easy_setopt(curl, CURLOPT_HTTPAUTH,
                           static_cast<long>(CURLAUTH_BASIC | CURLAUTH_DIGEST));
        ::curl_easy_setopt(curl, CURLOPT_USERNAME, server.login->user.c_str());
        ::curl_easy_setopt(curl, CURLOPT_PASSWORD, server.login->password.c_str());
    }

    state_->why[0] = '\0';
    const auto code = ::curl_easy_perform(curl);
    if (code != CURLE_OK)
        throw Failure(
            ExitCode::kUnreachable,
            name() + " cannot be reached: " + state_->reason(code) +
                (is_about_certificate(code) ? "; name the authority's certificate with --cacert"
                                            : ""));
    const char *location = nullptr;
    ::curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    ::curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &location);
    answer.location = location ? location : "";
    return answer;
}

}  // namespace stickybalancer::stickyctl
