// SPDX-License-Identifier: Apache-2.0
//
// What an administrator has set or added at run time outlives a stop and a start, and the end of every
// process at once; an edited configuration goes over it field by field; and a region that cannot be
// used stands in nobody's way.
// Caught if: a drain, a weight or a member is forgotten by a restart, an edit has no effect, or a
// damaged or foreign file keeps the server from starting.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

using Path = std::filesystem::path;

// A child that is ended at the instant at which a worker closes its connection may crash in httpd's
// own close_worker_sockets().
void wait_for_workers(HttpdInstance &httpd) { httpd.wait_until_idle(std::chrono::seconds(5)); }

struct Kept : Scenario {
    FakeMember a = start_member("a"), b = start_member("b"), c = start_member("c");

    static std::string site(const std::string &of_b = "route=b", const std::string &more = "")
    {
        return more + R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" )" +
               of_b + R"(
                ProxySet growth=4
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )";
    }
    void change(const FakeMember &member, const HttpdInstance::Form &form)
    {
        httpd.balancer_manager("app", member.url(), form);
    }
    void stop()
    {
        wait_for_workers(httpd);
        httpd.stop();
    }
    void add(const FakeMember &member)
    {
        httpd.balancer_manager("app", "", {{"b_wyes", "1"}, {"b_nwrkr", member.url()}});
        change(member, {{"w_status_D", "0"}, {"w_wr", member.name()}});
    }
    void expect_new_clients(const Share &share)
    {
        int count = 0;
        for (const auto &[member, clients] : share)
            count += clients;
        BOOST_TEST((share_of_new_clients(*this, count) == share));
    }
    std::string server_of(const std::string &cookie)
    {
        Browser client = new_browser();
        client.send_raw_cookies("ROUTEID=." + cookie);
        return client.get("/").member;
    }
    Path state_dir() const { return httpd.root() / "run/stickybalancer"; }
    std::vector<Path> state_files() const
    {
        std::vector<Path> files;
        for (const auto &entry : std::filesystem::directory_iterator(state_dir()))
            files.push_back(entry.path());
        return files;
    }
};

struct Way {
    const char *name;
    void (*restart)(HttpdInstance &);
};
std::ostream &operator<<(std::ostream &out, const Way &way) { return out << way.name; }

const Way kWays[] = {{"graceful", [](HttpdInstance &httpd) { httpd.graceful(); }},
                     {"restart",
                      [](HttpdInstance &httpd) {
                          wait_for_workers(httpd);
                          httpd.restart();
                      }},
                     {"stop and start",
                      [](HttpdInstance &httpd) {
                          wait_for_workers(httpd);
                          httpd.stop();
                          httpd.start_again();
                      }},
                     {"killed and started", [](HttpdInstance &httpd) {
                          httpd.kill_all();
                          httpd.start_again();
                      }}};

}  // namespace

BOOST_AUTO_TEST_SUITE(kept_state_test)

BOOST_DATA_TEST_CASE_F(Kept, a_drained_member_stays_drained, kWays, way)
{
    start_httpd(site());
    httpd.drain("app", "b");
    for (int i = 0; i < 2; ++i) {
        way.restart(httpd);
        expect_new_clients({{"a", 6}});
        BOOST_TEST(server_of("b") == "b");
        httpd.log().expect("SB1005");
    }
    httpd.undrain("app", "b");
    way.restart(httpd);
    expect_new_clients({{"a", 3}, {"b", 3}});
}

BOOST_DATA_TEST_CASE_F(Kept, weight_set_and_route_stay, kWays, way)
{
    start_httpd(site());
    change(a, {{"w_lf", "2"}});
    change(b, {{"w_wr", "bee"}});
    way.restart(httpd);
    httpd.log().expect("SB1005");
    expect_new_clients({{"a", 6}, {"b", 3}});
    BOOST_TEST(server_of("bee") == "b");
    change(a, {{"w_ls", "1"}});
    way.restart(httpd);
    expect_new_clients({{"b", 4}});
    BOOST_TEST(server_of("a") == "a");
}

BOOST_DATA_TEST_CASE_F(Kept, a_member_that_was_added_stays, kWays, way)
{
    start_httpd(site());
    add(c);
    expect_new_clients({{"a", 2}, {"b", 2}, {"c", 2}});
    httpd.drain("app", "a");
    for (int i = 0; i < 2; ++i) {
        way.restart(httpd);
        httpd.log().expect("SB1007");
        httpd.log().expect("SB1005");
        expect_new_clients({{"b", 3}, {"c", 3}});
        BOOST_TEST(server_of("c") == "c");
    }
}

