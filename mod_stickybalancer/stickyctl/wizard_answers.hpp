// SPDX-License-Identifier: Apache-2.0
//
// What the wizard wants to know, and what is a good answer.
#pragma once

#include <string>
#include <vector>

namespace stickybalancer::stickyctl {

struct WizardMember {
    std::string url, route;
};

// As they stand: the defaults of the first time, and what was answered when the questions are asked again.
struct WizardAnswers {
    std::string host = "localhost";
    std::string listen = "80";  // PORT, or ADDRESS:PORT
    bool has_tls = false;
    std::string certificate, key;
    std::string balancer = "app";
    std::vector<WizardMember> members;
    bool by_table = false;
    std::string cookie = "ROUTEID";
    std::string session = "cookie:JSESSIONID";
    std::string expire = "30min";
    std::string check = "http";  // or tcp, none
    std::string check_uri = "/";
    std::string room = "/sticky";
    std::string admins = "local";  // or networks, separated by spaces
    std::string directory;         // of the server's log, process id and state
    std::string httpd, modules, module;
};

// Empty where the answer is good; else what is wrong, and what to write.
using Problem = std::string;
Problem problem_of_host(const std::string &text);
Problem problem_of_listen(const std::string &text);
Problem problem_of_balancer(const std::string &text);
Problem problem_of_member(const std::string &url, const std::vector<WizardMember> &others);
Problem problem_of_route(const std::string &route, const std::vector<WizardMember> &others);
Problem problem_of_cookie(const std::string &text);
Problem problem_of_session(const std::string &text);
Problem problem_of_span(const std::string &text);
Problem problem_of_uri(const std::string &text);
Problem problem_of_admins(const std::string &text);
Problem problem_of_file(const std::string &text);  // must be there, and can be read
Problem problem_of_program(const std::string &text);
Problem problem_of_directory(const std::string &text);  // must be there, and can be written to
Problem problem_of_modules(const std::string &text);

// Of LISTEN.
std::string port_of(const std::string &listen);

}  // namespace stickybalancer::stickyctl
