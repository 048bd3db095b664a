// SPDX-License-Identifier: Apache-2.0
#include <curl/curl.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <exception>
#include <iostream>

#include "mod_stickybalancer/stickyctl/http_transport.hpp"
#include "mod_stickybalancer/stickyctl/program.hpp"

namespace {

using namespace stickybalancer::stickyctl;

// What could not be written was not told: a full disk must not look like success.
ExitCode flushed(ExitCode code)
{
    std::cout.flush();
    if (std::cout)
        return code;
    std::cerr << "stickyctl: not all could be written\n";
    return code == ExitCode::kDone ? ExitCode::kNotDone : code;
}

ExitCode run(const std::vector<std::string> &arguments)
{
    const Console console{std::cout, std::cerr, terminal_of(STDOUT_FILENO)};
    return flushed(run_program(
        arguments, console, process_environment,
        [](const ServerAddress &server) { return std::make_unique<HttpTransport>(server); }));
}

}  // namespace

int main(int argument_count, char **arguments)
{
    std::setlocale(LC_CTYPE, "C.UTF-8");  // only for how wide characters are
    ::curl_global_init(CURL_GLOBAL_DEFAULT);
    try {
        return static_cast<int>(run({arguments + 1, arguments + argument_count}));
    } catch (const std::exception &error) {
        std::cerr << "stickyctl: " << error.what() << '\n';
        return static_cast<int>(ExitCode::kNotDone);
    }
}
