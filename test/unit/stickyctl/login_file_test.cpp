// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/login_file.hpp"

#include <boost/test/unit_test.hpp>

#include "mod_stickybalancer/stickyctl/failure.hpp"

using namespace stickybalancer::stickyctl;

namespace {

// USER:PASSWORD of what is sent to this server where the command is told it by diff.
std::string sent(const std::string &text, const std::string &url, bool is_own = false)
{
    const auto login = LoginFile::parse("f", text).login_for(url, is_own);
    return login ? login->user + ":" + login->password : "nothing";
}

std::string refusal(const std::string &text)
{
    try {
        LoginFile::parse("f", text);
    } catch (const Failure &failure) {
        return failure.what();
    }
    return "taken";
}

const std::string kTwo =
    "# the pair\nmachine lb1 login op password secret\n"
    "machine lb2:8443\n  login me\n  password \"two \\\"words\\\"\"\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(login_file_test)

BOOST_AUTO_TEST_CASE(one_line_is_for_the_commands_own_server)
{
    BOOST_TEST(sent(" op:pass:word \r\nignored", "http://lb1", true) == "op:pass:word");
    BOOST_TEST(sent("# of the lb: ops\n\n # too\nop:pass#word", "http://lb1", true) ==
               "op:pass#word");
    BOOST_TEST(sent("op:secret", "http://lb1") == "nothing");
    BOOST_TEST(sent("machine:secret", "http://lb1", true) == "machine:secret");
}

BOOST_AUTO_TEST_CASE(a_machine_gets_its_own)
{
    BOOST_TEST(sent(kTwo, "https://lb1/sticky") == "op:secret");
    BOOST_TEST(sent(kTwo, "https://lb2:8443/sticky") == "me:two \"words\"");
    BOOST_TEST(sent(kTwo, "https://lb2/sticky", true) == "nothing");
    BOOST_TEST(sent(kTwo, "https://lb3/sticky", true) == "nothing");
    BOOST_TEST(sent("machine a login x password 1 machine a login y password 2", "http://a") ==
               "x:1");
}

BOOST_AUTO_TEST_CASE(what_is_neither_is_refused_and_not_repeated)
{
    for (const auto *text : {"", "# op:secret", "secret", ":secret", "machine", "machine lb1",
                             "machine lb1 password secret", "machine lb1 login op password",
                             "machine lb1 login op password two secret",
                             "machine lb1 login op secret", "default login op password secret"}) {
        BOOST_TEST(refusal(text) != "taken", text);
        BOOST_TEST(refusal(text).find("secret") == std::string::npos, text);
    }
}

BOOST_AUTO_TEST_SUITE_END()
