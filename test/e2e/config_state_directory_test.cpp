// SPDX-License-Identifier: Apache-2.0
//
// StickyStateDir: what `httpd -t` says of the directory, and where the directive may stand.
// Caught if: a directory that others can write is accepted, or a path means another place than the
// runtime directory's.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include "test/support/scenario.hpp"

using namespace stickybalancer::test;

namespace {

const std::string kBalancer =
    "<Proxy \"balancer://app\">\nBalancerMember \"http://127.0.0.1:13001\" route=a\n"
    "StickyCookie insert\n</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n";

struct StateDirectory : Scenario {
    const std::filesystem::path run = httpd.root() / "run";

    void make_directory(const char *name, ::mode_t mode) const
    {
        std::filesystem::create_directories(run / name);
        ::chmod((run / name).c_str(), mode);
    }
    void check_refused(const std::string &line, const std::vector<std::string> &says)
    {
        const auto result = httpd.config_test(kBalancer + line + '\n');
        BOOST_TEST(!result.accepted(), line << '\n' << result.output);
        for (const auto &text : says)
            BOOST_TEST(result.says(text), "'" << text << "' is not in:\n" << result.output);
    }
    void check_accepted(const std::string &line)
    {
        const auto result = httpd.config_test(kBalancer + line + '\n');
        BOOST_TEST(result.accepted(), line << '\n' << result.output);
        BOOST_TEST(!result.says("SB1"), result.output);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(config_state_directory_test)

BOOST_FIXTURE_TEST_CASE(a_directory_of_its_owners_or_none_yet_is_right, StateDirectory)
{
    make_directory("own", 0755);
    make_directory("private", 0700);
    for (const std::string line :
         {"", "StickyStateDir Off", "stickystatedir off", "StickyStateDir own",
          "StickyStateDir private", "StickyStateDir not-yet", "StickyStateDir \"not yet\"",
          "StickyStateDir not/yet", "StickyStateDir \"{root}/run/own\""})
        check_accepted(line);
}

BOOST_FIXTURE_TEST_CASE(what_is_no_directory_is_refused, StateDirectory)
{
    write_file(run / "file", "");
    const std::vector<std::string> says = {
        "line 6 of", "StickyStateDir: ", (run / "file").string() + " is not a directory", "Off"};
    check_refused("StickyStateDir file", says);
    check_refused("StickyStateDir \"" + (run / "file").string() + '"', says);
    check_refused("StickyStateDir file/below", {"line 6 of", "run/file/below cannot be used"});
    check_refused("StickyStateDir", {"line 6 of", "'' is not a path"});
    check_refused("StickyStateDir \"\"", {"line 6 of", "'' is not a path"});
    check_refused("StickyStateDir one two", {"'two' is one word too many"});
}

BOOST_FIXTURE_TEST_CASE(a_directory_that_others_can_write_is_refused, StateDirectory)
{
    for (const ::mode_t mode : {0777, 01777, 0702, 0770, 0720}) {
        make_directory("open", mode);
        check_refused(
            "StickyStateDir open",
            {"line 6 of", "run/open is open to others: only its owner may write it", "chmod go-w"});
    }
    std::filesystem::create_directory_symlink(run / "open", run / "link");
    check_refused("StickyStateDir link", {"run/link is open to others"});
}

BOOST_FIXTURE_TEST_CASE(the_default_is_looked_at_too, StateDirectory)
{
    make_directory("stickybalancer", 0777);
    check_refused("", {"SB1123", "run/stickybalancer is open to others", "default"});
    check_accepted("StickyStateDir Off");
    check_accepted("StickyStateDir elsewhere");
    make_directory("stickybalancer", 0755);
    check_accepted("");
    // where no balancer is ours nothing is kept
    make_directory("stickybalancer", 0777);
    BOOST_TEST(httpd.config_test("ProxyPass \"/\" \"http://127.0.0.1:13001/\"\n").accepted());
}

BOOST_FIXTURE_TEST_CASE(the_last_line_counts, StateDirectory)
{
    make_directory("own", 0755);
    check_accepted("StickyStateDir own\nStickyStateDir Off");
}

BOOST_FIXTURE_TEST_CASE(it_is_the_whole_servers, StateDirectory)
{
    for (const std::string section : {"VirtualHost 127.0.0.1:1", "Proxy \"balancer://app\"",
                                      "Location \"/\"", "Directory \"/\""}) {
        const auto name = section.substr(0, section.find(' '));
        check_refused('<' + section + ">\nStickyStateDir Off\n</" + name + '>',
                      {"line 7 of", "StickyStateDir", name});
    }
}

BOOST_AUTO_TEST_SUITE_END()
