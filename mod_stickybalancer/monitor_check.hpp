// SPDX-License-Identifier: Apache-2.0
//
// Mistakes about monitors (StickyMonitorURI) that no single line shows.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

// Logs what it finds; false when there is an error.
bool check_monitors(const server_rec *main_server);
void warn_of_monitors(const server_rec *main_server);

}  // namespace stickybalancer
