// SPDX-License-Identifier: Apache-2.0
#include "test/support/http_message.hpp"

#include <strings.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>

namespace stickybalancer::test {
namespace {

constexpr auto kNone = std::string_view::npos;

// Takes the line that `rest` begins with, and its line end, off `rest`.
std::string_view take_line(std::string_view *rest)
{
    const auto end = rest->find("\r\n");
    const auto line = rest->substr(0, end);
    rest->remove_prefix(end == kNone ? rest->size() : end + 2);
    return line;
}

std::optional<std::string> parse_chunks(std::string_view rest, std::size_t *used)
{
    const auto whole = rest.size();
    std::string body;
    for (;;) {
        if (rest.find("\r\n") == kNone)
            return {};
        const auto length = std::strtoul(std::string(take_line(&rest)).c_str(), nullptr, 16);
        if (length == 0)
            break;
        if (rest.size() < length + 2)
            return {};
        body += rest.substr(0, length);
        rest.remove_prefix(length + 2);
    }
    while (!rest.empty()) {  // trailers, up to the empty line
        if (rest.find("\r\n") == kNone)
            return {};
        if (take_line(&rest).empty()) {
            *used = whole - rest.size();
            return body;
        }
    }
    return {};
}

void parse_head(std::string_view head, Response *response)
{
    const auto status_line = take_line(&head);
    const auto space = status_line.find(' ');
    if (status_line.substr(0, 5) == "HTTP/" && space != kNone) {
        response->http_version = status_line.substr(5, space - 5);
        response->status = std::atoi(std::string(status_line.substr(space + 1)).c_str());
    }
    while (!head.empty()) {
        const auto line = take_line(&head);
        const auto colon = line.find(':');
        if (colon != kNone)
            response->headers.push_back(
                {std::string(line.substr(0, colon)), trim(line.substr(colon + 1))});
    }
    response->member = response->headers.first("X-Member");
}

bool has_body(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

}  // namespace

std::ostream &operator<<(std::ostream &out, const Header &header)
{
    return out << header.name << ": " << header.value;
}

std::ostream &operator<<(std::ostream &out, const Response &response)
{
    out << response.status << ' ' << response.error << '\n';
    for (const auto &header : response.headers)
        out << header << '\n';
    return out << '\n' << response.body.substr(0, 500);
}

std::string Headers::first(std::string_view name) const
{
    const auto found = all(name);
    return found.empty() ? std::string() : found.front();
}

std::vector<std::string> Headers::all(std::string_view name) const
{
    std::vector<std::string> values;
    for (const auto &header : *this)
        if (equal_ignoring_case(header.name, name))
            values.push_back(header.value);
    return values;
}

bool Headers::has(std::string_view name) const
{
    return !all(name).empty();
}

std::string Request::path() const
{
    return target.substr(0, target.find_first_of(";?"));
}

std::optional<std::string> Request::cookie(std::string_view name) const
{
    for (const auto &line : headers.all("Cookie")) {
        std::string_view rest = line;
        while (!rest.empty()) {
            const auto pair = rest.substr(0, rest.find(';'));
            rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
            const auto equals = pair.find('=');
            if (equals != kNone && trim(pair.substr(0, equals)) == name)
                return trim(pair.substr(equals + 1));
        }
    }
    return {};
}

std::string Response::set_cookie(std::string_view name) const
{
    for (const auto &line : set_cookies())
        if (line.substr(0, line.find('=')) == name)
            return line;
    return {};
}

std::optional<Response> parse_response(std::string_view bytes, bool peer_closed, std::size_t *used)
{
    const auto head_end = bytes.find("\r\n\r\n");
    if (head_end == kNone)
        return {};
    Response response;
    parse_head(bytes.substr(0, head_end + 2), &response);
    const auto rest = bytes.substr(head_end + 4);
    std::size_t body_used = 0;
    const auto length = response.headers.first("Content-Length");
    if (!has_body(response.status)) {
        // nothing follows
    } else if (response.headers.has("Transfer-Encoding")) {
        auto body = parse_chunks(rest, &body_used);
        if (!body)
            return {};
        response.body = std::move(*body);
    } else if (!length.empty()) {
        body_used = std::strtoul(length.c_str(), nullptr, 10);
        if (rest.size() < body_used)
            return {};
        response.body = rest.substr(0, body_used);
    } else {
        if (!peer_closed)
            return {};
        body_used = rest.size();
        response.body = rest;
    }
    *used = head_end + 4 + body_used;
    return response;
}

bool equal_ignoring_case(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string trim(std::string_view text)
{
    const auto begin = text.find_first_not_of(" \t");
    if (begin == kNone)
        return {};
    return std::string(text.substr(begin, text.find_last_not_of(" \t") - begin + 1));
}

}  // namespace stickybalancer::test
