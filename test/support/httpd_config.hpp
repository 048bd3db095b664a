// SPDX-License-Identifier: Apache-2.0
//
// The text of httpd.conf around what a test is about.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace stickybalancer::test {

struct HttpdOptions {
    bool tls = false;           // a second virtual host with TLS, on {tls_port}
    bool http2 = false;         // h2 and h2c for clients; not under prefork, which has no HTTP/2
    std::string mpm = {};       // empty: SB_MPM, else event
    std::string tls_conf = {};  // for inside the TLS virtual host
    bool with_module = true;    // load the module under test, where SB_MODULE names it
};

// event, worker or prefork: what this run of the tests is for.
std::string tested_mpm();
std::string mpm_of(const HttpdOptions &options);

struct HttpdLayout {
    std::filesystem::path root;
    std::uint16_t port;
    std::uint16_t tls_port;
};

// Of httpd's binary and modules. The environment, SB_HTTPD and SB_HTTPD_MODULES, goes before what
// was found when the tests were configured.
std::filesystem::path httpd_binary();
std::filesystem::path httpd_modules();

// Includes `site`, the test's own text, last at server level.
std::string httpd_conf(const HttpdLayout &layout, const HttpdOptions &options,
                       const std::string &site);

// Replaces {name} where `value_of` knows the name. Leaves alone what httpd means: %{...}, ${...},
// and everything that is not a plain name. A name with a dot that is not known is a slip of the
// test, and throws.
using ValueOf = std::function<std::optional<std::string>(const std::string &name)>;
std::string fill_in(const std::string &text, const ValueOf &value_of);

}  // namespace stickybalancer::test
