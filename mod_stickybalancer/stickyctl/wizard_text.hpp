// SPDX-License-Identifier: Apache-2.0
//
// The configuration that the wizard's answers come to.
#pragma once

#include <functional>
#include <string>

#include "mod_stickybalancer/stickyctl/wizard_answers.hpp"

namespace stickybalancer::stickyctl {

// Whether httpd has such a module as a file; what it has built in needs no line.
using HasModule = std::function<bool(const std::string &name)>;

// What a server of its own needs besides a site. `user_lines` say whom root's server becomes.
std::string server_text(const WizardAnswers &answers, const HasModule &has_module,
                        const std::string &user_lines);
std::string site_text(const WizardAnswers &answers);

}  // namespace stickybalancer::stickyctl
