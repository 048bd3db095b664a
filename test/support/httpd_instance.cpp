// SPDX-License-Identifier: Apache-2.0
#include "test/support/httpd_instance.hpp"

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "test/support/certificate.hpp"
#include "test/support/tcp_sockets.hpp"

namespace stickybalancer::test {
namespace {

using std::chrono::seconds;

// Sanitizers write where log_path says, or, where two of them share a process and the second takes
// the first's path away, to standard error, which is the error log. Options that the tests were
// started with stay.
std::string sanitizer_options(const char *name, const std::filesystem::path &directory)
{
    const char *given = std::getenv(name);
    // Memory of httpd's own pools that lives until exit is no leak of ours. A crash is told with its
    // stack: httpd's own handlers of fatal signals would hide it.
    const std::string defaults =
        name == std::string("ASAN_OPTIONS")
            ? "detect_leaks=0:handle_segv=2:handle_sigbus=2:abort_on_error=1:"
            : "";
    return defaults + (given ? given + std::string(":") : "") +
           "log_path=" + (directory / "report").string();
}

}  // namespace

Command httpd_command(std::vector<std::string> arguments, const std::filesystem::path &output,
                      const std::filesystem::path &reports)
{
    arguments.insert(arguments.begin(), httpd_binary().string());
    Command command{std::move(arguments), {}, output};
    if (const char *preload = std::getenv("SB_PRELOAD"); preload && *preload)
        command.environment.emplace_back("LD_PRELOAD", preload);
    for (const auto *name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"})
        command.environment.emplace_back(name, sanitizer_options(name, reports));
    return command;
}

HttpdInstance::HttpdInstance()
    : log_(root_.path() / "logs/error.log"), access_log_(root_.path() / "logs/access.log")
{
    for (const auto *name : {"conf", "logs", "run", "htdocs", "sanitizer"})
        std::filesystem::create_directory(file(name));
    // Children may run as another user.
    std::filesystem::permissions(file("sanitizer"), std::filesystem::perms::all);
    write_file(file("conf/certificate.pem"), test_certificate().certificate_pem);
    write_file(file("conf/key.pem"), test_certificate().key_pem);
}

HttpdInstance::~HttpdInstance() = default;

void HttpdInstance::define(const std::string &name, const std::string &value)
{
    definitions_[name] = value;
}

std::optional<std::string> HttpdInstance::value_of(const std::string &name)
{
    if (const auto found = definitions_.find(name); found != definitions_.end())
        return found->second;
    if (name == "root")
        return root().string();
    if (name == "modules")
        return httpd_modules().string();
    if (name == "port")
        return std::to_string(port());
    if (name == "tls_port")
        return std::to_string(tls_port());
    if (name.substr(0, 5) == "port.")
        return std::to_string(port(name.substr(5)));
    return {};
}

std::uint16_t HttpdInstance::port(const std::string &name) { return named_ports_[name].number(); }

std::vector<std::uint16_t> HttpdInstance::listening_ports() const
{
    std::vector<std::uint16_t> ports = {port_.number(), tls_port_.number()};
    for (const auto &[name, reserved] : named_ports_)
        ports.push_back(reserved.number());
    return ports;
}

Command HttpdInstance::command(std::vector<std::string> arguments, const char *output) const
{
    return httpd_command(std::move(arguments), file(output), file("sanitizer"));
}

void HttpdInstance::write_config(const std::string &text)
{
    const auto value = [this](const std::string &name) { return value_of(name); };
    write_file(file("conf/site.conf"), fill_in(text, value));
    auto options = options_;
    options.tls_conf = fill_in(options.tls_conf, value);
    write_file(file("conf/httpd.conf"),
               httpd_conf({root(), port(), tls_port()}, options, "conf/site.conf"));
}

void HttpdInstance::start(const std::string &text, const HttpdOptions &options)
{
    options_ = options;
    write_config(text);
    launch();
}

void HttpdInstance::launch()
{
    if (process_)
        throw std::logic_error("httpd runs already");
    const int before = generations();
    process_ = std::make_unique<Process>(
        command({"-DFOREGROUND", "-f", file("conf/httpd.conf").string()}, "logs/error.log"));
    wait_for_generation(before + 1, seconds(10));
}

void HttpdInstance::start_again() { launch(); }

// httpd says so each time it has read its configuration and started its children, at level notice,
// which no LogLevel can silence.
int HttpdInstance::generations() const { return log_.count("resuming normal operations"); }

void HttpdInstance::wait_for_generation(int count, seconds at_most)
{
    bool served = false;
    wait_until(within(at_most), [&] {
        served = generations() >= count;
        return served || !is_running();
    });
    if (served)
        return;
    const bool running = is_running();
    kill_all();
    throw std::runtime_error(
        std::string(running ? "httpd did not start in time" : "httpd ended instead of serving") +
        "; its log ends:\n" + log_.tail());
}

void HttpdInstance::end(int signal, seconds at_most)
{
    if (!process_)
        return;
    process_->send(signal);
    const bool in_time = wait_until(within(at_most), [this] { return !process_->is_running(); });
    process_->kill_group();
    process_.reset();
    std::filesystem::remove(file("run/httpd.pid"));
    if (!in_time)
        throw std::runtime_error("httpd did not stop in time; its log ends:\n" + log_.tail());
}

// A child of event that ends looks into the sockets of its workers while they free them (close_worker_sockets() of
// httpd 2.4's event.c), and may end by SIGSEGV: connections that clients have closed are closed first.
void HttpdInstance::stop()
{
    const auto ports = listening_ports();
    wait_until(within(seconds(2)),
               [&] { return !is_running() || !has_closing_connections(ports); });
    end(SIGTERM, seconds(10));
}

void HttpdInstance::stop_gracefully() { end(SIGWINCH, seconds(15)); }

void HttpdInstance::wait_until_idle(seconds at_most)
{
    const auto ports = listening_ports();
    wait_until(within(at_most), [&] { return !is_running() || !has_connections(ports); });
}

// The pid file goes too: httpd would warn of it at its next start, in every test that does this.
void HttpdInstance::kill_all()
{
    if (!process_)
        return;
    process_->kill_group();
    process_.reset();
    std::filesystem::remove(file("run/httpd.pid"));
}

void HttpdInstance::graceful()
{
    const auto old = children();
    const int before = generations();
    process_->send(SIGUSR1);
    wait_for_generation(before + 1, seconds(10));
    const auto sockets = listening_sockets(listening_ports());
    const auto is_old = [&](pid_t child) {
        return std::find(old.begin(), old.end(), child) != old.end();
    };
    // httpd starts new children only as old ones end, or after a second in which none did.
    const bool handed_over = wait_until(within(seconds(10)), [&] {
        const auto now = children();
        return !std::all_of(now.begin(), now.end(), is_old) &&
               std::none_of(old.begin(), old.end(),
                            [&](pid_t child) { return holds_one_of(child, sockets); });
    });
    if (!handed_over)
        throw std::runtime_error("the old generation still listens; the log ends:\n" + log_.tail());
}

void HttpdInstance::restart()
{
    const int before = generations();
    process_->send(SIGHUP);
    wait_for_generation(before + 1, seconds(15));
}

void HttpdInstance::rewrite_config(const std::string &text)
{
    write_config(text);
    graceful();
}

ConfigTest HttpdInstance::config_test(const std::string &text, const HttpdOptions &options)
{
    const auto value = [this](const std::string &name) { return value_of(name); };
    write_file(file("conf/tested-site.conf"), fill_in(text, value));
    write_file(file("conf/tested.conf"),
               httpd_conf({root(), port(), tls_port()}, options, "conf/tested-site.conf"));
    std::filesystem::remove(file("logs/config-test.log"));
    Process process(
        command({"-t", "-f", file("conf/tested.conf").string()}, "logs/config-test.log"));
    const int exit_code = process.wait_for_end(within(seconds(10)));
    return {exit_code, read_file(file("logs/config-test.log"))};
}

std::vector<pid_t> HttpdInstance::children() const
{
    return process_ ? children_of(process_->pid()) : std::vector<pid_t>();
}

std::string HttpdInstance::sanitizer_report() const
{
    std::string report;
    for (const auto &entry : std::filesystem::directory_iterator(file("sanitizer")))
        report += read_file(entry.path());
    return report;
}

}  // namespace stickybalancer::test
