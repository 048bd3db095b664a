// SPDX-License-Identifier: Apache-2.0
//
// Who stickyctl is: passwords from files and the environment, never from the command line; certificates are verified;
// a unix socket goes instead of the network, and no proxy is between the command and its own host.
// Caught if: a file that others can read is taken, a password goes to a server it is not for, a server is believed whose certificate is not, or a password shows in
// an argument.
#include <boost/test/unit_test.hpp>

#include "test/e2e/stickyctl_steps.hpp"

using namespace stickybalancer::test;

namespace {

// Anybody from here may look; "op" with the password "secret" may change.
const std::string kTwoRoles = R"(
    LoadModule auth_basic_module {modules}/mod_auth_basic.so
    LoadModule authn_file_module {modules}/mod_authn_file.so
    LoadModule authz_user_module {modules}/mod_authz_user.so
    <Location "/operators">
        SetHandler sticky-manager
        AuthType Basic
        AuthName "operators"
        AuthBasicProvider file
        AuthUserFile "{root}/users"
        Require user op
    </Location>
)";

struct Login : StickyctlScenario {
    void start_with_roles(const HttpdOptions &options = {})
    {
        // What htpasswd -s makes of "secret".
        write_file(httpd.root() / "users", "op:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n");
        start("StickyCookie insert", kTwoRoles, options);
        environment = {"STICKYCTL_URL=" + url("/operators")};
    }
    std::string login_file(const std::string &text) const
    {
        const auto name = httpd.root() / "login";
        write_private_file(name, text);
        return name.string();
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(stickyctl_login_test)

BOOST_FIXTURE_TEST_CASE(a_server_that_wants_a_password_gets_it_from_a_file_or_the_environment,
                        Login)
{
    start_with_roles();
    BOOST_TEST(code_of({"status"}) == 4);
    BOOST_TEST(code_of({"--login", login_file("op:secret\n"), "drain", "b"}) == 0);
    const auto wrong = stickyctl({"--login", login_file("op:wrong\n"), "ready", "b"});
    BOOST_TEST(wrong.code == 4);
    BOOST_TEST(wrong.says("wants a user and a password"));
    BOOST_TEST(!wrong.says("wrong"));
    environment.insert(environment.end(), {"STICKYCTL_USER=op", "STICKYCTL_PASSWORD=secret"});
    BOOST_TEST(code_of({"ready", "b"}) == 0);
    httpd.log().expect("AH01617");  // a wrong password, says mod_auth_basic
}

BOOST_FIXTURE_TEST_CASE(a_file_that_others_can_read_is_refused, Login)
{
    start_with_roles();
    const auto file = login_file("op:secret\n");
    std::filesystem::permissions(file, std::filesystem::perms::group_read,
                                 std::filesystem::perm_options::add);
    const auto refused = stickyctl({"--login", file, "status"});
    BOOST_TEST(refused.code == 2);
    BOOST_TEST(refused.says("chmod 600"));
    BOOST_TEST(!refused.says("secret"));
}

BOOST_FIXTURE_TEST_CASE(the_configuration_file_names_server_and_user, Login)
{
    start_with_roles();
    environment = {"STICKYCTL_URL="};
    std::filesystem::create_directory(httpd.root() / ".config");
    write_private_file(httpd.root() / ".config/stickyctl",
                       "url = " + url("/operators") + "\nuser = op\npassword = secret\n");
    BOOST_TEST(code_of({"drain", "b"}) == 0);
    write_file(httpd.root() / ".config/stickyctl", "password = secret\n");
    std::filesystem::permissions(httpd.root() / ".config/stickyctl", std::filesystem::perms(0644));
    BOOST_TEST(code_of({"status"}) == 2);
}

BOOST_FIXTURE_TEST_CASE(a_file_without_a_url_logs_in_nowhere, Login)
{
    start_with_roles();
    std::filesystem::create_directory(httpd.root() / ".config");
    write_private_file(httpd.root() / ".config/stickyctl", "user = op\npassword = secret\n");
    const auto refused = stickyctl({"drain", "b"});
    BOOST_TEST(refused.code == 4);
    BOOST_TEST(refused.says("no url beside it"), refused.output);
    BOOST_TEST(code_of({"diff", url("/operators"), url("/operators")}) == 4);
}

BOOST_FIXTURE_TEST_CASE(of_two_servers_each_gets_its_own_login, Login)
{
    start_with_roles();
    auto &other = start_other_httpd(
        "<Proxy \"balancer://app\">\nBalancerMember \"{a.url}\" route=a retry=1\n"
        "BalancerMember \"{b.url}\" route=b retry=1\nStickyCookie insert\n</Proxy>\n" +
        kTwoRoles + "ProxyPass \"/\" \"balancer://app/\"\n");
    // What htpasswd -s makes of "other".
    write_file(other.root() / "users", "op:{SHA}0JQeaNqPOBUf+Gph/Fn3xc+fyqI=\n");
    const auto other_url = "http://127.0.0.1:" + std::to_string(other.port()) + "/operators";
    const auto first =
        "machine 127.0.0.1:" + std::to_string(httpd.port()) + " login op password secret\n";
    const auto second =
        "machine 127.0.0.1:" + std::to_string(other.port()) + " login op password other\n";
    const auto same =
        stickyctl({"--login", login_file(first + second), "diff", url("/operators"), other_url});
    BOOST_TEST(same.code == 0, same.output);
    BOOST_TEST(same.output == "");
    const auto refused =
        stickyctl({"--login", login_file(first), "diff", url("/operators"), other_url});
    BOOST_TEST(refused.code == 4);
    BOOST_TEST(refused.says(other_url + " wants a user"));
}

// The proxy of the environment would get the password in clear.
BOOST_FIXTURE_TEST_CASE(to_this_host_no_proxy_is_asked, Login)
{
    auto proxy = start_member("proxy");
    start_with_roles();
    environment.insert(environment.end(),
                       {"no_proxy=", "http_proxy=" + proxy.url(), "all_proxy=" + proxy.url()});
    const auto done = stickyctl({"--login", login_file("op:secret\n"), "drain", "b"});
    BOOST_TEST(done.code == 0, done.output);
    BOOST_TEST(proxy.requests().empty());
}

BOOST_FIXTURE_TEST_CASE(a_certificate_is_verified, Login)
{
    start_with_roles({.tls = true});
    const auto tls_url = "https://127.0.0.1:" + std::to_string(httpd.tls_port()) + "/sticky";
    const auto unknown = stickyctl({"--url", tls_url, "status"});
    BOOST_TEST(unknown.code == 6);
    BOOST_TEST(unknown.says("--cacert"));
    const auto certificate = (httpd.root() / "conf/certificate.pem").string();
    const auto known = stickyctl({"--url", tls_url, "--cacert", certificate, "status"});
    BOOST_TEST(known.code == 0, known.output);
}

BOOST_FIXTURE_TEST_CASE(a_unix_socket_goes_instead_of_the_network, Login)
{
    auto socket = start_member("room", MemberKind::kUnixSocket);
    socket.on(
        "/sticky/api/v1/balancers",
        Answer{.body = R"({"balancers":[{"name":"behind-the-socket","members":[{"name":"m"}]}]})"});
    start();
    const auto path = socket.url().substr(5, socket.url().find('|') - 5);
    environment = {"STICKYCTL_URL="};
    const auto shown = stickyctl({"-s", path, "status"});
    BOOST_TEST(shown.code == 0, shown.output);
    BOOST_TEST(shown.says("behind-the-socket"));
    const auto nobody = stickyctl({"-s", path + "-none", "status"});
    BOOST_TEST(nobody.code == 6);
    BOOST_TEST(nobody.says(path + "-none cannot be reached: No such file"), nobody.output);
}

BOOST_AUTO_TEST_SUITE_END()
