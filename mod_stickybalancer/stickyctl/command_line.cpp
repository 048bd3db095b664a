// SPDX-License-Identifier: Apache-2.0
//
// How commands are typed. stickyctl.1 and the shell's completion say the same; a test compares them.
#include "mod_stickybalancer/stickyctl/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "mod_stickybalancer/stickyctl/commands.hpp"
#include "mod_stickybalancer/stickyctl/words.hpp"

namespace stickybalancer::stickyctl {
namespace {

using Run = ExitCode (*)(Invocation &);

constexpr const char *kMember =
    "its name, or BALANCER/NAME; url, label and address are understood, too";
constexpr const char *kBalancer = "its name; without one, all";

constexpr auto kLongestAnswer = std::chrono::hours(24);

// What is wrong with a value; empty where it is good. Found here, it stops all commands of the line.
std::string problem_of_span(const std::string &text)
{
    return parse_span(text) ? "" : no_span(text);
}

std::string problem_of_request_timeout(const std::string &text)
{
    const auto span = parse_span(text);
    if (span && (span->count() == 0 || *span > kLongestAnswer))
        return "'" + text + "' is out of range: write 1ms to 1d, such as 10s";
    return problem_of_span(text);
}

std::string problem_of_deadline(const std::string &text)
{
    return text == "none" ? "" : problem_of_span(text);
}

std::string problem_of_lame_duck(const std::string &text)
{
    return text == "off" ? "" : problem_of_span(text);
}

// A number of up to 256 with up to two decimals; what else it must be is the server's to say.
std::string problem_of_weight(const std::string &text)
{
    const bool is_number = !text.empty() &&
                           text.find_first_not_of("0123456789.") == std::string::npos &&
                           std::count(text.begin(), text.end(), '.') < 2 && text != ".";
    if (is_number && std::strtod(text.c_str(), nullptr) <= 256)
        return {};
    return "'" + text + "' is no weight: write a number from 0 to 256, such as 5 or 0.25";
}

std::string problem_of_number(const std::string &text)
{
    if (!text.empty() && text.size() <= 18 &&
        text.find_first_not_of("0123456789") == std::string::npos)
        return {};
    return "'" + text + "' is no number: write digits, such as 200";
}

std::string problem_of_count(const std::string &text)
{
    return text.find_first_not_of('0') == std::string::npos
               ? "'" + text + "' is no number from 1: write digits, such as 200"
               : problem_of_number(text);
}

CLI::App *add_command(CLI::App &parent, Options &options, const char *name, const char *text,
                      Run run)
{
    auto *command = parent.add_subcommand(name, text);
    command->fallthrough();
    command->callback([&options, run] { options.run = run; });
    return command;
}

void add_form(CLI::App &app, Options &options)
{
    auto *json = app.add_flag_callback(
        "--json", [&options] { options.form = Form::kJson; }, "write JSON, as the server tells it");
    app.add_flag_callback(
           "--csv", [&options] { options.form = Form::kCsv; },
           "write tables as CSV, with all columns")
        ->excludes(json);
}

void add_server(CLI::App &app, ServerOptions &server)
{
    app.add_option("--url", server.url, "the operator's room: http(s)://HOST/LOCATION")
        ->type_name("URL");
    app.add_option("-s,--socket", server.socket, "connect to this unix socket")->type_name("PATH");
    app.add_option("--cacert", server.cacert, "trust these certificates, a PEM file")
        ->type_name("FILE");
    app.add_option("--login", server.login_file,
                   "file with USER:PASSWORD, or a line for each server, which nobody else can read")
        ->type_name("FILE");
    app.add_option("--request-timeout", server.request_timeout,
                   "for one answer of the server (10s)")
        ->type_name("T")
        ->check(problem_of_request_timeout);
}

void add_show(CLI::App &app, Options &options)
{
    auto *show = app.add_subcommand("show", "show what is there");
    show->fallthrough();
    show->require_subcommand(1);
    const auto add = [&](const char *name, const char *text, Run run) {
        return add_command(*show, options, name, text, run);
    };
    add("balancers", "all balancers", show_balancers);
    add("balancer", "everything about one", show_balancer)
        ->add_option("BALANCER", options.balancer, "its name")
        ->type_name("")
        ->required();
    add("members", "members", show_members)
        ->add_option("BALANCER", options.balancer, kBalancer)
        ->type_name("");
    add("member", "everything about one", show_member)
        ->add_option("MEMBER", options.member, kMember)
        ->type_name("")
        ->required();
    auto *sessions =
        add("sessions", "how many sessions members have; or one of them", show_sessions);
    sessions->add_option("--key", options.key, "of this session; - reads it from standard input")
        ->type_name("KEY");
    sessions->add_option("--balancer", options.balancer, "look there only")->type_name("BALANCER");
    auto *table =
        add("table", "how full the tables of sessions are; or what is in one", show_table);
    auto *balancer =
        table->add_option("BALANCER", options.balancer, "its name: what is in its table")
            ->type_name("");
    table->add_option("--from", options.from, "where it ended the last time")
        ->type_name("N")
        ->check(problem_of_number)
        ->needs(balancer);
    table->add_option("--count", options.count, "so many sessions at most (1000)")
        ->type_name("N")
        ->check(problem_of_count)
        ->needs(balancer);
    add("stat", "counters of members", show_statistics)
        ->add_option("BALANCER", options.balancer, kBalancer)
        ->type_name("");
    add("info", "the server: version, process, uptime, totals", show_info);
    add("config", "the configuration in force", show_config)
        ->add_option("BALANCER", options.balancer, kBalancer)
        ->type_name("");
}

void add_states(CLI::App &app, Options &options)
{
    const auto add = [&](const char *name, const char *text, Run run) {
        auto *command = add_command(app, options, name, text, run);
        command->add_option("MEMBER", options.member, kMember)->type_name("")->required();
        return command;
    };
    auto *drain = add("drain", "keep its clients, send it no new ones", drain_member);
    drain
        ->add_option("--deadline", options.deadline,
                     "move the clients that are left after this time; none: keep them")
        ->type_name("T")
        ->check(problem_of_deadline);
    auto *wait = drain->add_flag("--wait", options.waits, "wait until the last session is gone");
    drain->add_option("--timeout", options.timeout, "wait so long at most")
        ->type_name("T")
        ->check(problem_of_span)
        ->needs(wait);
    add("ready", "give it clients again", make_member_ready);
    add("stop", "send it no request at all", stop_member);
    add("weight", "set its share of new clients", set_weight)
        ->add_option("WEIGHT", options.weight, "0 to 256; 0: only clients that it has")
        ->type_name("")
        ->check(problem_of_weight)
        ->required();
    add("remove", "take away a member that was added", remove_member);
    add("pin", "make a cookie that leads to this member, whatever its state", pin_client)
        ->add_option("--for", options.span, "how long the cookie is good")
        ->type_name("T")
        ->check(problem_of_span)
        ->required();
}

void add_changes(CLI::App &app, Options &options)
{
    auto *add = add_command(app, options, "add", "add a member", add_member);
    add->add_option("BALANCER", options.balancer, "its name")->type_name("")->required();
    add->add_option("URL", options.member_url, "of the member, such as http://192.0.2.13:8080")
        ->type_name("")
        ->required();
    add->add_option("--route", options.route, "its name in cookies")->type_name("ROUTE");
    add->add_option("--weight", options.weight, "its share of new clients")
        ->type_name("N")
        ->check(problem_of_weight);
    add_command(app, options, "unpin", "take back all cookies that pin has made", take_pins_back)
        ->add_option("BALANCER", options.balancer, "of this balancer's members")
        ->type_name("")
        ->required();
    auto *forget =
        add_command(app, options, "forget", "forget a session that was learned", forget_session);
    forget->add_option("--key", options.key, "of this session; - reads it from standard input")
        ->type_name("KEY")
        ->required();
    forget->add_option("--balancer", options.balancer, "only there")->type_name("BALANCER");
    add_command(app, options, "lameduck", "tell monitors to go elsewhere, and serve on",
                be_lame_duck)
        ->add_option("SPAN", options.span, "for how long, such as 20s; off: no more")
        ->type_name("")
        ->check(problem_of_lame_duck)
        ->required();
    auto *diff = add_command(app, options, "diff", "where two servers are configured differently",
                             show_differences);
    diff->add_option("A", options.one_url, "the url of one's operator's room")
        ->type_name("")
        ->required();
    diff->add_option("B", options.other_url, "the other's")->type_name("")->required();
}

void add_wizard(CLI::App &app, Options &options)
{
    auto *wizard = add_command(app, options, "wizard", "write a first configuration, by questions",
                               run_wizard);
    wizard->add_option("--output", options.wizard.output, "the file to write")->type_name("FILE");
    wizard->add_flag("--site", options.wizard.only_site,
                     "only the site, for a server that is configured already");
    wizard->add_option("--httpd", options.wizard.httpd, "the program that tests it")
        ->type_name("PROGRAM");
    wizard->add_option("--modules", options.wizard.modules, "where httpd's modules are")
        ->type_name("DIR");
    wizard->add_option("--module", options.wizard.module, "the file of mod_stickybalancer")
        ->type_name("FILE");
}

void add_all(CLI::App &app, Options &options)
{
    app.set_version_flag("--version", "stickyctl " SB_VERSION);
    app.require_subcommand(1);
    add_server(app, options.server);
    add_form(app, options);
    add_command(app, options, "status", "members, their states and their load", show_status)
        ->add_option("BALANCER", options.balancer, kBalancer)
        ->type_name("");
    add_show(app, options);
    add_states(app, options);
    add_changes(app, options);
    add_wizard(app, options);
}

bool is_command(const CLI::App &app, const std::string &word)
{
    const auto commands = app.get_subcommands([](const CLI::App *) { return true; });
    return std::any_of(commands.begin(), commands.end(),
                       [&](const auto *one) { return one->get_name() == word; });
}

// "show info; show stat" where a command is expected. Session keys, which may be anything, come behind one.
bool has_several_commands(const std::vector<std::string> &arguments)
{
    Options options;
    CLI::App app;
    add_all(app, options);
    const auto words = arguments.empty() ? std::vector<std::string>() : words_in(arguments.back());
    return !words.empty() && words.front() != arguments.back() &&
           is_command(app, words.front().substr(0, words.front().find(';'))) &&
           std::none_of(arguments.begin(), arguments.end(),
                        [&](const std::string &argument) { return is_command(app, argument); });
}

}  // namespace

std::optional<Options> parse_command_line(const std::vector<std::string> &arguments,
                                          std::ostream &out)
{
    Options options;
    CLI::App app("Looks at the balancers of mod_stickybalancer, and changes what they do.",
                 "stickyctl");
    add_all(app, options);
    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::Success &request) {
        std::ostringstream err;
        app.exit(request, out, err);
        return std::nullopt;
    } catch (const CLI::ParseError &error) {
        if (app.get_subcommands().empty() && !app.remaining().empty())
            throw Failure(ExitCode::kUsage, "there is no command '" + app.remaining().front() +
                                                "'; stickyctl --help lists them");
        throw Failure(ExitCode::kUsage,
                      std::string(error.what()) + "; stickyctl --help tells more");
    }
    return options;
}

std::vector<std::vector<std::string>> split_commands(const std::vector<std::string> &arguments)
{
    if (!has_several_commands(arguments))
        return {arguments};
    const std::vector<std::string> before(arguments.begin(), arguments.end() - 1);
    std::vector<std::vector<std::string>> commands;
    std::istringstream in(arguments.back());
    for (std::string part; std::getline(in, part, ';');) {
        const auto words = words_in(part);
        if (words.empty())
            continue;
        commands.push_back(before);
        commands.back().insert(commands.back().end(), words.begin(), words.end());
    }
    return commands;
}

}  // namespace stickybalancer::stickyctl
