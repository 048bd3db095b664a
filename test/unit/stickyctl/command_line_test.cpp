// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/command_line.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>

using namespace stickybalancer::stickyctl;

namespace {

using Words = std::vector<std::string>;

std::string joined(const std::vector<Words> &commands)
{
    std::string text;
    for (const auto &command : commands) {
        for (const auto &word : command)
            text += word + ' ';
        text += '|';
    }
    return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(command_line_test)

BOOST_AUTO_TEST_CASE(several_commands_in_one_argument_are_several_commands)
{
    BOOST_TEST(joined(split_commands({"-s", "/run/x", "show info; show stat;"})) ==
               "-s /run/x show info |-s /run/x show stat |");
    BOOST_TEST(joined(split_commands({"status;show info"})) == "status |show info |");
}

BOOST_AUTO_TEST_CASE(other_arguments_may_have_spaces_and_semicolons)
{
    for (const Words &words :
         {Words{"forget", "--key", "show a; b"}, Words{"show", "member", "Web 1"}, Words{"status"},
          Words{"--url", "http://x/a b"}, Words{"no such; command"}, Words{}})
        BOOST_TEST(split_commands(words).size() == 1u);
}

BOOST_AUTO_TEST_CASE(options_of_the_server_may_stand_anywhere)
{
    std::ostringstream out;
    for (const Words &words : {Words{"--json", "--url", "u", "show", "members", "app"},
                               Words{"show", "members", "app", "--url", "u", "--json"}}) {
        const auto options = parse_command_line(words, out);
        BOOST_TEST(options->server.url == "u");
        BOOST_TEST(options->balancer == "app");
        BOOST_TEST((options->form == Form::kJson));
    }
}

BOOST_AUTO_TEST_CASE(help_and_version_run_nothing)
{
    std::ostringstream out;
    BOOST_TEST(!parse_command_line({"drain", "--help"}, out));
    BOOST_TEST(out.str().find("--deadline T") != std::string::npos);
    BOOST_TEST(!parse_command_line({"--version"}, out));
    BOOST_TEST(out.str().find("stickyctl " SB_VERSION) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_not_understood_is_refused)
{
    std::ostringstream out;
    for (const Words &words : {Words{},
                               Words{"show"},
                               Words{"nope"},
                               Words{"drain"},
                               Words{"drain", "a", "b"},
                               Words{"ready", "a", "--wait"},
                               Words{"weight", "a"},
                               Words{"pin", "a"},
                               Words{"unpin"},
                               Words{"forget"},
                               Words{"diff", "a"},
                               Words{"--password", "x", "status"},
                               Words{"--json", "--csv", "status"},
                               Words{"drain", "a", "--timeout", "5s"},
                               Words{"drain", "a", "--wait", "--timeout", "x"},
                               Words{"drain", "a", "--deadline", "soon"},
                               Words{"weight", "a", "257"},
                               Words{"weight", "a", "1e1"},
                               Words{"weight", "a", "1.2.3"},
                               Words{"weight", "a", "."},
                               Words{"weight", "a", "nan"},
                               Words{"add", "b", "http://u", "--weight", "-1"},
                               Words{"lameduck", "x"},
                               Words{"pin", "a", "--for", "x"},
                               Words{"--request-timeout", "0s", "status"},
                               Words{"--request-timeout", "25h", "status"},
                               Words{"--request-timeout", "soon", "status"}})
        BOOST_CHECK_THROW(parse_command_line(words, out), Failure);
}

BOOST_AUTO_TEST_CASE(a_bad_value_is_told_with_what_may_stand_there)
{
    std::ostringstream out;
    const auto refusal = [&](const Words &words) {
        try {
            parse_command_line(words, out);
        } catch (const Failure &failure) {
            return std::string(failure.what());
        }
        return std::string("taken");
    };
    BOOST_TEST(refusal({"--request-timeout", "0s", "status"}).find("1ms to 1d") !=
               std::string::npos);
    BOOST_TEST(refusal({"weight", "a", "300"}).find("from 0 to 256") != std::string::npos);
    BOOST_TEST(refusal({"drain", "a", "--deadline", "none"}) == "taken");
    BOOST_TEST(refusal({"lameduck", "off"}) == "taken");
    BOOST_TEST(refusal({"--request-timeout", "1ms", "weight", "a", "256"}) == "taken");
}

BOOST_AUTO_TEST_SUITE_END()
