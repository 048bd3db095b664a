// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/wizard_text.hpp"

#include <algorithm>

#include "mod_stickybalancer/stickyctl/words.hpp"

namespace stickybalancer::stickyctl {
namespace {

std::string quoted(const std::string &text) { return '"' + text + '"'; }

bool has_scheme(const WizardAnswers &answers, const std::string &scheme)
{
    return std::any_of(answers.members.begin(), answers.members.end(), [&](const auto &member) {
        return member.url.rfind(scheme + "://", 0) == 0;
    });
}

std::string load_line(const std::string &name, const std::string &file)
{
    return "LoadModule " + name + "_module " + quoted(file) + "\n";
}

// In an order in which they load.
std::string load_lines(const WizardAnswers &answers, const HasModule &has_module)
{
    std::vector<std::string> names;
    for (const std::string mpm : {"mpm_event", "mpm_worker", "mpm_prefork"})
        if (names.empty() && has_module(mpm))
            names.push_back(mpm);
    for (const auto *name : {"watchdog", "unixd", "log_config", "authn_core", "authz_core",
                             "authz_host", "slotmem_shm"})
        names.emplace_back(name);
    if (answers.has_tls || has_scheme(answers, "https"))
        names.insert(names.end(), {"socache_shmcb", "ssl"});
    names.insert(names.end(), {"proxy", "proxy_http", "proxy_wstunnel"});
    if (has_scheme(answers, "ajp"))
        names.emplace_back("proxy_ajp");
    names.insert(names.end(), {"lbmethod_byrequests", "proxy_balancer"});
    std::string lines;
    for (const auto &name : names)
        if (has_module(name))
            lines += load_line(name, answers.modules + "/mod_" + name + ".so");
    return lines + load_line("stickybalancer", answers.module);
}

std::string member_lines(const WizardAnswers &answers)
{
    std::string lines;
    for (const auto &member : answers.members)
        lines += "        BalancerMember " + quoted(member.url) + " route=" + member.route + "\n";
    return lines;
}

std::string persistence_line(const WizardAnswers &answers)
{
    if (answers.by_table)
        return "        StickyOn " + answers.session +
               "\n        StickyTable expire=" + answers.expire + "\n";
    return "        StickyCookie insert" +
           (answers.cookie == "ROUTEID" ? "" : " name=" + answers.cookie) + "\n";
}

std::string check_line(const WizardAnswers &answers)
{
    if (answers.check == "none")
        return "";
    return "        StickyCheck " + answers.check +
           (answers.check == "http" ? " " + quoted("uri=" + answers.check_uri) : "") + "\n";
}

std::string require_lines(const WizardAnswers &answers)
{
    std::string networks, lines;
    for (const auto &word : words_in(answers.admins))
        (word == "local" ? lines : networks) +=
            word == "local" ? "        Require local\n" : " " + word;
    return lines + (networks.empty() ? "" : "        Require ip" + networks + "\n");
}

std::string tls_lines(const WizardAnswers &answers)
{
    std::string lines;
    if (answers.has_tls)
        lines += "    SSLEngine On\n    SSLCertificateFile " + quoted(answers.certificate) +
                 "\n    SSLCertificateKeyFile " + quoted(answers.key) + "\n";
    if (has_scheme(answers, "https"))
        lines += "    SSLProxyEngine On\n";
    return lines;
}

std::string room_lines(const WizardAnswers &answers)
{
    return "    # Who may see what the balancer does, and change it.\n"
           "    <Location " +
           quoted(answers.room) +
           ">\n"
           "        SetHandler sticky-manager\n" +
           require_lines(answers) + "    </Location>\n";
}

std::string host_address(const WizardAnswers &answers)
{
    return answers.listen == port_of(answers.listen) ? "*:" + answers.listen : answers.listen;
}

}  // namespace

std::string server_text(const WizardAnswers &answers, const HasModule &has_module,
                        const std::string &user_lines)
{
    const auto directory = quoted(answers.directory);
    auto text =
        "ServerRoot " + directory + "\nDefaultRuntimeDir " + directory + "\nPidFile httpd.pid\n";
    text += "ErrorLog error.log\nLogLevel notice\nServerName " + answers.host + "\n";
    text += "Listen " + answers.listen + (answers.has_tls ? " https" : " http") + "\n\n";
    text += load_lines(answers, has_module) + "\n";
    text += user_lines;
    // Nothing is served from files.
    text +=
        "DocumentRoot " + directory + "\n<Directory \"/\">\n    Require all denied\n</Directory>\n";
    if (answers.has_tls)
        text += "SSLSessionCache \"shmcb:tls_sessions(512000)\"\n";
    return text +
           "LogFormat \"%h %l %u %t \\\"%r\\\" %>s %O member=%{STICKY_MEMBER}e "
           "cause=%{STICKY_CAUSE}e\" sticky\n"
           "CustomLog access.log sticky\n\n";
}

std::string site_text(const WizardAnswers &answers)
{
    const auto session = answers.by_table ? std::string() : " stickysession=" + answers.cookie;
    const auto balancer = "balancer://" + answers.balancer;
    return "<VirtualHost " + host_address(answers) + ">\n    ServerName " + answers.host + "\n" +
           tls_lines(answers) + "\n    <Proxy " + quoted(balancer) + ">\n" + member_lines(answers) +
           "        # Room for members that are added while the server runs.\n"
           "        ProxySet growth=8\n" +
           persistence_line(answers) + check_line(answers) + "    </Proxy>\n\n" +
           room_lines(answers) + "\n    ProxyPass \"/\" " + quoted(balancer + "/") + session +
           "\n    ProxyPassReverse \"/\" " + quoted(balancer + "/") + "\n</VirtualHost>\n";
}

}  // namespace stickybalancer::stickyctl
