// SPDX-License-Identifier: Apache-2.0
//
// The wizard: asks, has httpd test what comes of it, and writes it when the last question is answered. Until
// then there is no file anywhere.
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "mod_stickybalancer/stickyctl/commands.hpp"
#include "mod_stickybalancer/stickyctl/interruption.hpp"
#include "mod_stickybalancer/stickyctl/wizard_check.hpp"
#include "mod_stickybalancer/stickyctl/wizard_dialogue.hpp"
#include "mod_stickybalancer/stickyctl/wizard_file.hpp"
#include "mod_stickybalancer/stickyctl/wizard_text.hpp"

namespace stickybalancer::stickyctl {
namespace {

namespace fs = std::filesystem;

// A line counts when Enter was pressed behind it.
class LinesFromPerson {
public:
    explicit LinesFromPerson(const Interruption &interruption) : interruption_(interruption) {}

    std::optional<std::string> next()
    {
        for (;;) {
            if (const auto end = kept_.find('\n'); end != std::string::npos) {
                auto line = kept_.substr(0, end);
                kept_.erase(0, end + 1);
                return interruption_.has_come() ? std::nullopt : std::optional(line);
            }
            if (!interruption_.lets_read(STDIN_FILENO) || !read_more())
                return std::nullopt;
        }
    }

private:
    bool read_more()
    {
        char part[4096];
        const auto length = ::read(STDIN_FILENO, part, sizeof part);
        if (length > 0)
            kept_.append(part, static_cast<std::size_t>(length));
        return length > 0 && kept_.size() < 1'000'000;
    }

