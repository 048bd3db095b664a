// SPDX-License-Identifier: Apache-2.0
//
// What a command has to work with: what was typed, the server, and where to write.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "mod_stickybalancer/stickyctl/api.hpp"
#include "mod_stickybalancer/stickyctl/options.hpp"
#include "mod_stickybalancer/stickyctl/terminal.hpp"
#include "mod_stickybalancer/stickyctl/text_table.hpp"
#include "mod_stickybalancer/stickyctl/times.hpp"

namespace stickybalancer::stickyctl {

struct Console {
    std::ostream &out;
    std::ostream &err;
    Terminal terminal;  // what `out` is
};

class Invocation {
public:
    // A server by its url; by an empty one that of the options and settings.
    using Connect = std::function<std::unique_ptr<Transport>(const std::string &url)>;

    Invocation(const Options &options, const Console &console, Connect connect)
        : options_(options), console_(console), connect_(std::move(connect))
    {
    }

    const Options &options() const { return options_; }
    const Console &console() const { return console_; }
    std::ostream &out() const { return console_.out; }

    Api api();         // connects when it is first asked for
    Json balancers();  // all, or the one that was named, as {"balancers":[...]}
    std::unique_ptr<Transport> connect(const std::string &url) const { return connect_(url); }

    bool wants_json() const { return options_.form == Form::kJson; }
    bool wants_csv() const { return options_.form == Form::kCsv; }
    ExitCode show(const Json &value) const;       // as JSON
    ExitCode show(const TextTable &table) const;  // as text or CSV
    ExitCode show_record(const Json &thing) const;

private:
    const Options &options_;
    const Console &console_;
    Connect connect_;
    std::unique_ptr<Transport> transport_;
};

Instant now();

}  // namespace stickybalancer::stickyctl
