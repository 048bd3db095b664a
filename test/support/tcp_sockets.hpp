// SPDX-License-Identifier: Apache-2.0
//
// What the kernel says of the TCP sockets that are bound to some ports, of whatever process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace stickybalancer::test {

// The listening ones, by their names in /proc.
std::set<std::string> listening_sockets(const std::vector<std::uint16_t> &ports);
// A process that is gone, or whose descriptors may not be looked at, holds none.
bool holds_one_of(pid_t pid, const std::set<std::string> &sockets);

// Whether a server on one of these ports has a connection that it has not closed.
bool has_connections(const std::vector<std::uint16_t> &ports);
// ... that the client has closed, and it not yet.
bool has_closing_connections(const std::vector<std::uint16_t> &ports);

}  // namespace stickybalancer::test