    const Interruption &interruption_;
    std::string kept_;
};

std::string first_that(const std::vector<std::string> &candidates,
                       Problem (*problem)(const std::string &))
{
    for (const auto &candidate : candidates)
        if (!candidate.empty() && problem(candidate).empty())
            return candidate;
    return {};
}

std::vector<std::string> programs_of_httpd()
{
    std::vector<std::string> programs;
    const char *path = std::getenv("PATH");
    std::istringstream directories(std::string(path ? path : "") +
                                   ":/usr/sbin:/usr/local/apache2/bin");
    for (std::string directory; std::getline(directories, directory, ':');)
        for (const char *name : {"apache2", "httpd"})
            programs.push_back(directory + "/" + name);
    return programs;
}

std::string found_or_asked(Dialogue &dialogue, const std::string &question,
                           const std::vector<std::string> &candidates,
                           Problem (*problem)(const std::string &))
{
    const auto found = first_that(candidates, problem);
    return found.empty() ? dialogue.ask(question, candidates.front(), problem) : found;
}

void find_httpd(Dialogue &dialogue, const WizardOptions &options, WizardAnswers &answers)
{
    auto programs = programs_of_httpd();
    if (!options.httpd.empty())
        programs = {options.httpd};
    answers.httpd = found_or_asked(dialogue, "Program of httpd", programs, problem_of_program);
    answers.modules = found_or_asked(
        dialogue, "Directory of httpd's modules",
        {options.modules.empty() ? SB_MODULE_DIRECTORY : options.modules}, problem_of_modules);
    answers.module = found_or_asked(
        dialogue, "File of mod_stickybalancer",
        {options.module.empty() ? answers.modules + "/mod_stickybalancer.so" : options.module},
        problem_of_file);
}

// Beside the server's own file, as far as its directory is known.
std::string absolute_directory_of(const std::string &file)
{
    return fs::absolute(file).lexically_normal().parent_path().string();
}

Problem problem_of_output(const std::string &name)
{
    const auto file = file_behind_links(name);
    if (!file)
        return "its symbolic links lead nowhere";
    if (fs::is_directory(*file))
        return "this is a directory";
    if (fs::exists(*file) && !fs::is_regular_file(*file))
        return "this is no regular file";
    const auto problem = problem_of_directory(absolute_directory_of(*file));
    return problem.empty() ? "" : "there must be a directory that can be written to: " + problem;
}

std::string ask_for_output(Dialogue &dialogue, const std::string &wanted)
{
    std::string usual = wanted.empty() ? "stickybalancer.conf" : wanted;
    if (const auto problem = problem_of_output(usual); !wanted.empty() && !problem.empty())
        throw Failure(ExitCode::kUsage, "--output " + wanted + ": " + problem);
    for (int i = 0; i < kMostTries; ++i) {
        const bool is_chosen = i == 0 && !wanted.empty();
        const auto name =
            is_chosen ? usual : dialogue.ask("File to write", usual, problem_of_output);
        if (!fs::exists(name) || dialogue.ask_yes(name + " is there already. Overwrite it?", false))
            return name;
    }
    dialogue.give_up("a file was named that is there and is to stay");
}

// Whom the children of a server become that root starts.
std::string user_lines()
{
    if (::geteuid() != 0)
        return {};
    for (const char *name : {"www-data", "apache", "daemon", "nobody"})
        if (const auto *user = ::getpwnam(name))
            return std::string("User ") + name + "\nGroup #" + std::to_string(user->pw_gid) + "\n";
    return {};
}

WizardAnswers first_defaults(const std::string &output)
{
    WizardAnswers answers;
    char host[256] = "";
    if (::gethostname(host, sizeof host - 1) == 0 && problem_of_host(host).empty())
        answers.host = host;
    answers.listen = ::geteuid() == 0 ? "80" : "8080";
    answers.directory = absolute_directory_of(output);
    return answers;
}

struct Texts {
    std::string server, site;
};

Texts texts_of(const WizardAnswers &answers)
{
    const auto has_module = [&](const std::string &name) {
        return fs::exists(answers.modules + "/mod_" + name + ".so");
    };
    return {server_text(answers, has_module, user_lines()), site_text(answers)};
}

std::string heading(const std::string &output, const WizardOptions &options,
                    const WizardAnswers &answers)
{
    if (options.only_site)
        return "# For a server that listens on " + answers.listen +
               " and has mod_stickybalancer, and the modules of\n# proxies, loaded: Include this "
               "file.\n\n";
    return "# A server of its own. Start it:    " + answers.httpd + " -f " +
           fs::absolute(output).string() + "\n# New configuration, same server:  " + answers.httpd +
           " -f " + fs::absolute(output).string() + " -k graceful\n\n";
}

// The questions again, with the answers as defaults, until httpd takes what comes of them.
std::string good_text(Dialogue &dialogue, const WizardOptions &options, const std::string &output)
{
    auto answers = first_defaults(output);
    find_httpd(dialogue, options, answers);
    for (int i = 0; i < kMostTries; ++i) {
        answers = ask_about_site(dialogue, std::move(answers), options.only_site);
        const auto texts = texts_of(answers);
        const auto head = heading(output, options, answers);
        const auto verdict =
            test_configuration(answers.httpd, head + texts.server + texts.site, output);
        if (verdict.is_good)
            return head + (options.only_site ? "" : texts.server) + texts.site;
        dialogue.say("\n" + answers.httpd + " does not take this:\n\n" +
                     printable_lines(verdict.words));
        if (i + 1 < kMostTries)
            dialogue.say("Once more, with your answers as defaults.\n");
    }
    dialogue.give_up("httpd did not take what came of the answers");
}

ExitCode ask_and_write(Dialogue &dialogue, const WizardOptions &options)
{
    dialogue.say(
        "Enter takes what stands in brackets. Nothing is written before the last question; Ctrl-C "
        "leaves.\n");
    const auto output = ask_for_output(dialogue, options.output);
    const auto text = good_text(dialogue, options, output);
    dialogue.say("\n" + text + "\nhttpd takes it.");
    if (!dialogue.ask_yes("Write it to " + output + "?", true))
        throw Abandoned();
    write_whole_file(output, text);
    dialogue.say(output + " is written.");
    return ExitCode::kDone;
}

}  // namespace

ExitCode run_wizard(Invocation &invocation)
{
    const Interruption interruption;
    LinesFromPerson lines(interruption);
    Dialogue dialogue([&] { return lines.next(); }, invocation.out());
    try {
        return ask_and_write(dialogue, invocation.options().wizard);
    } catch (const Abandoned &) {
        dialogue.say("\nNothing was written.");
        return interruption.has_come() ? ExitCode::kInterrupted : ExitCode::kNotDone;
    }
}

}  // namespace stickybalancer::stickyctl
