// SPDX-License-Identifier: Apache-2.0
//
// Damaged sessions in a table's file are dropped, counted and said in the log; the others are kept.
// Caught if: a damaged session is believed, a good one is lost with it, or nobody is told.
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

#include "test/e2e/session_steps.hpp"

using namespace stickybalancer::test;

namespace {

std::filesystem::path table_of(const HttpdInstance &httpd)
{
    for (const auto &entry :
         std::filesystem::directory_iterator(httpd.root() / "run/stickybalancer"))
        if (entry.path().filename().string().starts_with("table-"))
            return entry.path();
    throw std::runtime_error("there is no table");
}

// core/stick_table/LAYOUT.md: the file ends with the entries, one more than sessions, 64 bytes each: the digest of a session at 8, its
// member at 24, which is 0 where it is free. Every second session gets another digest.
int damage_every_second_session(const std::filesystem::path &path, std::size_t session_count)
{
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const auto size = std::filesystem::file_size(path);
    int seen = 0, damaged = 0;
    for (std::size_t i = 1; i <= session_count; ++i) {
        std::string entry(64, '\0');
        const auto at = static_cast<std::streamoff>(size - 64 * i);
        file.seekg(at).read(entry.data(), 64);
        const bool is_free = entry.compare(24, 8, std::string(8, '\0')) == 0;
        if (is_free || ++seen % 2 != 0)
            continue;
        for (std::size_t byte = 8; byte < 24; ++byte)
            entry[byte] = static_cast<char>(entry[byte] ^ 0x55);
        file.seekp(at).write(entry.data(), 64);
        ++damaged;
    }
    return damaged;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(session_damage_test)

BOOST_FIXTURE_TEST_CASE(damaged_sessions_are_dropped_and_the_others_kept, SessionScenario)
{
    start("StickyOn cookie:JSESSIONID learn=response\nStickyTable size=64");
    std::vector<std::string> ids;
    for (int i = 0; i < 12; ++i)
        ids.push_back(log_in());
    BOOST_TEST(count("Sessions") == 12);
    httpd.wait_until_idle(std::chrono::seconds(5));
    httpd.stop();
    BOOST_TEST(damage_every_second_session(table_of(httpd), 64 + 1) == 6);
    httpd.start_again();
    httpd.log().expect("SB3103: balancer://app: 6 damaged");
    BOOST_TEST(count("Sessions.damaged") == 6);
    BOOST_TEST(count("Sessions") == 6);
    int kept = 0;
    for (const auto &id : ids)
        kept += is_kept(cookie(id), member_of(id));
    BOOST_TEST(kept == 6);
}

BOOST_AUTO_TEST_SUITE_END()
