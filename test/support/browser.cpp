// SPDX-License-Identifier: Apache-2.0
#include "test/support/browser.hpp"

#include <ctime>
#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <stdexcept>

#include "test/support/certificate.hpp"
#include "test/support/wait.hpp"

namespace stickybalancer::test {
namespace {

struct FreeList {
    void operator()(curl_slist *list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

void append(List *list, const std::string &text)
{
    auto *longer = curl_slist_append(list->get(), text.c_str());
    if (longer) {
        static_cast<void>(list->release());
        list->reset(longer);
    }
}

bool is_tls(Protocol protocol)
{
    return protocol == Protocol::kHttp1Tls || protocol == Protocol::kH2Tls;
}

long http_version_of(Protocol protocol)
{
    switch (protocol) {
    case Protocol::kH2c: return CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
    case Protocol::kH2Tls: return CURL_HTTP_VERSION_2TLS;
    case Protocol::kHttp1:
    case Protocol::kHttp1Tls: break;
    }
    return CURL_HTTP_VERSION_1_1;
}

std::size_t take_header(char *data, std::size_t size, std::size_t count, void *user)
{
    auto *response = static_cast<Response *>(user);
    std::string line(data, size * count);
    line.erase(line.find_last_not_of("\r\n") + 1);
    const auto colon = line.find(':');
    if (line.substr(0, 5) == "HTTP/") {  // after an interim response (100) there is another
        response->headers.clear();
        response->http_version = line.substr(5, line.find(' ') - 5);
    } else if (colon != std::string::npos) {
        response->headers.push_back({line.substr(0, colon), trim(line.substr(colon + 1))});
    }
    return size * count;
}

std::size_t take_body(char *data, std::size_t size, std::size_t count, void *user)
{
    static_cast<Response *>(user)->body.append(data, size * count);
    return size * count;
}

struct Upload {
    std::string_view rest;
};

std::size_t give_body(char *data, std::size_t size, std::size_t count, void *user)
{
    auto *upload = static_cast<Upload *>(user);
    // Small pieces, so that a chunked body has more than one chunk.
    const auto length = std::min({upload->rest.size(), size * count, std::size_t{4096}});
    std::memcpy(data, upload->rest.data(), length);
    upload->rest.remove_prefix(length);
    return length;
}

int give_up(void *user, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
    return *static_cast<std::atomic<bool> *>(user) ? 1 : 0;
}

}  // namespace

struct Browser::State {
    State() : curl(curl_easy_init())
    {
        if (!curl)
            throw std::runtime_error("curl_easy_init");
    }
    ~State() { curl_easy_cleanup(curl); }
    State(const State &) = delete;
    State &operator=(const State &) = delete;

    template <class T>
    void set(CURLoption option, T value)
    {
        if (const auto error = curl_easy_setopt(curl, option, value); error != CURLE_OK)
            throw std::runtime_error(curl_easy_strerror(error));
    }
    Response perform();

