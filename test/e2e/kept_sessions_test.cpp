// SPDX-License-Identifier: Apache-2.0
//
// The table of sessions outlives a stop and a start, the end of every process at once, restarts, another size
// and an edited configuration; a file that was tampered with costs no more than what was lost, and one
// that cannot be had is told.
// Caught if: a client with a session is placed anew after a restart, sessions are lost with a member's place
// or with size=, or a file that cannot be used keeps a running server from going on.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "test/e2e/steps.hpp"
#include "test/support/wait.hpp"

using namespace stickybalancer::test;

namespace {

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

struct Way {
    const char *name;
    void (*restart)(KeptSessions &);
};
std::ostream &operator<<(std::ostream &out, const Way &way) { return out << way.name; }

const Way kWays[] = {{"graceful", [](KeptSessions &kept) { kept.httpd.graceful(); }},
                     {"restart",
                      [](KeptSessions &kept) {
                          kept.httpd.wait_until_idle(std::chrono::seconds(5));
                          kept.httpd.restart();
                      }},
                     {"stop and start",
                      [](KeptSessions &kept) {
                          kept.stop();
                          kept.httpd.start_again();
                      }},
                     {"killed and started", [](KeptSessions &kept) {
                          kept.httpd.kill_all();
                          kept.httpd.start_again();
                      }}};

// The two ways in which an edited configuration comes to count.
struct Edit {
    const char *name;
    void (*apply)(KeptSessions &, const std::string &);
};
std::ostream &operator<<(std::ostream &out, const Edit &edit) { return out << edit.name; }

const Edit kEdits[] = {
    {"graceful",
     [](KeptSessions &kept, const std::string &text) { kept.httpd.rewrite_config(text); }},
    {"stop and start", [](KeptSessions &kept, const std::string &text) {
         kept.stop();
         kept.start_with(text);
     }}};

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

BOOST_AUTO_TEST_SUITE(kept_sessions_test)

BOOST_DATA_TEST_CASE_F(KeptSessions, sessions_outlive_every_way_to_start_anew, kWays, way)
{
    start_httpd(site());
    learn(7);
    for (int i = 0; i < 3; ++i) {
        way.restart(*this);
        check_all_kept();
        learn(2);
    }
}

// In another order, with others, and at other places.
BOOST_DATA_TEST_CASE_F(KeptSessions, sessions_know_their_members_by_identity, kEdits, edit)
{
    start_member("d");
    start_httpd(site());
    learn(7);
    edit.apply(*this, R"(
        <Proxy "balancer://first">
            BalancerMember "{d.url}" route=d
            StickyOn cookie:SID
        </Proxy>
        <Proxy "balancer://app">
            BalancerMember "{d.url}" route=d
            BalancerMember "{c.url}" route=c3
            BalancerMember "{b.url}" route=b2
            BalancerMember "{a.url}" route=a1
            ProxySet growth=20
            StickyOn cookie:SID
        </Proxy>
        ProxyPass "/first/" "balancer://first/"
        ProxyPass "/" "balancer://app/"
    )");
    check_all_kept();
    BOOST_TEST(tables().size() == 2u);
}

BOOST_FIXTURE_TEST_CASE(the_file_is_one_of_the_directory_and_nobody_elses, KeptSessions)
{
    start_httpd(site("StickyTable size=1000", "StickyStateDir mine\n"));
    BOOST_TEST(!std::filesystem::exists(state_dir()));
    std::vector<std::string> names;
    for (const auto &entry : std::filesystem::directory_iterator(httpd.root() / "run/mine")) {
        names.push_back(entry.path().filename().string().substr(0, 6));
        const auto others = entry.status().permissions() & std::filesystem::perms(077);
        BOOST_TEST((others == std::filesystem::perms::none));
    }
    std::sort(names.begin(), names.end());
    BOOST_TEST((names == std::vector<std::string>{"region", "table-"}));
}

BOOST_FIXTURE_TEST_CASE(where_nothing_is_learned_there_is_no_file, KeptSessions)
{
    start_httpd(site_without_sessions());
    BOOST_TEST(tables().empty());
}

BOOST_FIXTURE_TEST_CASE(with_off_a_restart_forgets_nothing_and_a_stop_all, KeptSessions)
{
    start_httpd(site("", "StickyStateDir Off\n"));
    learn(7);
    httpd.graceful();
    check_all_kept();
    httpd.rewrite_config(site("StickyTable size=300", "StickyStateDir Off\n"));
    httpd.log().expect("SB1012");
    check_all_kept();
    BOOST_TEST(!std::filesystem::exists(state_dir()));
    stop();
    httpd.start_again();
    check_none_kept();
}

BOOST_FIXTURE_TEST_CASE(a_balancer_that_comes_back_finds_its_sessions, KeptSessions)
{
    start_httpd(site());
    learn(7);
    httpd.rewrite_config(site_without_sessions());
    httpd.rewrite_config(site());
    check_all_kept();
    stop();
    start_with(site_without_sessions());
    stop();
    start_with(site());
    check_all_kept();
}

BOOST_DATA_TEST_CASE_F(KeptSessions, another_size_keeps_them, kEdits, edit)
{
    start_httpd(site("StickyTable size=1000"));
    learn(7);
    const auto before = std::filesystem::file_size(table());
    edit.apply(*this, site("StickyTable size=5k"));
    httpd.log().expect(
        "SB1012: balancer://app: the table of sessions has room for 5120 now, and had "
        "for 1000; 7 of them are in it again, 0 found no room");
    BOOST_TEST(std::filesystem::file_size(table()) > 4 * before);
    check_all_kept();
    learn(3);
    edit.apply(*this, site("StickyTable size=1000"));
    httpd.log().expect("had for 5120; 10 of them are in it again, 0 found no room");
    BOOST_TEST(std::filesystem::file_size(table()) == before);
    check_all_kept();
    // not once more
    httpd.graceful();
    BOOST_TEST(httpd.log().count("SB1012") == 2);
    check_all_kept();
}

BOOST_FIXTURE_TEST_CASE(a_size_that_is_too_small_keeps_as_many_as_it_can, KeptSessions)
{
    start_httpd(site("StickyTable size=1000"));
    learn(40);
    httpd.rewrite_config(site("StickyTable size=16"));
    httpd.log().expect("had for 1000; 16 of them are in it again, 24 found no room");
}

// What children of the generation before learn after the copy is known, too.
BOOST_FIXTURE_TEST_CASE(while_two_generations_serve_nothing_is_lost, KeptSessions)
{
    start_httpd(site("StickyTable size=1000"));
    for (auto &member : {&a, &b, &c})
        member->hold("/slow");
    Browser client = new_browser();
    client.send_raw_cookies("SID=late");
    auto answer = client.start_get("/slow");
    const auto held = [this] {
        return a.wait_held("/slow", 1, std::chrono::seconds(0))   ? "a"
               : b.wait_held("/slow", 1, std::chrono::seconds(0)) ? "b"
               : c.wait_held("/slow", 1, std::chrono::seconds(0)) ? "c"
                                                                  : "";
    };
    BOOST_TEST_REQUIRE(
        wait_until(within(std::chrono::seconds(10)), [&] { return *held() != '\0'; }));
    known["late"] = held();
    httpd.rewrite_config(site("StickyTable size=2000"));
    httpd.log().expect("SB1012");
    for (auto &member : {&a, &b, &c})
        member->release("/slow");
    BOOST_TEST(answer.wait().member == known["late"]);
    for (int i = 0; i < 4; ++i)
        check_all_kept();
}

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

// Entries begin behind two heads, the head of the one shard and its 79 lines of index.
BOOST_FIXTURE_TEST_CASE(a_damaged_session_is_dropped_alone, KeptSessions)
{
    start_httpd(site("StickyTable size=1000"));
    learn(7);
    stop();
    write_at(table(), 2 * 4096 + 128 + 79 * 64 + 2 * 64 + 20, "\xFF\xFF");
    httpd.start_again();
    httpd.log().expect("SB3103: balancer://app: 1 damaged");
    BOOST_TEST(count_of_kept() >= 6);
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
