// SPDX-License-Identifier: Apache-2.0
//
// The page behind a password, opened with the password in its address.
// Caught if: the page is there, and nothing that it asks the server for.
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "test/page/page_scenario.hpp"

using namespace stickybalancer::test;

namespace {

const std::string kModules =
    "LoadModule auth_basic_module {modules}/mod_auth_basic.so\n"
    "LoadModule authn_file_module {modules}/mod_authn_file.so\n"
    "LoadModule authz_user_module {modules}/mod_authz_user.so\n";
const std::string kRoom =
    "<Location \"/lb\">\nSetHandler sticky-manager\n"
    "AuthType Basic\nAuthName ops\nAuthBasicProvider file\nAuthUserFile {root}/users\n"
    "Require valid-user\n</Location>\n";

struct Login : PageScenario {
    FakeMember a = start_member("a"), b = start_member("b");

    Login()
    {
        std::ofstream(httpd.root() / "users") << "ops:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n";
        start_httpd(kModules + kRoom + app({"a", "b"}));
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(login_test)

BOOST_FIXTURE_TEST_CASE(a_password_in_the_address_will_do, Login)
{
    expect_console("credentials");  // Chromium's own advice
    open_page_as("ops:password");
    BOOST_TEST(page.wait_for([this] { return page.text("#live-text") == "Live"; }));
    do_to("b", "drain");
    BOOST_TEST(comes_to_say("b", "requested", "DRAIN"));
    BOOST_TEST(page.text("#message").find("b is draining.") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