BOOST_FIXTURE_TEST_CASE(an_edit_goes_over_what_was_set_field_by_field, Kept)
{
    start_httpd(site());
    change(b, {{"w_lf", "3"}, {"w_status_N", "1"}});
    httpd.rewrite_config(site("route=b loadfactor=2"));
    httpd.log().expect("SB1009");  // the weight
    httpd.log().expect("SB1005");  // the drain
    BOOST_TEST(shown_member(httpd, b.url()).at("loadfactor") == "2.00");
    expect_new_clients({{"a", 4}});
    httpd.undrain("app", "b");
    expect_new_clients({{"a", 2}, {"b", 4}});
}

BOOST_FIXTURE_TEST_CASE(another_order_and_other_members_change_nothing, Kept)
{
    start_httpd(site());
    httpd.drain("app", "b");
    httpd.rewrite_config(R"(
        <Proxy "balancer://first">
            BalancerMember "{a.url}" route=a
            StickyCookie insert name=FIRST
        </Proxy>
        <Proxy "balancer://app">
            BalancerMember "{c.url}" route=c
            BalancerMember "{b.url}" route=b
            BalancerMember "{a.url}" route=a
            ProxySet growth=20
            StickyCookie insert
        </Proxy>
        ProxyPass "/first/" "balancer://first/"
        ProxyPass "/" "balancer://app/"
    )");
    httpd.log().expect("SB1005");
    expect_new_clients({{"a", 3}, {"c", 3}});
    BOOST_TEST(server_of("b") == "b");
}

BOOST_FIXTURE_TEST_CASE(with_off_a_graceful_restart_forgets_nothing_and_a_stop_all, Kept)
{
    start_httpd(site("route=b", "StickyStateDir Off\n"));
    httpd.drain("app", "b");
    httpd.graceful();
    httpd.log().expect("SB1005");
    expect_new_clients({{"a", 4}});
    BOOST_TEST(!std::filesystem::exists(state_dir()));
    stop();
    httpd.start_again();
    expect_new_clients({{"a", 2}, {"b", 2}});
}

BOOST_FIXTURE_TEST_CASE(the_directory_that_was_named_is_used_and_is_nobody_elses, Kept)
{
    start_httpd(site("route=b", "StickyStateDir mine\n"));
    const auto dir = httpd.root() / "run/mine";
    int files = 0;
    for (const auto &entry : std::filesystem::directory_iterator(dir)) {
        ++files;
        const auto others = entry.status().permissions() & std::filesystem::perms(077);
        BOOST_TEST((others == std::filesystem::perms::none));
    }
    BOOST_TEST(files == 1);
    BOOST_TEST(!std::filesystem::exists(state_dir()));
}

struct Damage {
    const char *name;
    void (*apply)(const Path &);
};
std::ostream &operator<<(std::ostream &out, const Damage &damage) { return out << damage.name; }

void write_at(const Path &file, std::streamoff offset, const std::string &bytes)
{
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(offset);
    stream << bytes;
}

const Damage kDamages[] = {
    {"foreign", [](const Path &file) { std::ofstream(file) << "a shopping list"; }},
    {"cut short", [](const Path &file) { std::filesystem::resize_file(file, 4096); }},
    {"no magic", [](const Path &file) { write_at(file, 0, "X"); }},
    {"another version", [](const Path &file) { write_at(file, 8, "\x63"); }},
    {"impossible counts", [](const Path &file) { write_at(file, 24, "\xFF\xFF\xFF\xFF"); }}};

BOOST_DATA_TEST_CASE_F(Kept, a_file_that_cannot_be_used_is_set_aside, kDamages, damage)
{
    start_httpd(site());
    httpd.drain("app", "b");
    stop();
    BOOST_TEST_REQUIRE(state_files().size() == 1u);
    damage.apply(state_files().front());
    httpd.start_again();
    httpd.log().expect("SB1202");
    expect_new_clients({{"a", 2}, {"b", 2}});
    BOOST_TEST(state_files().size() == 2u);
    httpd.graceful();
    expect_new_clients({{"a", 2}, {"b", 2}});
}

