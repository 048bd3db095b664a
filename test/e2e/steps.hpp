// SPDX-License-Identifier: Apache-2.0
//
// What many end-to-end tests do in the same way.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "test/support/scenario.hpp"

namespace stickybalancer::test {

using Share = std::map<std::string, int>;

// Which members serve so many new clients, each with a connection and an empty jar of its own. What
// has another status than 200 counts as "503" and the like.
Share share_of_new_clients(const Scenario &scenario, int count, const std::string &path = "/");

// New clients with connections that are kept, so many that every child of httpd has one: what each
// of them asks next is answered by the same child. Throws where a child is never reached.
std::vector<Browser> browsers_on_every_child(Scenario &scenario);

// A member as balancer-manager shows it in its XML: "busy", "elected", "status", "route", ...
std::map<std::string, std::string> shown_member(const HttpdInstance &httpd, const std::string &url);
// Waits for this number; says whether it came to that. A request is over for httpd a moment later
// than for its client.
bool wait_for_busy(const HttpdInstance &httpd, const std::string &url, const std::string &wanted);

// For the site of a test that counts requests: the page they are counted on.
extern const char *const kServerStatus;
// Waits until httpd is at so many requests, those that wait for a place at a member among them;
// says whether it came to that.
bool wait_for_working(const HttpdInstance &httpd, int count);

// The access log's line of the request for this URI, which was made once.
AccessLog::Line logged(const HttpdInstance &httpd, const std::string &uri);

}  // namespace stickybalancer::test
