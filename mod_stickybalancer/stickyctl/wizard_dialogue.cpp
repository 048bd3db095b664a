// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/wizard_dialogue.hpp"

#include <algorithm>

#include "mod_stickybalancer/stickyctl/wizard_certificate.hpp"
#include "mod_stickybalancer/stickyctl/words.hpp"

namespace stickybalancer::stickyctl {
namespace {

void ask_about_address(Dialogue &dialogue, WizardAnswers &answers)
{
    answers.host = dialogue.ask("Host name that clients use", answers.host, problem_of_host);
    answers.has_tls = dialogue.ask_yes("Serve it with https?", answers.has_tls);
    if (answers.has_tls) {
        answers.certificate = dialogue.ask("  File of the certificate, with its chain",
                                           answers.certificate, problem_of_certificate);
        answers.key = dialogue.ask("  File of its key", answers.key, [&](const std::string &text) {
            return problem_of_key(text, answers.certificate);
        });
        if (answers.listen == "80")
            answers.listen = "443";
    }
    answers.listen =
        dialogue.ask("Port to listen on, or ADDRESS:PORT", answers.listen, problem_of_listen);
}

// The defaults are those of last time, one after another, as long as there are any.
void ask_about_members(Dialogue &dialogue, WizardAnswers &answers)
{
    const auto usual = std::move(answers.members);
    answers.members.clear();
    for (std::size_t i = 0;; ++i) {
        const auto number = std::to_string(i + 1);
        const bool is_first = i == 0, was_there = i < usual.size();
        const auto url = dialogue.ask(
            "Server " + number + " behind it" + (is_first ? "" : ", Enter or none for no more"),
            was_there  ? usual[i].url
            : is_first ? "http://127.0.0.1:8080"
                       : "none",
            [&](const std::string &text) {
                return text == "none" && !is_first ? "" : problem_of_member(text, answers.members);
            });
        if (url == "none")
            return;
        const auto route = dialogue.ask(
            "  Its name in cookies (route)", was_there ? usual[i].route : number,
            [&](const std::string &text) { return problem_of_route(text, answers.members); });
        answers.members.push_back({url, route});
    }
}

void ask_about_persistence(Dialogue &dialogue, WizardAnswers &answers)
{
    answers.by_table =
        dialogue.ask_one_of("Clients are kept by a cookie of ours, or by a table of their sessions",
                            {"cookie", "table"}, answers.by_table ? "table" : "cookie") == "table";
    if (!answers.by_table) {
        answers.cookie = dialogue.ask("  Name of that cookie", answers.cookie, problem_of_cookie);
        return;
    }
    answers.session =
        dialogue.ask("  Where the session is named", answers.session, problem_of_session);
    answers.expire =
        dialogue.ask("  It is forgotten when unused for", answers.expire, problem_of_span);
}

void ask_about_checks(Dialogue &dialogue, WizardAnswers &answers)
{
    const bool speaks_http =
        std::none_of(answers.members.begin(), answers.members.end(),
                     [](const auto &member) { return member.url.rfind("ajp:", 0) == 0; });
    const std::string usual = !speaks_http && answers.check == "http" ? "tcp" : answers.check;
    answers.check = dialogue.ask_one_of("Servers are checked by", {"http", "tcp", "none"}, usual);
    if (answers.check == "http")
        answers.check_uri =
            dialogue.ask("  The page that is asked for", answers.check_uri, problem_of_uri);
}

void ask_about_room(Dialogue &dialogue, WizardAnswers &answers)
{
    answers.room =
        dialogue.ask("Path of the operator's page", answers.room, [](const std::string &text) {
            return text == "/" ? Problem("the site itself is there: write another path")
                               : problem_of_uri(text);
        });
    answers.admins = dialogue.ask("  From where it may be used: local, or networks", answers.admins,
                                  problem_of_admins);
}

}  // namespace

std::string Dialogue::ask(const std::string &question, const std::string &usual, const Check &check)
{
    for (int i = 0; i < kMostTries; ++i) {
        out_ << question << " [" << usual << "]: " << std::flush;
        const auto line = read_line_();
        if (!line)
            throw Abandoned();
        const auto typed = trimmed(*line);
        const auto answer = typed.empty() ? usual : typed;
        const auto problem = check(answer);
        if (problem.empty())
            return answer;
        say("  '" + answer + "': " + problem + ".");
    }
    give_up("no answer to '" + question + "' could be used");
}

void Dialogue::give_up(const std::string &why)
{
    say("\n" + std::to_string(kMostTries) + " times " + why + ".");
    throw Abandoned();
}

bool Dialogue::ask_yes(const std::string &question, bool usual)
{
    const auto answer = ask(question, usual ? "yes" : "no", [](const std::string &text) {
        const bool is_good = text == "yes" || text == "y" || text == "no" || text == "n";
        return is_good ? "" : "write yes or no";
    });
    return answer[0] == 'y';
}

std::string Dialogue::ask_one_of(const std::string &question, const std::vector<std::string> &words,
                                 const std::string &usual)
{
    std::string list;
    for (const auto &word : words)
        list += (list.empty() ? "" : ", ") + word;
    return ask(question + " (" + list + ")", usual, [&](const std::string &text) {
        const bool is_one = std::find(words.begin(), words.end(), text) != words.end();
        return is_one ? "" : "write one of " + list;
    });
}

WizardAnswers ask_about_site(Dialogue &dialogue, WizardAnswers usual, bool only_site)
{
    auto answers = std::move(usual);
    ask_about_address(dialogue, answers);
    answers.balancer = dialogue.ask("Name of the balancer", answers.balancer, problem_of_balancer);
    ask_about_members(dialogue, answers);
    ask_about_persistence(dialogue, answers);
    ask_about_checks(dialogue, answers);
    ask_about_room(dialogue, answers);
    if (!only_site)
        answers.directory = dialogue.ask("Directory for the server's log, process id and state",
                                         answers.directory, problem_of_directory);
    return answers;
}

}  // namespace stickybalancer::stickyctl
