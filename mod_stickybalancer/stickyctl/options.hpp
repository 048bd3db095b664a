// SPDX-License-Identifier: Apache-2.0
//
// What the command line says, as it was typed; command_line.cpp fills it in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mod_stickybalancer/stickyctl/failure.hpp"

namespace stickybalancer::stickyctl {

class Invocation;

struct ServerOptions {
    std::string url, socket, cacert, login_file, request_timeout;
};

struct WizardOptions {
    std::string output, httpd, modules, module;
    bool only_site = false;  // without what a server of its own needs
};

enum class Form { kText, kJson, kCsv };

struct Options {
    ServerOptions server;
    Form form = Form::kText;
    ExitCode (*run)(Invocation &) = nullptr;

    // Arguments and options of single commands; empty where they were not given.
    std::string member, balancer, key, weight, member_url, route, span, deadline, timeout;
    std::string one_url, other_url;
    bool waits = false;
    std::uint64_t from = 0, count = 1000;
    WizardOptions wizard;
};

}  // namespace stickybalancer::stickyctl
