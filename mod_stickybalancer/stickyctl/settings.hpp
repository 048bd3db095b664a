// SPDX-License-Identifier: Apache-2.0
//
// Where the operator's room is and who enters: from the command line, the environment and a file, in this order.
//
// A password never comes from the command line, which every user of the machine can read, and never from a file
// that others can. One from the configuration file goes only to the server whose url stands beside it, and to none
// where there is no url; one of the command only to the server of --url, not to others that diff is told; one of a
// file that names servers only to those.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "mod_stickybalancer/stickyctl/login_file.hpp"
#include "mod_stickybalancer/stickyctl/options.hpp"

namespace stickybalancer::stickyctl {

struct ServerAddress {
    std::string url;     // without a slash at the end
    std::string socket;  // a unix socket to connect to instead
    std::string cacert;  // certificates that are trusted instead of the system's
    std::optional<Login> login;
    std::chrono::milliseconds request_timeout{};
};

// A configuration file: NAME = VALUE lines; # begins a comment.
struct ConfigFile {
    std::string url, socket, cacert, user, password;
};

// Fails with file and line at what is not understood.
ConfigFile parse_config_file(const std::string &name, const std::string &text);

// The value of an environment variable; empty where it is not set.
using Environment = std::function<std::string(const char *name)>;
std::string process_environment(const char *name);

// Of the user, else of the machine; empty where there is neither.
ConfigFile read_config_file(const Environment &environment);

// `url` goes over all other sources where it is not empty: diff asks servers that it is told.
ServerAddress server_address(const ServerOptions &options, const Environment &environment,
                             const ConfigFile &file, const std::string &url);

// How people call it: its url, and the socket that is asked in place of it.
std::string shown_name(const ServerAddress &server);

// Whether a password sent there could be read on the way.
bool sends_in_clear(const ServerAddress &server);

}  // namespace stickybalancer::stickyctl
