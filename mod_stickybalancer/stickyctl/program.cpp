// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/program.hpp"

#include "mod_stickybalancer/stickyctl/command_line.hpp"

namespace stickybalancer::stickyctl {
namespace {

void warn_of_clear_text(const ServerAddress &server, std::ostream &err)
{
    if (sends_in_clear(server))
        err << "stickyctl: warning: the password goes to " << server.url
            << " unencrypted; use https\n";
}

void warn_of_login_for_nobody(const ConfigFile &file, const ServerAddress &server,
                              std::ostream &err)
{
    if (!file.user.empty() && file.url.empty() && !server.login)
        err << "stickyctl: warning: the user of the configuration file is sent nowhere, for there "
               "is no url beside it\n";
}

// All of them, before the first one does anything. What asks for help is answered by that.
std::vector<Options> parse_commands(const std::vector<std::string> &arguments, std::ostream &out)
{
    std::vector<Options> commands;
    for (const auto &command : split_commands(arguments))
        if (auto options = parse_command_line(command, out))
            commands.push_back(std::move(*options));
    return commands;
}

ExitCode run_command(const Options &options, const Console &console, const Environment &environment,
                     const Dial &dial)
{
    const auto connect = [&](const std::string &url) {
        const auto file = read_config_file(environment);
        const auto server = server_address(options.server, environment, file, url);
        warn_of_login_for_nobody(file, server, console.err);
        warn_of_clear_text(server, console.err);
        return dial(server);
    };
    Invocation invocation(options, console, connect);
    return options.run(invocation);
}

}  // namespace

ExitCode run_program(const std::vector<std::string> &arguments, const Console &console,
                     const Environment &environment, const Dial &dial)
{
    try {
        for (const auto &command : parse_commands(arguments, console.out)) {
            const auto code = run_command(command, console, environment, dial);
            if (code != ExitCode::kDone)
                return code;
        }
        return ExitCode::kDone;
    } catch (const Failure &failure) {
        console.err << "stickyctl: " << failure.what() << '\n';
        return failure.code();
    }
}

}  // namespace stickybalancer::stickyctl
