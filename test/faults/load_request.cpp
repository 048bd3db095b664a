// SPDX-License-Identifier: Apache-2.0
#include "test/faults/load_request.hpp"

namespace stickybalancer::test {

std::string load_body(std::string_view target)
{
    std::string body;
    while (body.size() < kLoadBodySize)
        body.append(target).push_back('\n');
    body.resize(kLoadBodySize);
    return body;
}

std::string load_request(std::string_view method, std::string_view target, std::string_view cookie)
{
    std::string request(method);
    request.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
    if (!cookie.empty())
        request.append("Cookie: ").append(cookie).append("\r\n");
    if (method == "GET")
        return request + "\r\n";
    return request +
           "Content-Type: text/plain\r\nContent-Length: " + std::to_string(kLoadBodySize) +
           "\r\n\r\n" + load_body(target);
}

}  // namespace stickybalancer::test
