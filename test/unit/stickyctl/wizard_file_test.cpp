// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/wizard_file.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "mod_stickybalancer/stickyctl/failure.hpp"
#include "mod_stickybalancer/stickyctl/wizard_check.hpp"

using namespace stickybalancer::stickyctl;
namespace fs = std::filesystem;

namespace {

struct Place {
    Place()
    {
        BOOST_REQUIRE(::mkdtemp(path.data()));
        file = path + "/available/x.conf";
        link = path + "/enabled/x.conf";
        fs::create_directories(path + "/available");
        fs::create_directories(path + "/enabled");
    }
    ~Place() { fs::remove_all(path); }

    static std::string text_in(const std::string &name)
    {
        std::ifstream file(name);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    std::string path = "/tmp/stickyctl-test-XXXXXX";
    std::string file, link;
};

// All numbers below 9 are taken while it is there.
struct NumbersTaken {
    NumbersTaken()
    {
        for (int number = 0; number < 9;) {
            number = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
            if (number < 9)
                taken.push_back(number);
            else
                ::close(number);
        }
    }
    ~NumbersTaken()
    {
        for (const int number : taken)
            ::close(number);
    }
    std::vector<int> taken;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(wizard_file_test, Place)

BOOST_AUTO_TEST_CASE(a_link_stays_and_what_it_leads_to_is_written)
{
    std::ofstream(file) << "old";
    fs::create_symlink("../available/x.conf", link);
    write_whole_file(link, "new");
    BOOST_TEST(fs::is_symlink(link));
    BOOST_TEST(text_in(file) == "new");
    fs::remove(file);
    write_whole_file(link, "first");
    BOOST_TEST(fs::is_symlink(link));
    BOOST_TEST(text_in(file) == "first");
    const fs::directory_iterator enabled(path + "/enabled");
    BOOST_TEST(std::distance(enabled, fs::directory_iterator()) == 1);
}

BOOST_AUTO_TEST_CASE(links_in_a_circle_are_refused)
{
    fs::create_symlink(link, file);
    fs::create_symlink(file, link);
    BOOST_TEST(!file_behind_links(link));
    BOOST_CHECK_THROW(write_whole_file(link, "x"), Failure);
}

BOOST_AUTO_TEST_CASE(permissions_owner_and_group_stay)
{
    std::ofstream(file) << "old";
    // Who is not root has one group only to choose, it may be.
    const bool is_root = ::geteuid() == 0;
    if (is_root)
        BOOST_REQUIRE(::chown(file.c_str(), 12, 34) == 0);
    BOOST_REQUIRE(::chmod(file.c_str(), 0640) == 0);
    struct stat before {
    }, after{};
    ::stat(file.c_str(), &before);
    write_whole_file(file, "new");
    ::stat(file.c_str(), &after);
    BOOST_TEST((after.st_mode & 07777) == 0640u);
    BOOST_TEST(after.st_uid == before.st_uid);
    BOOST_TEST(after.st_gid == before.st_gid);
    BOOST_TEST(after.st_ino != before.st_ino);
}

BOOST_AUTO_TEST_CASE(httpd_gets_the_text_whatever_numbers_files_have)
{
    const auto httpd = path + "/httpd";
    std::ofstream(httpd) << "#!/bin/sh\nexec cat \"$3\"\n";
    fs::permissions(httpd, fs::perms::owner_all);
    BOOST_TEST(test_configuration(httpd, "a text", "name").words == "a text");
    const NumbersTaken below_nine;
    const auto verdict = test_configuration(httpd, "a text", "name");
    BOOST_TEST(verdict.is_good);
    BOOST_TEST(verdict.words == "a text");
}

BOOST_AUTO_TEST_SUITE_END()
