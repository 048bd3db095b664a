// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/wizard_answers.hpp"

#include <arpa/inet.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "mod_stickybalancer/stickyctl/times.hpp"
#include "mod_stickybalancer/stickyctl/words.hpp"

namespace stickybalancer::stickyctl {
namespace {

constexpr const char *kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
constexpr const char *kTokenCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";

bool consists_of(const std::string &text, const std::string &characters)
{
    return !text.empty() && text.find_first_not_of(characters) == std::string::npos;
}

// All answers stand between quotes in the configuration.
bool can_be_quoted(const std::string &text)
{
    for (const char c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' || c == 0x7F)
            return false;
    return text.find("${") == std::string::npos;  // httpd would put a variable's value there
}

int number_in(const std::string &text, int lowest, int highest)
{
    int number = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_good = error == std::errc() && end == text.data() + text.size();
    return is_good && number >= lowest && number <= highest ? number : -1;
}

bool is_address(const std::string &text)
{
    unsigned char bytes[16];
    return ::inet_pton(AF_INET, text.c_str(), bytes) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

bool is_network(const std::string &text)
{
    const auto slash = text.find('/');
    const auto address = text.substr(0, slash);
    const int longest = address.find(':') == std::string::npos ? 32 : 128;
    return is_address(address) &&
           (slash == std::string::npos || number_in(text.substr(slash + 1), 0, longest) >= 0);
}

bool is_host_and_port(const std::string &text)
{
    const auto colon = text.rfind(':');
    const bool has_port = colon != std::string::npos && text.find(']', colon) == std::string::npos;
    const auto host = text.substr(0, has_port ? colon : text.size());
    const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const bool is_host = is_bracketed ? is_address(host.substr(1, host.size() - 2))
                                      : consists_of(host, std::string(kNameCharacters) + ".");
    return is_host && (!has_port || number_in(text.substr(colon + 1), 1, 65535) > 0);
}

Problem cannot(const std::string &name, const char *what)
{
    return "cannot " + std::string(what) + " " + name + ": " + std::strerror(errno);
}

}  // namespace

Problem problem_of_host(const std::string &text)
{
    const bool is_good = is_host_and_port(text) && text.find(':') == std::string::npos;
    return is_good ? "" : "write a host name, such as www.example.org";
}

std::string port_of(const std::string &listen)
{
    const auto colon = listen.rfind(':');
    return colon == std::string::npos ? listen : listen.substr(colon + 1);
}

Problem problem_of_listen(const std::string &text)
{
    const auto port = port_of(text);
    const bool has_address = port.size() < text.size();
    if (number_in(port, 1, 65535) > 0 && (!has_address || is_host_and_port(text)))
        return "";
    return "write a port from 1 to 65535, or ADDRESS:PORT, such as 80 or 192.0.2.1:80";
}

Problem problem_of_balancer(const std::string &text)
{
    return consists_of(text, kNameCharacters) ? "" : "write letters, digits, - and _ only";
}

Problem problem_of_member(const std::string &url, const std::vector<WizardMember> &others)
{
    const auto begin = url.find("://");
    const auto scheme = url.substr(0, begin);
    if (begin == std::string::npos || (scheme != "http" && scheme != "https" && scheme != "ajp"))
        return "write http://, https:// or ajp:// and HOST:PORT, such as http://192.0.2.11:8080";
    if (!is_host_and_port(url.substr(begin + 3)))
        return "write HOST or HOST:PORT behind " + scheme +
               "://, and nothing behind that, no slash either";
    for (const auto &other : others)
        if (other.url == url)
            return "this server is there already";
    return "";
}

Problem problem_of_route(const std::string &route, const std::vector<WizardMember> &others)
{
    if (!consists_of(route, kNameCharacters))
        return "write letters, digits, - and _ only";
    for (const auto &other : others)
        if (other.route == route)
            return other.url + " is called so already";
    return "";
}

Problem problem_of_cookie(const std::string &text)
{
    return consists_of(text, kTokenCharacters)
               ? ""
               : "a cookie's name has no spaces and none of ( ) < > @ , ; : = / [ ] ? { }";
}

Problem problem_of_session(const std::string &text)
{
    for (const std::string kind : {"cookie:", "header:", "query:", "path:"})
        if (text.rfind(kind, 0) == 0 && consists_of(text.substr(kind.size()), kTokenCharacters))
            return "";
    return text == "client" ? ""
                            : "write cookie:NAME, header:NAME, query:NAME, path:NAME or client";
}

Problem problem_of_span(const std::string &text)
{
    const auto span = parse_span(text);
    return span && *span >= seconds(1) ? "" : "write a number and s, min, h or d, such as 30min";
}

Problem problem_of_uri(const std::string &text)
{
    const bool is_good =
        text.rfind('/', 0) == 0 && can_be_quoted(text) && text.find(' ') == std::string::npos;
    return is_good ? "" : "write a path that begins with /";
}

Problem problem_of_admins(const std::string &text)
{
    for (const auto &word : words_in(text))
        if (word != "local" && !is_network(word))
            return "'" + word +
                   "' is neither 'local' nor an address or a network such as 192.0.2.0/24";
    return words_in(text).empty() ? "write 'local', or networks such as 192.0.2.0/24" : "";
}

Problem problem_of_file(const std::string &text)
{
    if (!can_be_quoted(text) || text.empty() || text.front() != '/')
        return "write the file's whole path, which begins with /";
    return ::access(text.c_str(), R_OK) == 0 ? "" : cannot(text, "read");
}

Problem problem_of_program(const std::string &text)
{
    return ::access(text.c_str(), X_OK) == 0 ? "" : cannot(text, "run");
}

Problem problem_of_directory(const std::string &text)
{
    struct stat status {};
    if (!can_be_quoted(text) || text.empty() || text.front() != '/')
        return "write the directory's whole path, which begins with /";
    if (::stat(text.c_str(), &status) != 0)
        return cannot(text, "use");
    if (!S_ISDIR(status.st_mode))
        return text + " is no directory";
    return ::access(text.c_str(), W_OK | X_OK) == 0 ? "" : cannot(text, "write to");
}

Problem problem_of_modules(const std::string &text)
{
    const auto found =
        can_be_quoted(text) ? problem_of_file(text + "/mod_proxy.so") : problem_of_file("");
    return found.empty() ? "" : "httpd's modules are not there: " + found;
}

}  // namespace stickybalancer::stickyctl
