// SPDX-License-Identifier: Apache-2.0
//
// Clients with sessions that were learned before something happened to the server or to its files.
#pragma once

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "test/e2e/steps.hpp"
#include "test/support/wait.hpp"

namespace stickybalancer::test {

using Path = std::filesystem::path;

struct KeptSessions : Scenario {
    FakeMember a = start_member("a"), b = start_member("b"), c = start_member("c");
    // Session ids, and the members that they were learned at.
    std::map<std::string, std::string> known;

    static std::string site(const std::string &lines = "", const std::string &more = "")
    {
        return more + R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" route=b
                BalancerMember "{c.url}" route=c
                StickyOn cookie:SID
                )" +
               lines +
               R"(
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )";
    }
    static std::string site_without_sessions()
    {
        return R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                StickyBalancer On
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )";
    }

    std::string member_of(const std::string &id) const
    {
        Browser client = new_browser();
        client.send_raw_cookies("SID=" + id);
        return client.get("/").member;
    }
    void learn(int count)
    {
        for (int i = 0; i < count; ++i) {
            const auto id = "s" + std::to_string(known.size());
            known[id] = member_of(id);
        }
    }
    // A proxy that had forgotten them would place them in turn, as new clients.
    int count_of_kept() const
    {
        int count = 0;
        for (auto last = known.rbegin(); last != known.rend(); ++last)
            count += member_of(last->first) == last->second;
        return count;
    }
    void check_all_kept(const std::string &when = "")
    {
        BOOST_TEST(count_of_kept() == static_cast<int>(known.size()), when);
    }
    // The ids are looked up from the last to the first: of seven, three meet their members by chance.
    void check_none_kept() { BOOST_TEST(count_of_kept() < static_cast<int>(known.size())); }

    void stop()
    {
        httpd.wait_until_idle(std::chrono::seconds(5));
        httpd.stop();
    }
    void start_with(const std::string &text)
    {
        httpd.write_config(text);
        httpd.start_again();
    }
    void check_refused_start(const std::string &id)
    {
        BOOST_CHECK_THROW(httpd.start_again(), std::exception);
        httpd.log().expect(id);
        httpd.log().allow("AH00020");  // and that was that
    }
    Path state_dir() const { return httpd.root() / "run/stickybalancer"; }
    std::vector<Path> tables() const
    {
        std::vector<Path> files;
        for (const auto &entry : std::filesystem::directory_iterator(state_dir()))
            if (entry.path().filename().string().starts_with("table-"))
                files.push_back(entry.path());
        return files;
    }
    Path table()
    {
        BOOST_TEST_REQUIRE(tables().size() == 1u);
        return tables().front();
    }
};

// The two ways in which an edited configuration comes to count.
struct Edit {
    const char *name;
    void (*apply)(KeptSessions &, const std::string &);
};
inline std::ostream &operator<<(std::ostream &out, const Edit &edit) { return out << edit.name; }

inline const Edit kEdits[] = {
    {"graceful",
     [](KeptSessions &kept, const std::string &text) { kept.httpd.rewrite_config(text); }},
    {"stop and start", [](KeptSessions &kept, const std::string &text) {
         kept.stop();
         kept.start_with(text);
     }}};

}  // namespace stickybalancer::test
