// SPDX-License-Identifier: Apache-2.0
#include "test/e2e/example_steps.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "test/support/httpd_config.hpp"
#include "test/support/tcp_sockets.hpp"
#include "test/support/wait.hpp"

namespace stickybalancer::test {
namespace {

using std::chrono::seconds;

std::string from_environment(const char *name, const char *otherwise)
{
    const char *value = std::getenv(name);
    return value != nullptr ? value : otherwise;
}

}  // namespace

std::filesystem::path example_folder(const std::string &name)
{
    return std::filesystem::path(SB_SOURCE_DIR) / "examples" / name;
}

ExampleScenario::ExampleScenario(const Lines &names)
{
    for (const auto &name : names)
        members.push_back(start_member(name));
}

ExampleScenario::~ExampleScenario()
{
    if (process)
        stop();
    for (const auto &line : log.unexplained())
        BOOST_ERROR("unexpected in the error log: " + line);
    BOOST_TEST(read_file(root.path() / "output") == "");
}

void ExampleScenario::let_members_set_a_session_cookie()
{
    for (auto &member : members)
        member.on("*", Answer{.headers = {{"Set-Cookie", "APPSESSION=from-member-" + member.name() +
                                                             "; Path=/"}}});
}

Command ExampleScenario::command(const std::string &name, const Lines &definitions) const
{
    auto command = httpd_command({"-DFOREGROUND", "-d", root.path().string(), "-f",
                                  (example_folder(name) / "httpd.conf").string()},
                                 root.path() / "output", root.path());
    const auto add = [&](const std::string &line) {
        command.arguments.insert(command.arguments.end(), {"-C", line});
    };
    for (const auto &definition : definitions)
        add("Define " + definition);
    add("Define SB_MPM " + from_environment("SB_MPM", "event"));
    add("Define MODULES_DIR " + httpd_modules().string());
    add("Define STICKYBALANCER_SO " + from_environment("SB_MODULE", ""));
    add("ListenCoresBucketsRatio 100000");  // shares the ports with their reservations
    return command;
}

void ExampleScenario::start(const std::string &name, const Lines &port_names, const Lines &more)
{
    Lines definitions;
    for (const auto &port : port_names)
        definitions.push_back(port + " " + std::to_string(ports[port].number()));
    for (std::size_t i = 0; i < members.size(); ++i)
        definitions.push_back("MEMBER" + std::to_string(i + 1) + " " + members[i].url());
    definitions.insert(definitions.end(), more.begin(), more.end());
    process = std::make_unique<Process>(command(name, definitions));
    wait_for_generation();
}

void ExampleScenario::graceful()
{
    process->send(SIGUSR1);
    wait_for_generation();
}

void ExampleScenario::wait_for_generation()
{
    ++generations_;
    BOOST_REQUIRE(wait_until(within(seconds(10)), [&] {
        return log.count("resuming normal operations") == generations_ || !process->is_running();
    }));
}

void ExampleScenario::stop()
{
    // A child of event that is told to end at once while a connection closes may crash in httpd's own
    // close_worker_sockets(), so it is told to end gracefully: tiers close their connections to each other.
    for (const auto *name : {"SB_PORT", "OFFICE_PORT"})
        if (const auto port = ports.find(name); port != ports.end())
            wait_until(within(seconds(2)),
                       [&] { return !has_connections({port->second.number()}); });
    process->send(SIGWINCH);
    BOOST_TEST(process->wait_for_end(within(seconds(20))) == 0);
    process.reset();
}

Browser ExampleScenario::browser(const std::string &port)
{
    return new_browser({.port = ports[port].number()});
}

Response ExampleScenario::ask(const std::string &cookie, const std::string &port)
{
    return browser(port).get("/", {{"Cookie", cookie}});
}

}  // namespace stickybalancer::test
