// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>
#include <deque>
#include <sstream>

#include "mod_stickybalancer/stickyctl/wizard_dialogue.hpp"
#include "mod_stickybalancer/stickyctl/wizard_text.hpp"

using namespace stickybalancer::stickyctl;

namespace {

struct Talk {
    std::deque<std::string> typed;
    std::ostringstream said;
    Dialogue dialogue{[this]() -> std::optional<std::string> {
                          if (typed.empty())
                              return std::nullopt;
                          auto line = typed.front();
                          typed.pop_front();
                          return line;
                      },
                      said};

    WizardAnswers ask(const std::deque<std::string> &lines, WizardAnswers usual = {})
    {
        typed = lines;
        usual.directory = "/tmp";
        usual.modules = "/m";
        usual.module = "/m/sb.so";
        return ask_about_site(dialogue, usual, false);
    }
    bool has_said(const std::string &text) const
    {
        return said.str().find(text) != std::string::npos;
    }
};

const std::deque<std::string> kOnlyEnter(14, "");

bool has(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(wizard_test, Talk)

BOOST_AUTO_TEST_CASE(enter_takes_every_default)
{
    const auto answers = ask(kOnlyEnter);
    BOOST_TEST(answers.members.size() == 1u);
    const auto text = site_text(answers);
    for (const auto *line :
         {"<VirtualHost *:80>", "BalancerMember \"http://127.0.0.1:8080\" route=1",
          "ProxySet growth=", "StickyCookie insert\n", "StickyCheck http \"uri=/\"",
          "Require local\n", "SetHandler sticky-manager",
          "ProxyPass \"/\" \"balancer://app/\" stickysession=ROUTEID"})
        BOOST_TEST(has(text, line), line);
    BOOST_TEST(!has(text, "SSL"));
}

BOOST_AUTO_TEST_CASE(after_five_bad_answers_to_one_question_it_is_over)
{
    std::deque<std::string> lines(kMostTries - 1, "a b");
    lines.insert(lines.end(), kOnlyEnter.begin(), kOnlyEnter.end());
    BOOST_TEST(ask(lines).members.size() == 1u);  // four, then Enter
    BOOST_CHECK_THROW(ask(std::deque<std::string>(100, "a b")), Abandoned);
    BOOST_TEST(typed.size() == 100u - kMostTries);
    BOOST_TEST(has_said("5 times no answer to 'Host name that clients use' could be used"));
}

BOOST_AUTO_TEST_CASE(a_bad_answer_is_asked_for_again_with_what_is_wrong)
{
    const auto answers = ask({"a b",
                              "www.example.org",
                              "perhaps",
                              "no",
                              "0",
                              "70000",
                              "192.0.2.1:8080",
                              "my app",
                              "shop",
                              "192.0.2.11",
                              "http://192.0.2.11/",
                              "http://192.0.2.11:80",
                              "",
                              "http://192.0.2.11:80",
                              "http://192.0.2.12",
                              "1",
                              "two",
                              "none",
                              "tape",
                              "cookie",
                              "a;b",
                              "SRV",
                              "",
                              "running",
                              "/running",
                              "/",
                              "/lb",
                              "everybody",
                              "192.0.2.0/33",
                              "local 192.0.2.0/24",
                              "relative",
                              ""});
    BOOST_TEST(has_said("'a b': write a host name"));
    BOOST_TEST(has_said("'70000': write a port"));
    BOOST_TEST(has_said("nothing behind that, no slash"));
    BOOST_TEST(has_said("this server is there already"));
    BOOST_TEST(has_said("http://192.0.2.11:80 is called so already"));
    BOOST_TEST(has_said("'everybody' is neither"));
    const auto text = site_text(answers);
    for (const auto *line :
         {"<VirtualHost 192.0.2.1:8080>", "ServerName www.example.org", "balancer://shop",
          "\"http://192.0.2.12\" route=two", "StickyCookie insert name=SRV", "\"uri=/running\"",
          "<Location \"/lb\">", "Require ip 192.0.2.0/24"})
        BOOST_TEST(has(text, line), line);
}

BOOST_AUTO_TEST_CASE(a_table_has_a_key_and_an_expiry)
{
    WizardAnswers usual;
    usual.by_table = true;
    auto lines = kOnlyEnter;
    lines.push_back("");
    lines[8] = "header:X-User";
    lines[9] = "5min";
    const auto text = site_text(ask(lines, usual));
    BOOST_TEST(has(text, "StickyOn header:X-User\n        StickyTable expire=5min"));
    BOOST_TEST(!has(text, "StickyCookie"));
    BOOST_TEST(!has(text, "stickysession"));
}

BOOST_AUTO_TEST_CASE(leaving_at_any_question_leaves)
{
    for (std::size_t count = 0; count < kOnlyEnter.size(); ++count)
        BOOST_CHECK_THROW(ask(std::deque<std::string>(count, "")), Abandoned);
}

BOOST_AUTO_TEST_CASE(asked_again_the_answers_are_the_defaults)
{
    auto answers = ask({"h", "", "8081", "b", "http://x:1", "r1", "http://y:2", "r2", "", "", "",
                        "tcp", "", "", ""});
    const auto again = ask(std::deque<std::string>(15, ""), answers);
    BOOST_TEST(site_text(again) == site_text(answers));
    BOOST_TEST(again.members.size() == 2u);
}

BOOST_AUTO_TEST_CASE(only_modules_that_are_files_are_loaded)
{
    auto answers = ask(kOnlyEnter);
    const auto has_module = [](const std::string &name) {
        return name != "watchdog" && name != "mpm_event";
    };
    const auto text = server_text(answers, has_module, "User u\n");
    BOOST_TEST(has(text, "LoadModule mpm_worker_module \"/m/mod_mpm_worker.so\""));
    BOOST_TEST(!has(text, "mpm_prefork"));
    BOOST_TEST(!has(text, "watchdog"));
    BOOST_TEST(!has(text, "ssl"));
    BOOST_TEST(has(text, "LoadModule stickybalancer_module \"/m/sb.so\""));
    answers.members[0].url = "https://x:1";
    BOOST_TEST(has(server_text(answers, has_module, ""), "ssl_module"));
    BOOST_TEST(has(site_text(answers), "SSLProxyEngine On"));
}

BOOST_AUTO_TEST_CASE(no_answer_can_leave_its_quotes)
{
    for (const auto *text : {"/a\"b", "/a\nb", "/a\\b", "/${PATH}"})
        BOOST_TEST(!problem_of_uri(text).empty(), text);
}

BOOST_AUTO_TEST_SUITE_END()
