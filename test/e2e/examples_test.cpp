// SPDX-License-Identifier: Apache-2.0
//
// Every complete configuration under examples/ starts as its README says, keeps a client at its
// member, and complains of nothing.
// Caught if: an example does not start, warns, or stops doing what it is an example of.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <cstdlib>
#include <filesystem>

#include "test/support/httpd_config.hpp"
#include "test/support/process.hpp"
#include "test/support/scenario.hpp"
#include "test/support/socket.hpp"
#include "test/support/temporary_directory.hpp"
#include "test/support/wait.hpp"

using namespace stickybalancer::test;
using std::chrono::seconds;

namespace {

struct Example {
    const char *name;
    const char *cookie;  // of the first member, on a first answer
};

std::ostream &operator<<(std::ostream &out, const Example &example) { return out << example.name; }

const Example kExamples[] = {
    {"sticky-cookie", "ROUTEID=.1; path=/; HttpOnly; SameSite=Lax"},
    {"header-recipe", "ROUTEID=.1; path=/"},
};

std::string from_environment(const char *name, const char *otherwise)
{
    const char *value = std::getenv(name);
    return value != nullptr ? value : otherwise;
}

// httpd with the example's own file, its names defined as its README says.
Command httpd_of(const Example &example, const std::filesystem::path &root, std::uint16_t port,
                 const std::vector<FakeMember> &members)
{
    const auto file =
        std::filesystem::path(SB_SOURCE_DIR) / "examples" / example.name / "httpd.conf";
    auto command = httpd_command({"-DFOREGROUND", "-d", root.string(), "-f", file.string()},
                                 root / "output", root);
    const auto define = [&](const std::string &line) {
        command.arguments.insert(command.arguments.end(), {"-C", line});
    };
    define("Define SB_PORT " + std::to_string(port));
    define("Define SB_MPM " + from_environment("SB_MPM", "event"));
    define("Define MODULES_DIR " + httpd_modules().string());
    define("Define STICKYBALANCER_SO " + from_environment("SB_MODULE", ""));
    define("ListenCoresBucketsRatio 100000");  // shares the port with its reservation
    for (std::size_t i = 0; i < members.size(); ++i)
        define("Define MEMBER" + std::to_string(i + 1) + " " + members[i].url());
    return command;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(examples_test)

BOOST_DATA_TEST_CASE_F(Scenario, it_starts_and_keeps_a_client, kExamples, example)
{
    const TemporaryDirectory root;
    const ReservedPort port;
    std::vector<FakeMember> members;
    for (const auto *name : {"1", "2", "3", "4"})
        members.push_back(start_member(name));
    Process process(httpd_of(example, root.path(), port.number(), members));
    ErrorLog log(root.path() / "error.log");
    BOOST_REQUIRE(wait_until(within(seconds(10)), [&] {
        return log.has("resuming normal operations") || !process.is_running();
    }));

    Browser client({.port = port.number()});
    const auto first = client.get("/");
    BOOST_TEST(first.member == "1");
    BOOST_TEST(first.set_cookie("ROUTEID") == example.cookie);
    BOOST_TEST(first.set_cookies().size() == 1u);
    BOOST_TEST(client.get("/").member == "1");
    BOOST_TEST(client.get("/").set_cookies().empty());
    client.get("/plone/x?y=1");
    BOOST_TEST(members[0].last_request().target ==
               "/http://localhost/VirtualHostBase/https/yoursite.org:443/yourplonesiteid/"
               "VirtualHostRoot/x?y=1");

    client.disconnect();
    process.send(SIGTERM);
    BOOST_TEST(process.wait_for_end(within(seconds(20))) == 0);
    for (const auto &line : log.unexplained())
        BOOST_ERROR("unexpected in the error log: " + line);
    BOOST_TEST(read_file(root.path() / "output") == "");
}

BOOST_AUTO_TEST_SUITE_END()
