// SPDX-License-Identifier: Apache-2.0
//
// Graceful restarts under load: no request fails, nobody is moved, and nothing is left behind.
// Caught if: two generations disagree on a client's member, a request falls between them, or a
// restart leaks a descriptor, a mapping or a segment of shared memory.
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

const std::string kSite = R"(
    <Proxy "balancer://app">
        BalancerMember "{a.url}" route=a
        BalancerMember "{b.url}" route=b
        ProxySet growth=2
        StickyCookie insert
    </Proxy>
    ProxyPass "/" "balancer://app/"
)";

// What httpd's parent holds of the system.
struct Holdings {
    int descriptors = 0, shared_mappings = 0, modules = 0, segments = 0;

    explicit Holdings(pid_t pid)
    {
        const auto process = std::filesystem::path("/proc") / std::to_string(pid);
        for ([[maybe_unused]] const auto &fd : std::filesystem::directory_iterator(process / "fd"))
            ++descriptors;
        std::ifstream maps(process / "maps");
        for (std::string line; std::getline(maps, line);) {
            std::istringstream fields(line);
            std::string range, permissions;
            fields >> range >> permissions;
            shared_mappings += permissions.back() == 's';
            modules += line.find("mod_stickybalancer") != std::string::npos;
        }
        std::ifstream all("/proc/sysvipc/shm");
        for (std::string line; std::getline(all, line);) {
            std::istringstream fields(line);
            std::string key, id, permissions, size, creator;
            fields >> key >> id >> permissions >> size >> creator;
            segments += creator == std::to_string(pid);
        }
    }
    bool operator==(const Holdings &) const = default;
};

std::ostream &operator<<(std::ostream &out, const Holdings &holdings)
{
    return out << holdings.descriptors << " descriptors, " << holdings.shared_mappings
               << " shared mappings, " << holdings.modules << " of the module, "
               << holdings.segments << " segments";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(graceful_under_load_test)

BOOST_FIXTURE_TEST_CASE(five_gracefuls_fail_no_request_and_move_nobody, Scenario)
{
    start_member("a"), start_member("b");
    start_httpd(kSite);
    std::atomic<bool> over = false;
    std::atomic<int> served = 0, failed = 0, moved = 0;
    const auto browse = [&](std::string member, Browser client) {
        while (!over) {
            client.disconnect();
            const auto answer = client.get("/");
            ++served;
            failed += answer.status != 200;
            moved +=
                answer.status == 200 && (answer.member != member || !answer.set_cookies().empty());
        }
    };
    std::vector<std::thread> threads;
    for (const auto *member : {"a", "b", "a", "b"})
        threads.emplace_back(browse, member, new_browser_on(member));
    for (int i = 0; i < 5; ++i) {
        httpd.graceful();
        const int before = served;
        BOOST_TEST(
            wait_until(within(std::chrono::seconds(10)), [&] { return served > before + 4; }));
    }
    over = true;
    for (auto &thread : threads)
        thread.join();
    BOOST_TEST(failed == 0);
    BOOST_TEST(moved == 0);
}

BOOST_FIXTURE_TEST_CASE(ten_gracefuls_leave_nothing_behind, Scenario)
{
    start_member("a"), start_member("b");
    start_httpd(kSite);
    // httpd itself grows a little at its first restarts.
    for (int i = 0; i < 2; ++i)
        httpd.graceful();
    const Holdings before(httpd.pid());
    for (int i = 0; i < 10; ++i) {
        httpd.graceful();
        BOOST_TEST(new_browser().get("/").status == 200);
        httpd.drain("app", i % 2 ? "a" : "b");
        httpd.undrain("app", i % 2 ? "a" : "b");
    }
    BOOST_TEST(Holdings(httpd.pid()) == before);
}

BOOST_AUTO_TEST_SUITE_END()
