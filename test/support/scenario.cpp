// SPDX-License-Identifier: Apache-2.0
#include "test/support/scenario.hpp"

#include <boost/test/results_collector.hpp>
#include <boost/test/unit_test.hpp>

#include <stdexcept>

namespace stickybalancer::test {
namespace {

// Stops one httpd; what was wrong with it.
std::vector<std::string> conclude(HttpdInstance &httpd, bool was_stopped_by_test)
{
    std::vector<std::string> complaints;
    if (!was_stopped_by_test && !httpd.is_running())
        complaints.push_back("httpd ended by itself");
    try {
        httpd.wait_until_idle(std::chrono::seconds(2));
        httpd.stop();
    } catch (const std::exception &error) {
        complaints.push_back(error.what());
    }
    for (const auto &line : httpd.log().unexplained())
        complaints.push_back("unexpected in the error log: " + line);
    if (const auto report = httpd.sanitizer_report(); !report.empty())
        complaints.push_back("a sanitizer says: " + report);
    return complaints;
}

}  // namespace

Scenario::~Scenario()
{
    namespace unit_test = boost::unit_test;
    try {
        for (const auto &complaint : finish())
            BOOST_ERROR(complaint);
        const auto test = unit_test::framework::current_test_case_id();
        if (!unit_test::results_collector.results(test).passed())
            BOOST_TEST_MESSAGE("The error log ends:\n" << httpd.log().tail());
    } catch (const std::exception &error) {
        BOOST_ERROR(error.what());
    }
}

std::vector<HttpdInstance *> Scenario::instances()
{
    std::vector<HttpdInstance *> all = {&httpd};
    for (const auto &other : others_)
        all.push_back(other.get());
    for (const auto &member : h2c_members_)
        all.push_back(&member->httpd());
    return all;
}

// Held requests first, so that httpd can end; members last, so that it misses none of them.
std::vector<std::string> Scenario::finish()
{
    std::vector<std::string> complaints;
    if (std::exchange(finished_, true))
        return complaints;
    for (auto &member : members_)
        member.release_all();
    for (auto *instance : instances()) {
        const auto some = conclude(*instance, instance->pid() == -1);
        complaints.insert(complaints.end(), some.begin(), some.end());
    }
    for (auto &member : members_)
        member.stop();
    return complaints;
}

void Scenario::define_member(const std::string &name, const std::string &url, std::uint16_t port)
{
    definitions_[name + ".name"] = name;
    definitions_[name + ".url"] = url;
    definitions_[name + ".port"] = std::to_string(port);
    for (const auto &[key, value] : definitions_) {
        httpd.define(key, value);
        for (const auto &other : others_)
            other->define(key, value);
    }
}

FakeMember Scenario::start_member(const std::string &name, MemberKind kind)
{
    members_.emplace_back(name, kind, httpd.root());
    define_member(name, members_.back().url(), members_.back().port());
    return members_.back();
}

H2cMember &Scenario::start_h2c_member(const std::string &name)
{
    h2c_members_.push_back(std::make_unique<H2cMember>(name));
    define_member(name, h2c_members_.back()->url(), h2c_members_.back()->port());
    return *h2c_members_.back();
}

void Scenario::start_httpd(const std::string &text, const HttpdOptions &options)
{
    httpd.start(text, options);
}

HttpdInstance &Scenario::start_other_httpd(const std::string &text, const HttpdOptions &options)
{
    others_.push_back(std::make_unique<HttpdInstance>());
    for (const auto &[key, value] : definitions_)
        others_.back()->define(key, value);
    others_.back()->start(text, options);
    return *others_.back();
}

BrowserOptions Scenario::options_for(const HttpdInstance &instance, Protocol protocol) const
{
    const bool tls = protocol == Protocol::kHttp1Tls || protocol == Protocol::kH2Tls;
    BrowserOptions options;
    options.protocol = protocol;
    options.port = tls ? instance.tls_port() : instance.port();
    return options;
}

Browser Scenario::new_browser(BrowserOptions options) const
{
    if (options.port == 0)
        options.port = options_for(httpd, options.protocol).port;
    return Browser(options);
}

Browser Scenario::new_browser_on(const std::string &member, const BrowserOptions &options) const
{
    for (int i = 0; i < 100; ++i) {
        auto browser = new_browser(options);
        if (browser.get("/").member == member)
            return browser;
    }
    throw std::runtime_error("of 100 new clients none was served by " + member);
}

Response Scenario::balancer_manager(const std::string &balancer, const std::string &member,
                                    const HttpdInstance::Form &changes)
{
    return httpd.balancer_manager(balancer, member, changes);
}

void Scenario::allow_failed_connections()
{
    for (const auto *id : {"AH00957",  // attempt to connect to ... failed
                           "AH02454",  // the same for a unix socket
                           "AH00959",  // ... disabling worker
                           "AH01114",  // HTTP: failed to make connection to backend
                           "AH00940",  // ... disabled connection: another request saw it first
                           "SB2101"})  // ... is down
        httpd.log().allow(id);
}

bool has_http2_for_clients() { return tested_mpm() != "prefork"; }

}  // namespace stickybalancer::test
