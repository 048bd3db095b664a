// SPDX-License-Identifier: Apache-2.0
#include "test/e2e/stickyctl_steps.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "test/support/temporary_directory.hpp"

namespace stickybalancer::test {
namespace {

std::string program()
{
    const char *path = std::getenv("SB_STICKYCTL");
    BOOST_REQUIRE_MESSAGE(path && *path, "SB_STICKYCTL names the program stickyctl");
    return path;
}

}  // namespace

std::string RunningStickyctl::output() const { return read_file(output_); }

bool RunningStickyctl::wait_until_it_says(const std::string &text, int at_most_s) const
{
    return wait_until(within(std::chrono::seconds(at_most_s)),
                      [&] { return output().find(text) != std::string::npos; });
}

Finished RunningStickyctl::finish(int at_most_s)
{
    const int code = process_.wait_for_end(within(std::chrono::seconds(at_most_s)));
    return {code, output()};
}

void StickyctlScenario::start(const std::string &lines, const std::string &more,
                              const HttpdOptions &options)
{
    start_httpd(
        "<Proxy \"balancer://app\">\n"
        "BalancerMember \"{a.url}\" route=a retry=1\nBalancerMember \"{b.url}\" route=b retry=1\n"
        "ProxySet growth=4\n" +
            lines +
            "\n</Proxy>\n"
            "<Location \"/sticky\">\nSetHandler sticky-manager\nRequire local\n</Location>\n"
            "<Location \"/look\">\nSetHandler sticky-status\nRequire local\n</Location>\n" +
            more + "\nProxyPass \"/\" \"balancer://app/\"\n",
        options);
}

std::string StickyctlScenario::url(const std::string &location) const
{
    return "http://127.0.0.1:" + std::to_string(httpd.port()) + location;
}

// A home of its own; no proxy of the machine's.
Command StickyctlScenario::command(Words words)
{
    Command command{std::move(words),
                    {{"HOME", httpd.root().string()},
                     {"XDG_CONFIG_HOME", ""},
                     {"STICKYCTL", program()},
                     {"STICKYCTL_URL", url()},
                     {"STICKYCTL_USER", ""},
                     {"STICKYCTL_PASSWORD", ""},
                     {"no_proxy", "*"}},
                    httpd.root() / ("stickyctl-output-" + std::to_string(++runs_))};
    for (const auto &entry : environment) {
        const auto equals = entry.find('=');
        const auto name = entry.substr(0, equals);
        auto &all = command.environment;
        all.erase(std::remove_if(all.begin(), all.end(),
                                 [&](const auto &one) { return one.first == name; }),
                  all.end());
        all.emplace_back(name, entry.substr(equals + 1));
    }
    return command;
}

std::unique_ptr<RunningStickyctl> StickyctlScenario::start_stickyctl(const Words &words)
{
    Words all{program()};
    all.insert(all.end(), words.begin(), words.end());
    return std::make_unique<RunningStickyctl>(command(all));
}

Finished StickyctlScenario::stickyctl(const Words &words)
{
    return start_stickyctl(words)->finish();
}

std::unique_ptr<RunningStickyctl> StickyctlScenario::start_shell(const std::string &line)
{
    return std::make_unique<RunningStickyctl>(command({"/bin/sh", "-c", line}));
}

Finished StickyctlScenario::shell(const std::string &line) { return start_shell(line)->finish(); }

}  // namespace stickybalancer::test
