// SPDX-License-Identifier: Apache-2.0
//
// A real httpd with a server root of its own on ports of its own, as our child in the foreground.
// Nothing of it is left after the destructor, nor after a test that was killed.
//
// Every call that waits gives up in time and throws std::runtime_error, with the end of the log.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "test/support/access_log.hpp"
#include "test/support/error_log.hpp"
#include "test/support/http_message.hpp"
#include "test/support/httpd_config.hpp"
#include "test/support/process.hpp"
#include "test/support/socket.hpp"
#include "test/support/temporary_directory.hpp"

namespace stickybalancer::test {

struct ConfigTest {
    int exit_code;
    std::string output;
    bool accepted() const { return exit_code == 0; }
    bool says(const std::string &text) const { return output.find(text) != std::string::npos; }
};

// httpd with these arguments, under the sanitizers' runtime where the tests run with it; what they
// have to say goes to `reports`, a directory, or to the output.
Command httpd_command(std::vector<std::string> arguments, const std::filesystem::path &output,
                      const std::filesystem::path &reports);

class HttpdInstance {
public:
    using Form = std::vector<std::pair<std::string, std::string>>;

    HttpdInstance();
    ~HttpdInstance();

    // What {name} in a configuration stands for. Known from the start: {root}, {modules}, {port},
    // {tls_port}, and {port.ANYTHING}, a further port that is reserved when first named.
    void define(const std::string &name, const std::string &value);

    // With this text at server level; returns when it serves.
    void start(const std::string &text, const HttpdOptions &options = {});
    void stop();             // SIGTERM, at once
    void stop_gracefully();  // SIGWINCH: requests are finished first
    // Until httpd has noticed that its clients have gone, at most. At SIGTERM a child that still
    // has a tunnel (a WebSocket) closes the client's socket under it and then waits for it in vain.
    void wait_until_idle(std::chrono::seconds at_most);
    void kill_all();     // SIGKILL to every process at once, as power failure does
    void start_again();  // with the configuration it had
    // SIGUSR1. Returns when the new generation serves and the old one accepts nothing any more;
    // the old one may still be serving what it had. httpd takes up to 1 s for it.
    void graceful();
    void restart();                                // SIGHUP: the old generation is ended
    void rewrite_config(const std::string &text);  // then graceful()
    void write_config(const std::string &text);    // for the next start or restart

    // What `httpd -t` says of this text. The text is a file of its own, so line 1 is its first.
    ConfigTest config_test(const std::string &text, const HttpdOptions &options = {});

    const std::filesystem::path &root() const { return root_.path(); }
    std::uint16_t port() const { return port_.number(); }
    std::uint16_t tls_port() const { return tls_port_.number(); }
    std::uint16_t port(const std::string &name);  // of {port.NAME}

    bool is_running() { return process_ && process_->is_running(); }
    pid_t pid() const { return process_ ? process_->pid() : -1; }
    std::vector<pid_t> children() const;

    ErrorLog &log() { return log_; }
    const AccessLog &access_log() const { return access_log_; }
    // What a sanitizer wrote; empty is good. Complete once httpd has stopped.
    std::string sanitizer_report() const;

    // What an administrator does in balancer-manager: opens the page, fills the form in, sends it.
    // `member` is a member's url or name, or empty for the form of the balancer itself, where
    // {"b_wyes", "1"}, {"b_nwrkr", url} adds a member, disabled at first, where the balancer has
    // room (ProxySet growth=N). Fields are named as in the page: w_lf, w_ls (lbset), w_wr, w_rr,
    // w_status_N, _D, _H, _R, _S, _I, b_lbm, b_ss, ...
    Response balancer_manager(const std::string &balancer, const std::string &member,
                              const Form &changes);
    void drain(const std::string &balancer, const std::string &member);
    void undrain(const std::string &balancer, const std::string &member);

private:
    std::optional<std::string> value_of(const std::string &name);
    void launch();
    void wait_for_generation(int count, std::chrono::seconds at_most);
    int generations() const;
    std::vector<std::uint16_t> listening_ports() const;
    std::filesystem::path file(const char *relative) const { return root() / relative; }
    Command command(std::vector<std::string> arguments, const char *output) const;
    void end(int signal, std::chrono::seconds at_most);

    TemporaryDirectory root_;
    ReservedPort port_, tls_port_;
    std::map<std::string, ReservedPort> named_ports_;
    std::map<std::string, std::string> definitions_;
    HttpdOptions options_;
    std::unique_ptr<Process> process_;
    ErrorLog log_;
    AccessLog access_log_;
};

}  // namespace stickybalancer::test