// One byte of the record of a member that was added: the others keep theirs.
BOOST_FIXTURE_TEST_CASE(a_damaged_record_is_dropped_alone, Kept)
{
    start_httpd(site());
    add(c);
    httpd.drain("app", "b");
    stop();
    const auto file = state_files().front();
    std::ifstream stream(file, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
    const auto url = bytes.find(c.url());
    BOOST_TEST_REQUIRE(url != std::string::npos);
    write_at(file, static_cast<std::streamoff>(url), "H");
    httpd.start_again();
    httpd.log().expect("SB1205");
    httpd.log().expect("SB1005");
    expect_new_clients({{"a", 4}});
}

BOOST_FIXTURE_TEST_CASE(a_member_that_was_added_needs_room, Kept)
{
    start_httpd(site());
    add(c);
    httpd.rewrite_config(R"(
        <Proxy "balancer://app">
            BalancerMember "{a.url}" route=a
            BalancerMember "{b.url}" route=b
            StickyCookie insert
        </Proxy>
        ProxyPass "/" "balancer://app/"
    )");
    httpd.log().expect("SB1008");
    expect_new_clients({{"a", 2}, {"b", 2}});
}

BOOST_FIXTURE_TEST_CASE(without_a_place_for_it_state_is_in_memory, Kept)
{
    start_httpd(site("route=b", "DefaultRuntimeDir /proc\nPidFile \"{root}/run/httpd.pid\"\n"));
    httpd.log().expect("SB1204");
    httpd.drain("app", "b");
    httpd.graceful();
    httpd.log().expect("SB1005");
    expect_new_clients({{"a", 4}});
}

// httpd says so and does not start.
void check_start(Kept &kept, const std::string &setting, const std::string &id)
{
    kept.start_httpd(Kept::site());
    kept.stop();
    kept.httpd.write_config(Kept::site("route=b", setting));
    BOOST_CHECK_THROW(kept.httpd.start_again(), std::exception);
    kept.httpd.log().expect(id);
    kept.httpd.log().allow("AH00020");  // and that was that
}

BOOST_FIXTURE_TEST_CASE(a_directory_that_cannot_be_made_is_an_error, Kept)
{
    check_start(*this, "StickyStateDir /proc/stickybalancer\n", "SB1203");
}

BOOST_FIXTURE_TEST_CASE(a_link_in_the_place_of_the_file_is_not_followed, Kept)
{
    start_httpd(site());
    stop();
    const auto file = state_files().front();
    std::filesystem::rename(file, httpd.root() / "elsewhere");
    std::filesystem::create_symlink(httpd.root() / "elsewhere", file);
    BOOST_CHECK_THROW(httpd.start_again(), std::exception);
    httpd.log().expect("SB1201");
    httpd.log().allow("AH00020");  // and that was that
}

BOOST_FIXTURE_TEST_CASE(more_processes_than_before_forget_nothing, Kept)
{
    start_httpd(site());
    add(c);
    httpd.drain("app", "b");
    stop();
    httpd.write_config(site("route=b", "ServerLimit 300\n"));
    httpd.start_again();
    httpd.log().expect("SB1011");
    httpd.log().expect("SB1005");
    httpd.log().expect("SB1007");
    expect_new_clients({{"a", 3}, {"c", 3}});
    BOOST_TEST(server_of("b") == "b");
    BOOST_TEST(state_files().size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_copied_for_more_processes_is_left_alone, Kept)
{
    start_httpd(site());
    httpd.drain("app", "b");
    stop();
    auto in_the_way = state_files().front();
    in_the_way += ".new";
    std::filesystem::create_directory(in_the_way);
    httpd.write_config(site("route=b", "ServerLimit 300\n"));
    BOOST_CHECK_THROW(httpd.start_again(), std::exception);
    httpd.log().expect("SB1201");
    httpd.log().allow("AH00020");  // and that was that
    std::filesystem::remove(in_the_way);
    httpd.start_again();
    httpd.log().expect("SB1011");
    httpd.log().expect("SB1005");
    expect_new_clients({{"a", 4}});
}

BOOST_FIXTURE_TEST_CASE(an_empty_file_is_a_new_one, Kept)
{
    start_httpd(site());
    stop();
    std::filesystem::resize_file(state_files().front(), 0);
    httpd.start_again();
    expect_new_clients({{"a", 2}, {"b", 2}});
}

BOOST_AUTO_TEST_SUITE_END()
