// SPDX-License-Identifier: Apache-2.0
#include "test/support/httpd_config.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include "test/support/access_log.hpp"

namespace stickybalancer::test {
namespace {

std::string from_environment(const char *name, const std::string &otherwise)
{
    const char *value = std::getenv(name);
    return value && *value ? value : otherwise;
}

// In an order in which they load.
constexpr const char *kSystemModules =
    "unixd watchdog log_config version authn_core authz_core authz_host alias env headers setenvif "
    "rewrite remoteip status slotmem_shm socache_shmcb ssl proxy proxy_http proxy_wstunnel "
    "proxy_ajp proxy_fcgi proxy_http2 proxy_hcheck proxy_balancer lbmethod_byrequests "
    "lbmethod_bytraffic lbmethod_bybusyness";

// What is built into the server has no file, and needs no line.
std::string load_modules(const HttpdOptions &options)
{
    std::string lines;
    const auto load = [&lines](const std::string &name) {
        const auto file = httpd_modules() / ("mod_" + name + ".so");
        if (std::filesystem::exists(file))
            lines += "LoadModule " + name + "_module \"" + file.string() + "\"\n";
    };
    load("mpm_" + mpm_of(options));
    std::istringstream names(kSystemModules);
    for (std::string name; names >> name;)
        load(name);
    // Under prefork it warns that it does nothing, at each start.
    if (options.http2 && mpm_of(options) != "prefork")
        load("http2");
    const auto module = from_environment("SB_MODULE", "");
    if (options.with_module && !module.empty())
        lines += "LoadModule stickybalancer_module \"" + module + "\"\n" +
                 "LogLevel stickybalancer:debug\n";
    return lines;
}

// Two children with threads, so that what processes share is always under test; enough slots for
// some generations of a graceful restart side by side. Prefork starts children at one a second
// when it needs more, so it has many from the start.
constexpr const char *kProcesses = R"(
<IfModule mpm_prefork_module>
    StartServers 12
    MinSpareServers 4
    MaxSpareServers 64
    ServerLimit 128
    MaxRequestWorkers 64
</IfModule>
<IfModule !mpm_prefork_module>
    StartServers 2
    ServerLimit 8
    ThreadLimit 24
    ThreadsPerChild 24
    MinSpareThreads 8
    MaxSpareThreads 192
    MaxRequestWorkers 96
</IfModule>
)";

// Members of https:// work without more in a test's text.
constexpr const char *kProxy = R"conf(
SSLSessionCache "shmcb:run/tls_sessions(65536)"
SSLProxyEngine On
SSLProxyVerify none
SSLProxyCheckPeerName Off
SSLProxyCheckPeerCN Off
SSLProxyCheckPeerExpire Off
<Location "/balancer-manager">
    ProxyPass "!"
    SetHandler balancer-manager
    Require local
</Location>
)conf";

// As root httpd wants to know whom its children shall be.
std::string user_lines()
{
    if (::geteuid() != 0)
        return {};
    for (const auto *name : {"www-data", "apache", "daemon", "nobody"})
        if (const auto *user = ::getpwnam(name))
            return std::string("User ") + name + "\nGroup #" + std::to_string(user->pw_gid) + '\n';
    throw std::runtime_error("no user for httpd's children");
}

std::string tls_host(const HttpdLayout &layout, const HttpdOptions &options)
{
    const auto address = "127.0.0.1:" + std::to_string(layout.tls_port);
    return "Listen " + address + "\n<VirtualHost " + address + ">\n" +
           "    SSLEngine On\n"
           "    SSLCertificateFile conf/certificate.pem\n"
           "    SSLCertificateKeyFile conf/key.pem\n" +
           options.tls_conf + "\n</VirtualHost>\n";
}

bool is_name(const std::string &text)
{
    return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                   "0123456789_.-") == std::string::npos;
}

}  // namespace

std::string tested_mpm()
{
    return from_environment("SB_MPM", "event");
}

std::string mpm_of(const HttpdOptions &options)
{
    return options.mpm.empty() ? tested_mpm() : options.mpm;
}

std::filesystem::path httpd_binary()
{
    return from_environment("SB_HTTPD", SB_HTTPD_BINARY);
}

std::filesystem::path httpd_modules()
{
    return from_environment("SB_HTTPD_MODULES", SB_HTTPD_MODULE_DIRECTORY);
}

std::string httpd_conf(const HttpdLayout &layout, const HttpdOptions &options,
                       const std::string &site)
{
    std::string conf = "ServerRoot \"" + layout.root.string() + "\"\n";
    conf += "DefaultRuntimeDir run\n"
            "PidFile run/httpd.pid\n"
            "DocumentRoot htdocs\n"
            "ServerName localhost\n"
            "LogLevel info\n"
            "ErrorLog logs/error.log\n"
            "KeepAliveTimeout 30\n"
            "MaxKeepAliveRequests 0\n"
            "GracefulShutdownTimeout 5\n"
            // Makes httpd bind with SO_REUSEPORT, beside the socket that reserves the port; with
            // a ratio above the number of cores it stays a single listener.
            "ListenCoresBucketsRatio 100000\n";
    conf += "Listen 127.0.0.1:" + std::to_string(layout.port) + "\n";
    conf += load_modules(options) + user_lines() + kProcesses + kProxy;
    conf += std::string("CustomLog logs/access.log \"") + kAccessLogFormat + "\"\n";
    if (options.http2 && mpm_of(options) != "prefork")
        conf += "Protocols h2 h2c http/1.1\n";
    if (options.tls)
        conf += tls_host(layout, options);
    return conf + "Include \"" + site + "\"\n";
}

std::string fill_in(const std::string &text, const ValueOf &value_of)
{
    std::string filled;
    for (std::size_t at = 0; at < text.size();) {
        const auto open = text.find('{', at);
        const auto close = open == std::string::npos ? open : text.find('}', open);
        if (close == std::string::npos)
            return filled + text.substr(at);
        const auto name = text.substr(open + 1, close - open - 1);
        const bool is_ours =
            is_name(name) &&
            (open == 0 || std::string("%$").find(text[open - 1]) == std::string::npos);
        const auto value = is_ours ? value_of(name) : std::nullopt;
        if (is_ours && !value && name.find('.') != std::string::npos)
            throw std::invalid_argument("nothing is called {" + name + "} in this test");
        filled += text.substr(at, open - at);
        filled += value ? *value : "{";
        at = value ? close + 1 : open + 1;
    }
    return filled;
}

}  // namespace stickybalancer::test