    CURL *curl;
    std::string origin;  // scheme://host:port
    List resolve;
    std::string raw_cookies;
    std::atomic<bool> given_up = false;
    int connections = 0;
};

Response Browser::State::perform()
{
    Response response;
    char error[CURL_ERROR_SIZE] = "";
    set(CURLOPT_HEADERDATA, &response);
    set(CURLOPT_WRITEDATA, &response);
    set(CURLOPT_ERRORBUFFER, error);
    const auto result = curl_easy_perform(curl);
    set(CURLOPT_ERRORBUFFER, nullptr);
    set(CURLOPT_FRESH_CONNECT, 0L);
    long made = 0, status = 0;
    curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &made);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    connections += static_cast<int>(made);
    response.status = static_cast<int>(status);
    response.member = response.header("X-Member");
    if (result != CURLE_OK)
        response.error = error[0] ? error : curl_easy_strerror(result);
    return response;
}

Browser::Browser(const BrowserOptions &options) : state_(std::make_unique<State>())
{
    auto &state = *state_;
    const auto port = std::to_string(options.port);
    state.origin = (is_tls(options.protocol) ? "https://" : "http://") + options.host + ':' + port;
    append(&state.resolve, options.host + ':' + port + ':' + options.address);
    state.set(CURLOPT_RESOLVE, state.resolve.get());
    state.set(CURLOPT_HTTP_VERSION, http_version_of(options.protocol));
    state.set(CURLOPT_PROXY, "");  // whatever the environment says
    state.set(CURLOPT_COOKIEFILE, "");
    state.set(CURLOPT_PATH_AS_IS, 1L);
    state.set(CURLOPT_NOSIGNAL, 1L);
    state.set(CURLOPT_TIMEOUT, options.timeout_s);
    state.set(CURLOPT_HEADERFUNCTION, take_header);
    state.set(CURLOPT_WRITEFUNCTION, take_body);
    state.set(CURLOPT_NOPROGRESS, 0L);
    state.set(CURLOPT_XFERINFOFUNCTION, give_up);
    state.set(CURLOPT_XFERINFODATA, &state.given_up);
    if (!options.source.empty())
        state.set(CURLOPT_INTERFACE, ("host!" + options.source).c_str());
    if (is_tls(options.protocol)) {
        auto pem = test_certificate().certificate_pem;
        curl_blob authority{pem.data(), pem.size(), CURL_BLOB_COPY};
        state.set(CURLOPT_CAINFO_BLOB, &authority);
    }
}

Browser::~Browser() = default;
Browser::Browser(Browser &&) noexcept = default;
Browser &Browser::operator=(Browser &&) noexcept = default;

Response Browser::get(const std::string &path, const Headers &extra)
{
    return request("GET", path, {}, extra);
}

Response Browser::post(const std::string &path, const std::string &body, const Headers &extra)
{
    return request("POST", path, body, extra);
}

Response Browser::post_chunked(const std::string &path, const std::string &body)
{
    return request("POST", path, body, {{"Transfer-Encoding", "chunked"}});
}

Response Browser::request(const std::string &method, const std::string &path,
                          const std::string &body, const Headers &extra)
{
    auto &state = *state_;
    List lines;
    for (const auto &header : extra)
        append(&lines,
               header.value.empty() ? header.name + ';' : header.name + ": " + header.value);
    Upload upload{body};
    state.set(CURLOPT_URL, (state.origin + path).c_str());
    state.set(CURLOPT_HTTPGET, 1L);  // forgets the last request's kind
    if (method == "HEAD")
        state.set(CURLOPT_NOBODY, 1L);
    if (extra.has("Transfer-Encoding")) {
        state.set(CURLOPT_POST, 1L);
        state.set(CURLOPT_POSTFIELDS, nullptr);
        state.set(CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t{-1});
        state.set(CURLOPT_READFUNCTION, give_body);
        state.set(CURLOPT_READDATA, &upload);
    } else if (!body.empty() || method == "POST") {
        state.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
        state.set(CURLOPT_POSTFIELDS, body.c_str());
    }
    state.set(CURLOPT_CUSTOMREQUEST, method.c_str());
    state.set(CURLOPT_HTTPHEADER, lines.get());
    state.set(CURLOPT_COOKIE, state.raw_cookies.empty() ? nullptr : state.raw_cookies.c_str());
    return state.perform();
}

PendingResponse Browser::start_get(const std::string &path) { return PendingResponse(this, path); }

std::string Browser::cookie(const std::string &name) const
{
    curl_slist *found = nullptr;
    curl_easy_getinfo(state_->curl, CURLINFO_COOKIELIST, &found);
    const List cookies(found);
    for (const auto *at = cookies.get(); at; at = at->next) {
        // Netscape's format: seven fields with tabs between; expiry, name and value last. What has
        // expired is sent no more, and may stay in the list.
        const std::string line = at->data;
        const auto value = line.rfind('\t');
        const auto begin = line.rfind('\t', value - 1) + 1;
        const auto expiry = std::stoll(line.substr(line.rfind('\t', begin - 2) + 1));
        if (line.substr(begin, value - begin) == name &&
            (expiry == 0 || expiry > std::time(nullptr)))
            return line.substr(value + 1);
    }
    return {};
}

void Browser::add_cookie(const std::string &name, const std::string &value)
{
    auto host = state_->origin.substr(state_->origin.find("//") + 2);
    host.resize(host.rfind(':'));
    state_->set(CURLOPT_COOKIELIST,
                (host + "\tFALSE\t/\tFALSE\t0\t" + name + '\t' + value).c_str());
}

void Browser::forget_cookies() { state_->set(CURLOPT_COOKIELIST, "ALL"); }

// libcurl joins its jar's cookies with the given ones, so the jar is emptied.
void Browser::send_raw_cookies(const std::string &line)
{
    forget_cookies();
    state_->raw_cookies = line;
}

void Browser::disconnect() { state_->set(CURLOPT_FRESH_CONNECT, 1L); }

int Browser::connection_count() const { return state_->connections; }

PendingResponse::PendingResponse(Browser *browser, std::string path)
    : browser_(browser), future_(std::async(std::launch::async, [browser, path = std::move(path)] {
          return browser->get(path);
      }))
{
}

PendingResponse::~PendingResponse()
{
    if (!future_.valid())
        return;
    browser_->state_->given_up = true;
    future_.wait();
    browser_->state_->given_up = false;
}

}  // namespace stickybalancer::test
