// SPDX-License-Identifier: Apache-2.0
//
// A list of networks, and whether an address is in one of them. An IPv4 address that came over an IPv6
// socket (::ffff:192.0.2.1) is an IPv4 address.
//
// Thread safety: made while the configuration is read, read-only afterwards. Lifetime: pconf.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

struct Networks {
    apr_array_header_t *all;  // of Network, networks.cpp
};

// Null, and the network is one of `networks`, which is made where it is null; or what is wrong.
const char *parse_network(cmd_parms *cmd, const char *text, const Networks *&networks);

// Cost: a comparison for each network.
bool contains(const Networks &networks, const apr_sockaddr_t &address);

}  // namespace stickybalancer
