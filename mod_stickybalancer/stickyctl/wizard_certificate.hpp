// SPDX-License-Identifier: Apache-2.0
//
// A server's certificate and its key, as httpd needs them when it starts; `httpd -t` looks into neither.
#pragma once

#include <string>

namespace stickybalancer::stickyctl {

// What is wrong; empty where nothing is.
std::string problem_of_certificate(const std::string &file);
// Without a pass phrase, which nobody is there to type; and of this certificate.
std::string problem_of_key(const std::string &file, const std::string &certificate_file);

}  // namespace stickybalancer::stickyctl
