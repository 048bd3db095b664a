// SPDX-License-Identifier: Apache-2.0
//
// Questions with their defaults in brackets: Enter takes the default; a bad answer is asked for again, with what
// is wrong.
#pragma once

#include <functional>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>

#include "mod_stickybalancer/stickyctl/wizard_answers.hpp"

namespace stickybalancer::stickyctl {

// The same question is asked this often, whoever answers: it may be a program that never says anything else.
constexpr int kMostTries = 5;

// The person has left (Ctrl-C, or the end of input), or nothing came of many answers.
struct Abandoned : std::runtime_error {
    Abandoned() : std::runtime_error("abandoned") {}
};

// A line without its end; nothing when there is no more.
using ReadLine = std::function<std::optional<std::string>()>;

class Dialogue {
public:
    Dialogue(ReadLine read_line, std::ostream &out) : read_line_(std::move(read_line)), out_(out) {}

    using Check = std::function<Problem(const std::string &)>;
    std::string ask(const std::string &question, const std::string &usual, const Check &check);
    bool ask_yes(const std::string &question, bool usual);
    std::string ask_one_of(const std::string &question, const std::vector<std::string> &words,
                           const std::string &usual);
    // `why`: what was so for kMostTries times.
    [[noreturn]] void give_up(const std::string &why);
    void say(const std::string &text) { out_ << text << '\n' << std::flush; }

private:
    ReadLine read_line_;
    std::ostream &out_;
};

// All questions about the site; `only_site` leaves those about a server of its own out.
WizardAnswers ask_about_site(Dialogue &dialogue, WizardAnswers usual, bool only_site);

}  // namespace stickybalancer::stickyctl
