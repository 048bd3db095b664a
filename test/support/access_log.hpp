// SPDX-License-Identifier: Apache-2.0
//
// The access log that the harness configures: one request a line, name=value fields.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace stickybalancer::test {

// Of httpd's LogFormat. A field without a value reads "-".
extern const char *const kAccessLogFormat;

class AccessLog {
public:
    // pid, client, method, uri (as requested), status, route (BALANCER_WORKER_ROUTE),
    // changed (BALANCER_ROUTE_CHANGED), member, cause, state, attempts, moved, queue_us (STICKY_...).
    using Line = std::map<std::string, std::string>;

    explicit AccessLog(std::filesystem::path file) : file_(std::move(file)) {}

    std::vector<Line> lines() const;
    // httpd writes a request's line after its response, so tests wait for it, and lines of
    // different connections come in any order. Throws where there are not so many in time.
    std::vector<Line> wait_for(std::size_t count,
                               std::chrono::seconds at_most = std::chrono::seconds(10)) const;

private:
    std::filesystem::path file_;
};

}  // namespace stickybalancer::test
