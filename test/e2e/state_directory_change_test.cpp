// SPDX-License-Identifier: Apache-2.0
//
// StickyStateDir that is edited: the old directory is used until the server is stopped and started, a
// restart says so, and what is kept goes along with its file.
// Caught if: a restart forgets what was set, uses the new directory already, or says nothing, or speaks
// of a change where there was none.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <filesystem>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

using Path = std::filesystem::path;

struct Moved : Scenario {
    FakeMember a = start_member("a"), b = start_member("b");

    static std::string site(const std::string &line)
    {
        return line + R"(
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                BalancerMember "{b.url}" route=b
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )";
    }
    void start_drained(const std::string &line)
    {
        start_httpd(site(line));
        httpd.drain("app", "b");
    }
    bool is_drained() { return share_of_new_clients(*this, 4) == Share{{"a", 4}}; }
    void stop_and_start(const std::string &line)
    {
        httpd.wait_until_idle(std::chrono::seconds(5));
        httpd.stop();
        httpd.write_config(site(line));
        httpd.start_again();
    }
    Path run(const std::string &name) const { return httpd.root() / "run" / name; }
};

struct Edit {
    std::string before, after;
    std::string says_now, says_before;  // of the paths, what is below the run directory; or Off
};
std::ostream &operator<<(std::ostream &out, const Edit &edit)
{
    return out << '\'' << edit.before << "' to '" << edit.after << '\'';
}

const std::string kDefault = "/run/stickybalancer";
const Edit kEdits[] = {{"", "StickyStateDir new\n", "/run/new", kDefault},
                       {"StickyStateDir new\n", "", kDefault, "/run/new"},
                       {"StickyStateDir Off\n", "StickyStateDir new\n", "/run/new", "Off"},
                       {"StickyStateDir new\n", "StickyStateDir Off\n", "Off", "/run/new"}};

const std::string kUnchanged[] = {"", "StickyStateDir Off\n", "StickyStateDir new\n"};

}  // namespace

BOOST_AUTO_TEST_SUITE(state_directory_change_test)

BOOST_DATA_TEST_CASE_F(Moved, a_restart_says_that_the_old_one_counts, kEdits, edit)
{
    const auto path = [this](const std::string &shown) {
        return shown == "Off" ? shown : httpd.root().string() + shown;
    };
    start_drained(edit.before);
    httpd.rewrite_config(site(edit.after));
    httpd.log().expect("SB1010: StickyStateDir is " + path(edit.says_now) + " now and was " +
                       path(edit.says_before) + " when the server started");
    BOOST_TEST(is_drained());
    if (edit.says_now != "Off")
        BOOST_TEST(!std::filesystem::exists(path(edit.says_now)));
    httpd.rewrite_config(site(edit.before));
    BOOST_TEST(httpd.log().count("SB1010") == 1);
}

BOOST_DATA_TEST_CASE_F(Moved, an_unchanged_one_is_not_spoken_of, kUnchanged, line)
{
    start_drained(line);
    httpd.graceful();
    stop_and_start(line);
    httpd.graceful();
    BOOST_TEST(!httpd.log().has("SB1010"));
}

BOOST_FIXTURE_TEST_CASE(the_new_one_counts_after_stop_and_start, Moved)
{
    start_drained("");
    stop_and_start("StickyStateDir new\n");
    BOOST_TEST(!is_drained());
    httpd.graceful();
    BOOST_TEST(!httpd.log().has("SB1010"));
    BOOST_TEST(std::filesystem::exists(run("new")));
}

BOOST_FIXTURE_TEST_CASE(what_is_kept_goes_along_with_its_file, Moved)
{
    start_drained("");
    httpd.wait_until_idle(std::chrono::seconds(5));
    httpd.stop();
    std::filesystem::rename(run("stickybalancer"), run("new"));
    httpd.write_config(site("StickyStateDir new\n"));
    httpd.start_again();
    BOOST_TEST(is_drained());
}

BOOST_AUTO_TEST_SUITE_END()
