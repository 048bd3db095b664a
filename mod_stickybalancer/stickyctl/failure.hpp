// SPDX-License-Identifier: Apache-2.0
//
// How a command ends. The numbers are documented in stickyctl(1), for scripts: they are for ever.
#pragma once

#include <stdexcept>
#include <string>

namespace stickybalancer::stickyctl {

enum class ExitCode : int {
    kDone = 0,
    kNotDone = 1,  // a difference was found; what was asked for did not come about
    kUsage = 2,
    kNotFound = 3,
    kDenied = 4,
    kRefused = 5,
    kUnreachable = 6,
    kTimeout = 7,
    kInterrupted = 130,  // as a shell tells of SIGINT
};

// Ends the command; the text is one sentence for a person, without the program's name.
class Failure : public std::runtime_error {
public:
    Failure(ExitCode code, const std::string &text) : std::runtime_error(text), code_(code) {}
    ExitCode code() const { return code_; }

private:
    ExitCode code_;
};

}  // namespace stickybalancer::stickyctl
