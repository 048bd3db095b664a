// SPDX-License-Identifier: Apache-2.0
//
// The fixture of end-to-end tests: members, httpd, browsers, and the log as oracle.
//
//   BOOST_FIXTURE_TEST_CASE(a_client_comes_back_to_its_member, Scenario)
//   {
//       start_member("a"), start_member("b");
//       start_httpd(R"(
//           <Proxy "balancer://app">
//               BalancerMember "{a.url}" route=a
//               BalancerMember "{b.url}" route=b
//               StickyCookie insert
//           </Proxy>
//           ProxyPass "/" "balancer://app/"
//       )");
//       Browser client = new_browser();
//       const auto member = client.get("/").member;
//       BOOST_TEST(client.get("/").member == member);
//   }
//
// The destructor fails the test for every line of the log at warn or above that it did not name,
// for every child that crashed, and for every sanitizer report.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "test/support/browser.hpp"
#include "test/support/fake_member.hpp"
#include "test/support/h2c_member.hpp"
#include "test/support/httpd_instance.hpp"
#include "test/support/raw_client.hpp"
#include "test/support/websocket_client.hpp"

namespace stickybalancer::test {

class Scenario {
public:
    Scenario() = default;
    ~Scenario();
    Scenario(const Scenario &) = delete;
    Scenario &operator=(const Scenario &) = delete;

    // {name.url}, {name.port} and {name.name} stand for it in configurations from now on.
    FakeMember start_member(const std::string &name, MemberKind kind = MemberKind::kHttp);
    H2cMember &start_h2c_member(const std::string &name);

    void start_httpd(const std::string &text, const HttpdOptions &options = {});
    // A further proxy with the same members, such as the peer of a shared table. Its log is an
    // oracle too.
    HttpdInstance &start_other_httpd(const std::string &text, const HttpdOptions &options = {});

    // To the main httpd, unless the options say otherwise.
    Browser new_browser(BrowserOptions options = {}) const;
    // One that this member serves; the first answer of "/" was the member's.
    Browser new_browser_on(const std::string &member, const BrowserOptions &options = {}) const;
    BrowserOptions options_for(const HttpdInstance &instance, Protocol protocol) const;

    Response balancer_manager(const std::string &balancer, const std::string &member,
                              const HttpdInstance::Form &changes);

    // For tests in which members are down: what mod_proxy says of connections that fail.
    void allow_failed_connections();

    // Ends everything and says what was wrong, once; the destructor does it otherwise.
    std::vector<std::string> finish();

    HttpdInstance httpd;

private:
    void define_member(const std::string &name, const std::string &url, std::uint16_t port);
    std::vector<HttpdInstance *> instances();

    std::map<std::string, std::string> definitions_;
    std::vector<FakeMember> members_;
    std::vector<std::unique_ptr<H2cMember>> h2c_members_;
    std::vector<std::unique_ptr<HttpdInstance>> others_;
    bool finished_ = false;
};

// For preconditions: prefork has no HTTP/2 for clients.
bool has_http2_for_clients();

}  // namespace stickybalancer::test
