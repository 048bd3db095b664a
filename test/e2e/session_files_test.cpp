// SPDX-License-Identifier: Apache-2.0
//
// A table's file that was tampered with costs no more than what was lost, and one that cannot be had is told.
// Caught if: a file that is no table of this balancer is believed, one that was cut short is thrown away, or one
// that cannot be used keeps a running server from going on.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>

#include "test/e2e/kept_sessions.hpp"

using namespace stickybalancer::test;

namespace {

void write_at(const Path &file, std::streamoff offset, const std::string &bytes)
{
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(offset);
    stream << bytes;
}

// Both copies of the head.
void write_heads(const Path &file, std::streamoff offset, const std::string &bytes)
{
    write_at(file, offset, bytes);
    write_at(file, 4096 + offset, bytes);
}

struct Damage {
    const char *name;
    void (*apply)(const Path &);
};
std::ostream &operator<<(std::ostream &out, const Damage &damage) { return out << damage.name; }

const Damage kDamages[] = {
    {"foreign", [](const Path &file) { std::ofstream(file) << "a shopping list"; }},
    {"cut to less than a head", [](const Path &file) { std::filesystem::resize_file(file, 100); }},
    {"no magic", [](const Path &file) { write_heads(file, 0, "X"); }},
    {"another version", [](const Path &file) { write_heads(file, 8, "\x63"); }},
    {"another size", [](const Path &file) { write_heads(file, 24, "\xFF\xFF\xFF"); }}};

}  // namespace

BOOST_AUTO_TEST_SUITE(session_files_test)

// Its file goes in place of the one that was there.
BOOST_DATA_TEST_CASE_F(KeptSessions, what_is_no_table_is_set_aside, kDamages, damage)
{
    start_httpd(site("StickyTable size=1000"));
    learn(7);
    stop();
    damage.apply(table());
    httpd.start_again();
    httpd.log().expect("SB1207");
    check_none_kept();
    BOOST_TEST(tables().size() == 2u);
    known.clear();
    learn(7);
    httpd.graceful();
    check_all_kept();
}

BOOST_FIXTURE_TEST_CASE(one_head_of_two_is_enough, KeptSessions)
{
    start_httpd(site("StickyTable size=1000"));
    learn(7);
    for (const std::streamoff head : {0, 4096}) {
        stop();
        write_at(table(), head, std::string(128, 'X'));
        httpd.start_again();
        check_all_kept();
    }
}

BOOST_FIXTURE_TEST_CASE(a_table_that_is_damaged_while_it_is_used_is_made_anew, KeptSessions)
{
    start_httpd(site("StickyTable size=1000"));
    learn(7);
    write_heads(table(), 0, "X");
    httpd.graceful();
    httpd.log().expect("SB1207");
    known.clear();
    learn(7);
    httpd.graceful();
    check_all_kept();
}

BOOST_FIXTURE_TEST_CASE(another_balancers_table_is_none_of_ours, KeptSessions)
{
    const std::string more = R"(
        <Proxy "balancer://other">
            BalancerMember "{a.url}" route=a
            StickyOn cookie:SID
        </Proxy>
    )";
    start_httpd(site("", more));
    learn(7);
    stop();
    const auto files = tables();
    BOOST_TEST_REQUIRE(files.size() == 2u);
    std::filesystem::rename(files[0], files[0].string() + ".x");
    std::filesystem::rename(files[1], files[0]);
    std::filesystem::rename(files[0].string() + ".x", files[1]);
    httpd.start_again();
    httpd.log().expect_count("SB1207", 2);
    check_none_kept();
}

BOOST_FIXTURE_TEST_CASE(a_file_that_was_cut_short_is_made_whole, KeptSessions)
{
    start_httpd(site("StickyTable size=1000"));
    learn(7);
    stop();
    const auto whole = std::filesystem::file_size(table());
    // half of what a thousand sessions take: the index, and entries, which are taken from the first on
    std::filesystem::resize_file(table(), whole / 2);
    httpd.start_again();
    httpd.log().expect("SB1208: balancer://app: " + table().string() + " was cut short, from " +
                       std::to_string(whole) + " bytes to " + std::to_string(whole / 2));
    BOOST_TEST(std::filesystem::file_size(table()) == whole);
    check_all_kept();
}

BOOST_FIXTURE_TEST_CASE(without_its_file_it_begins_empty, KeptSessions)
{
    start_httpd(site());
    learn(7);
    stop();
    std::filesystem::resize_file(table(), 0);
    httpd.start_again();
    check_none_kept();
    stop();
    std::filesystem::remove(table());
    httpd.start_again();
    learn(7);
}

// httpd says so and does not start: an administrator is there to read it.
BOOST_FIXTURE_TEST_CASE(a_file_that_cannot_be_opened_is_an_error_at_start, KeptSessions)
{
    start_httpd(site());
    learn(7);
    stop();
    const auto file = table();
    const auto elsewhere = httpd.root() / "elsewhere";
    std::filesystem::rename(file, elsewhere);
    std::filesystem::create_symlink(elsewhere, file);
    check_refused_start("SB1206: the table of sessions of balancer://app cannot be used: " +
                        file.string());
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
    check_refused_start("Is a directory");
    std::filesystem::remove(file);
    std::filesystem::rename(elsewhere, file);
    std::filesystem::permissions(file, std::filesystem::perms::others_write,
                                 std::filesystem::perm_options::add);
    check_refused_start("is not a file that only this server's user can write");
    std::filesystem::permissions(file, std::filesystem::perms::others_write,
                                 std::filesystem::perm_options::remove);
    httpd.start_again();
    check_all_kept();
}

BOOST_FIXTURE_TEST_CASE(when_it_restarts_the_server_goes_on_without_a_file, KeptSessions)
{
    start_httpd(site());
    const auto file = table();
    stop();
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
    start_with(site_without_sessions());
    httpd.rewrite_config(site());
    httpd.log().expect("SB1210: balancer://app: " + file.string() + ": Is a directory");
    learn(7);
    httpd.rewrite_config(site("StickyTable size=1000"));
    httpd.log().expect("SB1012");
    check_all_kept();
    BOOST_TEST(httpd.log().count("SB1210") == 1);
    BOOST_TEST(std::filesystem::is_directory(file));
}

BOOST_DATA_TEST_CASE_F(KeptSessions, a_size_that_cannot_be_had_leaves_the_old_one, kEdits, edit)
{
    start_httpd(site("StickyTable size=1000"));
    learn(7);
    const auto in_the_way = table().string() + ".new";
    std::filesystem::create_directory(in_the_way);
    edit.apply(*this, site("StickyTable size=5k"));
    httpd.log().expect(
        "SB1209: balancer://app: the table stays at 1000 sessions, one for 5120 cannot "
        "be made: " +
        in_the_way);
    check_all_kept();
    learn(3);
    std::filesystem::remove(in_the_way);
    httpd.graceful();
    httpd.log().expect("had for 1000; 10 of them are in it again");
    check_all_kept();
}

BOOST_AUTO_TEST_SUITE_END()
