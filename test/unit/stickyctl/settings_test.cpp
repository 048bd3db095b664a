// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/settings.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

using namespace stickybalancer::stickyctl;

namespace {

struct Home {
    Home() { BOOST_REQUIRE(::mkdtemp(path.data())); }
    ~Home() { std::filesystem::remove_all(path); }

    void write(const std::string &text, mode_t mode = 0600) const
    {
        std::ofstream(file()) << text;
        ::chmod(file().c_str(), mode);
    }
    std::string file() const { return path + "/stickyctl"; }
    Environment environment() const
    {
        return [this](const char *name) {
            const auto found = variables.find(name);
            return found != variables.end()                 ? found->second
                   : name == std::string("XDG_CONFIG_HOME") ? path
                                                            : "";
        };
    }
    ServerAddress address(const ServerOptions &options = {}, const std::string &url = {}) const
    {
        return server_address(options, environment(), read_config_file(environment()), url);
    }

    std::string path = "/tmp/stickyctl-test-XXXXXX";
    std::map<std::string, std::string> variables;
};

ExitCode code_of(const std::function<void()> &act)
{
    try {
        act();
    } catch (const Failure &failure) {
        return failure.code();
    }
    return ExitCode::kDone;
}

std::string words_of(const std::function<void()> &act)
{
    try {
        act();
    } catch (const Failure &failure) {
        return failure.what();
    }
    return {};
}

const std::string kFile = "url = https://lb.example/sticky\nuser = op\npassword = a=b#c\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(settings_test)

BOOST_AUTO_TEST_CASE(a_file_is_name_equals_value)
{
    const auto file = parse_config_file(
        "f", "# a comment\n\n url=http://lb/s \ncacert = /x y.pem\r\npassword = a=b#c");
    BOOST_TEST(file.url == "http://lb/s");
    BOOST_TEST(file.cacert == "/x y.pem");
    BOOST_TEST(file.password == "a=b#c");
}

BOOST_AUTO_TEST_CASE(what_a_file_says_otherwise_is_refused_with_its_line)
{
    try {
        parse_config_file("f", "url = x\npasword = y\n");
        BOOST_ERROR("not refused");
    } catch (const Failure &failure) {
        BOOST_TEST(std::string(failure.what()).rfind("f:2: 'pasword'", 0) == 0u);
    }
}

BOOST_FIXTURE_TEST_CASE(the_command_line_goes_over_the_environment_and_that_over_the_file, Home)
{
    write(kFile);
    BOOST_TEST(address().url == "https://lb.example/sticky");
    variables["STICKYCTL_URL"] = "http://env.example/s";
    BOOST_TEST(address().url == "http://env.example/s");
    ServerOptions options;
    options.url = "http://typed.example/s";
    BOOST_TEST(address(options).url == "http://typed.example/s");
}

BOOST_FIXTURE_TEST_CASE(without_a_server_it_says_how_to_name_one, Home)
{
    BOOST_TEST((code_of([&] { address(); }) == ExitCode::kUsage));
    ServerOptions options;
    options.socket = "/run/lb.sock";
    BOOST_TEST(address(options).url == "http://localhost/sticky");
}

BOOST_FIXTURE_TEST_CASE(a_password_that_others_can_read_is_refused, Home)
{
    write(kFile, 0640);
    BOOST_TEST((code_of([&] { address(); }) == ExitCode::kUsage));
    write(kFile, 0600);
    BOOST_TEST(address().login->password == "a=b#c");
    write("url = https://lb.example/sticky\n", 0644);
    BOOST_TEST(!address().login);
}

BOOST_FIXTURE_TEST_CASE(the_files_password_goes_only_to_the_files_server, Home)
{
    write(kFile);
    ServerOptions options;
    options.url = "https://lb.example:443/elsewhere";
    BOOST_TEST(address(options).login->user == "op");
    for (const auto *url : {"https://other.example/sticky", "http://lb.example/sticky",
                            "https://lb.example:444/sticky"}) {
        options.url = url;
        BOOST_TEST(!address(options).login, url);
    }
    variables["STICKYCTL_USER"] = "me";
    variables["STICKYCTL_PASSWORD"] = "mine";
    BOOST_TEST(address(options).login->password == "mine");
}

BOOST_FIXTURE_TEST_CASE(a_file_without_a_url_gives_its_password_to_nobody, Home)
{
    write("user = op\npassword = secret\n");
    ServerOptions options;
    options.url = "https://lb.example/sticky";
    BOOST_TEST(!address(options).login);
    BOOST_TEST(!address({}, "https://lb.example/sticky").login);
    options.url.clear();
    options.socket = "/run/lb.sock";
    BOOST_TEST(!address(options).login);
}

BOOST_FIXTURE_TEST_CASE(of_two_servers_each_gets_what_is_for_it, Home)
{
    write(kFile);
    variables["STICKYCTL_USER"] = "me";
    ServerOptions options;
    options.url = "https://one.example/sticky";
    BOOST_TEST(address(options, "https://one.example/other").login->user == "me");
    BOOST_TEST(address(options, "https://lb.example/sticky").login->user == "op");
    BOOST_TEST(!address(options, "https://two.example/sticky").login);
    write("");
    options.url.clear();
    BOOST_TEST(!address(options, "https://one.example/sticky").login);
}

BOOST_FIXTURE_TEST_CASE(a_login_file_must_be_private_too, Home)
{
    ServerOptions options;
    options.url = "https://lb.example/sticky";
    options.login_file = path + "/login";
    std::ofstream(options.login_file) << "op:pass:word\nignored\n";
    ::chmod(options.login_file.c_str(), 0644);
    BOOST_TEST((code_of([&] { address(options); }) == ExitCode::kUsage));
    ::chmod(options.login_file.c_str(), 0600);
    BOOST_TEST(address(options).login->user == "op");
    BOOST_TEST(address(options).login->password == "pass:word");
    for (const auto &[file, reason] :
         {std::pair(path + "/none", "No such file"), std::pair(path, "this is a directory"),
          std::pair(std::string("/dev/null"), "this is no regular file")}) {
        options.login_file = file;
        BOOST_TEST((code_of([&] { address(options); }) == ExitCode::kUsage));
        BOOST_TEST(words_of([&] { address(options); }).starts_with(file + ": " + reason));
    }
}

BOOST_FIXTURE_TEST_CASE(a_login_file_that_names_servers_is_for_those, Home)
{
    write(kFile);
    ServerOptions options;
    options.url = "https://one.example/sticky";
    options.login_file = path + "/login";
    std::ofstream(options.login_file) << "machine one.example login op password \"a b\"\n"
                                         "machine two.example:8443 login me password mine\n";
    ::chmod(options.login_file.c_str(), 0600);
    BOOST_TEST(address(options).login->password == "a b");
    BOOST_TEST(address(options, "https://two.example:8443/s").login->user == "me");
    BOOST_TEST(!address(options, "https://two.example/s").login);
    BOOST_TEST(!address(options, "https://lb.example/sticky").login);
    std::ofstream(options.login_file) << "op:mine\n";
    BOOST_TEST(address(options, "https://lb.example/sticky").login->password == "a=b#c");
}

BOOST_AUTO_TEST_CASE(a_password_in_clear_is_told_from_one_that_is_not)
{
    ServerAddress server;
    server.url = "http://lb.example/sticky";
    BOOST_TEST(!sends_in_clear(server));
    server.login = Login{"op", "secret"};
    BOOST_TEST(sends_in_clear(server));
    server.url = "https://lb.example/sticky";
    BOOST_TEST(!sends_in_clear(server));
    server.url = "http://127.0.0.1:8080/sticky";
    BOOST_TEST(!sends_in_clear(server));
}

BOOST_AUTO_TEST_SUITE_END()
