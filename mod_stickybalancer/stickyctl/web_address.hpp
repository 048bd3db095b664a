// SPDX-License-Identifier: Apache-2.0
//
// Addresses of the web, as far as this program needs to know them.
#pragma once

#include <string>
#include <string_view>

namespace stickybalancer::stickyctl {

// http:// or https:// with a host, without a slash at the end; else a Failure that says what is wrong.
// A user or password in it is refused.
std::string checked_url(const std::string &url);
bool is_encrypted(std::string_view url);
bool is_on_this_host(std::string_view url);
// HOST, with any port, or HOST:PORT.
bool is_at(std::string_view url, std::string_view machine);
// Scheme, host and port.
std::string origin_of(std::string_view url);

// For a path: slashes stay, for httpd takes them as they come and refuses encoded ones.
std::string encoded_path(std::string_view text);
// For a value behind "?name=".
std::string encoded_value(std::string_view text);

}  // namespace stickybalancer::stickyctl
