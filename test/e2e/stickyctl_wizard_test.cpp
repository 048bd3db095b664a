// SPDX-License-Identifier: Apache-2.0
//
// The wizard's configuration serves as it is; whoever leaves before the last question leaves nothing behind.
// Caught if: what it writes is not taken by httpd or needs an edit, a file is there before the last Enter, a bad answer is
// taken, a file is overwritten without asking, or the same question is asked for ever.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "test/e2e/stickyctl_steps.hpp"
#include "test/support/httpd_config.hpp"
#include "test/support/temporary_directory.hpp"

using namespace stickybalancer::test;

namespace {

using std::chrono::seconds;

// What is asked when Enter takes every default, in order.
const Words kQuestions = {
    "Host name",     "with https",  "Port to listen",   "Name of the balancer", "Server 1",
    "(route)",       "Server 2",    "Clients are kept", "Name of that cookie",  "checked by",
    "that is asked", "Path of the", "From where",       "Directory for",        "Write it to"};

struct Wizard : StickyctlScenario {
    TemporaryDirectory place;
    std::filesystem::path file = place.path() / "lb.conf";
    std::string line;

    Wizard()
    {
        const char *module = std::getenv("SB_MODULE");
        line = "$STICKYCTL wizard --output " + file.string() + " --httpd " +
               httpd_binary().string() + " --modules " + httpd_modules().string() + " --module " +
               (module ? module : "");
        for (const auto &[name, value] : httpd_command({}, "", place.path()).environment)
            environment.push_back(name + "=" + value);
    }
    // Each word a line of input; then the input ends.
    Finished answer(const Words &answers, const std::string &more = {})
    {
        std::string input;
        for (const auto &word : answers)
            input += word + "\n";
        write_file(httpd.root() / "answers", input);
        return shell(line + more + " < " + (httpd.root() / "answers").string());
    }
    Words answers_for(const std::string &member)
    {
        return {"localhost",
                "",
                "127.0.0.1:" + std::to_string(httpd.port("wizard")),
                "",
                member,
                "one",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                place.path().string(),
                ""};
    }
    // The last word of the line.
    void take_module(const std::filesystem::path &module)
    {
        line.erase(line.rfind(' ')) += ' ' + module.string();
    }
    bool is_untouched() const { return std::filesystem::is_empty(place.path()); }
};

// Runs what was written, as it is; only its port is shared with the harness' reservation.
struct Serving {
    Serving(const std::filesystem::path &file, const std::filesystem::path &reports)
        : process(httpd_command(
              {"-DFOREGROUND", "-f", file.string(), "-c", "ListenCoresBucketsRatio 100000"},
              reports / "httpd-output", reports))
    {
    }
    Process process;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(stickyctl_wizard_test)

BOOST_FIXTURE_TEST_CASE(what_it_writes_serves_without_an_edit, Wizard)
{
    start();
    const auto done = answer(answers_for(a.url()));
    BOOST_REQUIRE_MESSAGE(done.code == 0, done.output);
    BOOST_TEST(!done.says("password"));
    Serving serving(file, httpd.root());
    auto client = new_browser({.port = httpd.port("wizard")});
    BOOST_TEST(wait_until(within(seconds(15)), [&] { return client.get("/").status == 200; }),
               read_file(httpd.root() / "httpd-output") + read_file(place.path() / "error.log"));
    BOOST_TEST(client.get("/").member == "a");
    BOOST_TEST(client.cookie("ROUTEID") == ".one");
    const auto room = "http://127.0.0.1:" + std::to_string(httpd.port("wizard")) + "/sticky";
    const auto shown = stickyctl({"--url", room, "--csv", "show", "config"});
    BOOST_TEST(shown.says("app,one," + a.url()), shown.output);
    client.disconnect();
    serving.process.send(SIGTERM);
    BOOST_TEST(serving.process.wait_for_end(within(seconds(20))) == 0);
}

BOOST_FIXTURE_TEST_CASE(a_table_serves_too, Wizard)
{
    start();
    auto words = answers_for(a.url());
    words.insert(words.begin() + 7, {"table", "cookie:SID", "10min"});
    words.erase(words.begin() + 10, words.begin() + 12);
    const auto done = answer(words);
    BOOST_REQUIRE_MESSAGE(done.code == 0, done.output);
    BOOST_TEST(read_file(file).find("StickyTable expire=10min") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(the_end_of_input_leaves_nothing_at_any_question, Wizard)
{
    start();
    auto words = answers_for(a.url());
    while (!words.empty()) {
        words.pop_back();
        const auto left = answer(words);
        BOOST_TEST(left.code == 1);
        BOOST_TEST(left.says("Nothing was written"), left.output);
        BOOST_TEST(is_untouched());
    }
    BOOST_TEST(
        answer({"localhost"}, " --output " + (place.path() / "none/lb.conf").string()).code == 2);
}

BOOST_FIXTURE_TEST_CASE(an_interrupt_leaves_nothing_at_any_question, Wizard)
{
    start();
    const auto fifo = (httpd.root() / "keyboard").string();
    BOOST_REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    for (std::size_t count = 0; count < kQuestions.size(); ++count) {
        const int keyboard = ::open(fifo.c_str(), O_RDWR | O_CLOEXEC);
        const auto wizard = start_shell("exec " + line + " < " + fifo);
        const std::string enters(count, '\n');
        BOOST_TEST(::write(keyboard, enters.data(), enters.size()) ==
                   static_cast<ssize_t>(enters.size()));
        BOOST_TEST(wizard->wait_until_it_says(kQuestions[count]), wizard->output());
        BOOST_TEST(wizard->is_running());
        wizard->send(SIGINT);
        BOOST_TEST(wizard->finish().code == 130);
        BOOST_TEST(is_untouched());
        ::close(keyboard);
    }
}

BOOST_FIXTURE_TEST_CASE(a_bad_answer_is_asked_for_again, Wizard)
{
    start();
    auto words = answers_for(a.url());
    words.insert(words.begin() + 2, "port eighty");
    words.insert(words.begin(), "no host");
    const auto done = answer(words);
    BOOST_TEST(done.code == 0);
    BOOST_TEST(done.says("'no host': write a host name"));
    BOOST_TEST(done.says("'port eighty': write a port"));
    BOOST_TEST(read_file(file).find("eighty") == std::string::npos);
}

// Else whatever says the same for ever would hear the same for ever.
BOOST_FIXTURE_TEST_CASE(nobody_is_asked_for_ever, Wizard)
{
    start();
    const auto say_for_ever = [&](const std::string &word) {
        return shell("yes '" + word + "' | timeout 60 " + line + " | head -c 200000");
    };
    const auto no_answer = say_for_ever("perhaps");
    BOOST_TEST(no_answer.says("5 times no answer to 'Serve it with https?' could be used."));
    BOOST_TEST(no_answer.says("Nothing was written"), no_answer.output);
    write_file(file, "mine\n");
    BOOST_TEST(say_for_ever("").says("5 times a file was named that is there and is to stay."));
    BOOST_TEST(read_file(file) == "mine\n");
    std::filesystem::remove(file);
    take_module(httpd_modules() / "mod_proxy_ajp.so");
    BOOST_TEST(say_for_ever("").says("5 times httpd did not take what came of the answers."));
    BOOST_TEST(is_untouched());
    take_module(place.path() / "none.so");
    BOOST_TEST(say_for_ever("").says("5 times no answer to 'File of mod_stickybalancer' could"));
    const auto done = answer(Words(100, ""));
    BOOST_TEST(done.code == 1, done.output);
    BOOST_TEST(is_untouched());
}

BOOST_FIXTURE_TEST_CASE(what_is_there_is_not_overwritten_without_asking, Wizard)
{
    start();
    write_file(file, "mine\n");
    auto words = answers_for(a.url());
    words.insert(words.begin(), {"", (place.path() / "other.conf").string()});  // no, another file
    BOOST_TEST(answer(words).code == 0);
    BOOST_TEST(read_file(file) == "mine\n");
    BOOST_TEST(read_file(place.path() / "other.conf").find("balancer://app") != std::string::npos);
    words = answers_for(a.url());
    words.insert(words.begin(), "yes");
    words.back() = "no";
    BOOST_TEST(answer(words).code == 1);
    BOOST_TEST(read_file(file) == "mine\n");
    words.back() = "yes";
    BOOST_TEST(answer(words).code == 0);
    BOOST_TEST(read_file(file) != "mine\n");
}

BOOST_FIXTURE_TEST_CASE(what_httpd_refuses_is_asked_once_more_and_not_written, Wizard)
{
    start();
    take_module(httpd_modules() / "mod_proxy_ajp.so");
    const auto done = answer(answers_for(a.url()));
    BOOST_TEST(done.code == 1);
    BOOST_TEST(done.says("does not take this"), done.output);
    BOOST_TEST(done.says(" of " + file.string()));  // where the mistake is
    BOOST_TEST(done.says("Host name that clients use [localhost]"));
    BOOST_TEST(is_untouched());
}

BOOST_FIXTURE_TEST_CASE(with_tls_it_serves_https_and_wants_a_real_certificate, Wizard)
{
    start("StickyCookie insert", "", {.tls = true});
    const auto certificate = (httpd.root() / "conf/certificate.pem").string();
    auto words = answers_for(a.url());
    words[1] = "yes";
    words.insert(words.begin() + 2, {(httpd.root() / "conf/httpd.conf").string(), certificate,
                                     certificate, (httpd.root() / "conf/key.pem").string()});
    const auto done = answer(words);
    BOOST_REQUIRE_MESSAGE(done.code == 0, done.output);
    BOOST_TEST(done.says("has no certificate in it"));
    BOOST_TEST(done.says("has no private key in it"));
    Serving serving(file, httpd.root());
    auto client = new_browser(
        {.port = httpd.port("wizard"), .protocol = Protocol::kHttp1Tls, .host = "localhost"});
    BOOST_TEST(wait_until(within(seconds(15)), [&] { return client.get("/").member == "a"; }));
    client.disconnect();
}

BOOST_FIXTURE_TEST_CASE(only_the_site_is_for_a_server_that_is_there, Wizard)
{
    start();
    auto words = answers_for(a.url());
    words.erase(words.end() - 2);
    BOOST_TEST(answer(words, " --site").code == 0);
    const auto text = read_file(file);
    BOOST_TEST(text.find("<VirtualHost") != std::string::npos);
    BOOST_TEST(text.find("LoadModule") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
