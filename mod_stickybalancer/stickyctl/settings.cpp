// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/settings.hpp"

#include <cstdlib>
#include <sstream>

#include "mod_stickybalancer/stickyctl/failure.hpp"
#include "mod_stickybalancer/stickyctl/private_file.hpp"
#include "mod_stickybalancer/stickyctl/times.hpp"
#include "mod_stickybalancer/stickyctl/web_address.hpp"
#include "mod_stickybalancer/stickyctl/words.hpp"

namespace stickybalancer::stickyctl {
namespace {

constexpr auto kRequestTimeout = seconds(10);
constexpr const char *kMachineFile = "/etc/stickyctl.conf";

std::string *field_of(ConfigFile &file, const std::string &name)
{
    return name == "url"        ? &file.url
           : name == "socket"   ? &file.socket
           : name == "cacert"   ? &file.cacert
           : name == "user"     ? &file.user
           : name == "password" ? &file.password
                                : nullptr;
}

std::string user_file(const Environment &environment)
{
    if (const auto home = environment("XDG_CONFIG_HOME"); !home.empty())
        return home + "/stickyctl";
    const auto home = environment("HOME");
    return home.empty() ? std::string() : home + "/.config/stickyctl";
}

void read_line(ConfigFile &file, const std::string &line, const std::string &place)
{
    if (line.empty() || line[0] == '#')
        return;
    const auto equals = line.find('=');
    const auto name = trimmed(line.substr(0, equals));
    auto *field = equals == std::string::npos ? nullptr : field_of(file, name);
    if (!field)
        throw Failure(
            ExitCode::kUsage,
            place + ": '" + name +
                "' is not understood: write url, socket, cacert, user or password, = and a value");
    *field = trimmed(line.substr(equals + 1));
}

std::string first_of(std::initializer_list<std::string> values)
{
    for (const auto &value : values)
        if (!value.empty())
            return value;
    return {};
}

bool is_same_server(const std::string &one, const std::string &other)
{
    return !one.empty() && origin_of(one) == origin_of(other);
}

LoginFile login_file_of(const ServerOptions &options)
{
    const auto &file = options.login_file;
    return file.empty() ? LoginFile{} : LoginFile::parse(file, read_private_file(file));
}

// What was said for this command, by a file of --login or by the environment; else what the configuration file says.
// `own`: the server that the command talks to where it is not told others, as diff is: a login that names no server
// is for that one only.
std::optional<Login> login_for(const ServerOptions &options, const Environment &environment,
                               const ConfigFile &file, const std::string &own,
                               const std::string &url)
{
    const bool is_own = is_same_server(own, url);
    const auto logins = login_file_of(options);
    if (const auto login = logins.login_for(url, is_own); login || logins.names_servers())
        return login;
    if (const auto user = environment("STICKYCTL_USER");
        options.login_file.empty() && is_own && !user.empty())
        return Login{user, environment("STICKYCTL_PASSWORD")};
    if (!file.user.empty() && is_same_server(file.url, url))
        return Login{file.user, file.password};
    return std::nullopt;
}

}  // namespace

std::string process_environment(const char *name)
{
    const char *value = std::getenv(name);
    return value ? value : "";
}

ConfigFile parse_config_file(const std::string &name, const std::string &text)
{
    ConfigFile file;
    std::istringstream lines(text);
    int number = 0;
    for (std::string line; std::getline(lines, line);)
        read_line(file, trimmed(line), name + ":" + std::to_string(++number));
    return file;
}

ConfigFile read_config_file(const Environment &environment)
{
    for (const auto &name : {user_file(environment), std::string(kMachineFile)}) {
        const auto read = name.empty() ? std::nullopt : read_file_if_any(name);
        if (!read)
            continue;
        const auto file = parse_config_file(name, read->text);
        if (!file.password.empty())
            need_private(name, *read);
        return file;
    }
    return {};
}

ServerAddress server_address(const ServerOptions &options, const Environment &environment,
                             const ConfigFile &file, const std::string &url)
{
    ServerAddress server;
    const auto own = first_of({options.url, environment("STICKYCTL_URL"), file.url});
    server.url = first_of({url, own});
    server.socket = first_of({options.socket, file.url == server.url ? file.socket : ""});
    if (server.url.empty() && !server.socket.empty())
        server.url = "http://localhost/sticky";
    if (server.url.empty())
        throw Failure(ExitCode::kUsage,
                      "which server? Say --url http://HOST/LOCATION, set STICKYCTL_URL, or write "
                      "url = ... into ~/.config/stickyctl");
    server.url = checked_url(server.url);
    server.cacert = first_of({options.cacert, file.cacert});
    server.login =
        login_for(options, environment, file, url.empty() ? server.url : own, server.url);
    server.request_timeout = parse_span(options.request_timeout).value_or(kRequestTimeout);
    return server;
}

std::string shown_name(const ServerAddress &server)
{
    return server.url + (server.socket.empty() ? "" : " behind the socket " + server.socket);
}

bool sends_in_clear(const ServerAddress &server)
{
    return server.login && server.socket.empty() && !is_encrypted(server.url) &&
           !is_on_this_host(server.url);
}

}  // namespace stickybalancer::stickyctl
