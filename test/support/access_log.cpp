// SPDX-License-Identifier: Apache-2.0
#include "test/support/access_log.hpp"

#include <sstream>
#include <stdexcept>

#include "test/support/temporary_directory.hpp"
#include "test/support/wait.hpp"

namespace stickybalancer::test {

// No value contains a space: httpd escapes the request's, and the others have none.
const char *const kAccessLogFormat =
    "pid=%P client=%a method=%m uri=%U%q status=%>s "
    "route=%{BALANCER_WORKER_ROUTE}e changed=%{BALANCER_ROUTE_CHANGED}e "
    "member=%{STICKY_MEMBER}e cause=%{STICKY_CAUSE}e state=%{STICKY_STATE}e "
    "attempts=%{STICKY_ATTEMPTS}e moved=%{STICKY_MOVED}e queue_us=%{STICKY_QUEUE_US}e";

std::vector<AccessLog::Line> AccessLog::lines() const
{
    auto text = read_file(file_);
    text.resize(text.rfind('\n') + 1);  // a line that is being written is none yet
    std::istringstream in(text);
    std::vector<Line> lines;
    for (std::string line; std::getline(in, line);) {
        std::istringstream fields(line);
        lines.emplace_back();
        for (std::string field; fields >> field;)
            lines.back()[field.substr(0, field.find('='))] = field.substr(field.find('=') + 1);
    }
    return lines;
}

std::vector<AccessLog::Line> AccessLog::wait_for(std::size_t count,
                                                 std::chrono::seconds at_most) const
{
    std::vector<Line> found;
    if (!wait_until(within(at_most), [&] { return (found = lines()).size() >= count; }))
        throw std::runtime_error("the access log has " + std::to_string(found.size()) + " of " +
                                 std::to_string(count) + " lines");
    return found;
}

}  // namespace stickybalancer::test
