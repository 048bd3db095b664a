// SPDX-License-Identifier: Apache-2.0
//
// StickyKey: the file of keys is checked by `httpd -t`, and each host may have its own.
// Caught if: a weak, doubled or readable key is accepted, a message does not say where the mistake
// is, or it repeats the key.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <regex>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

using std::filesystem::perms;

const std::string kHex1 = "8f14e45fceea167a5a36dedd4bea2543c9f0f895fb98ab9159f51fd0297e236d";
const std::string kHex2 = "45c48cce2e2d7fbdea1afc51c7c6ad26d3d9446802a44259755d38e6d163e820";
const std::string kUpper = "45C48CCE2E2D7FBDEA1AFC51C7C6AD26D3D9446802A44259755D38E6D163E820";
const std::string kGood = "one:" + kHex1 + '\n';

std::string many_keys(int count)
{
    std::string text;
    for (int i = 0; i < count; ++i)
        text += "key" + std::to_string(i) + ':' + kHex1 + '\n';
    return text;
}

struct File {
    const char *what;
    std::string text;
    int line = 0;         // of the mistake; 0: of the file as a whole, -1: there is none
    std::string id = {};  // that the message names
};
std::ostream &operator<<(std::ostream &out, const File &file) { return out << file.what; }

const std::vector<File> kFiles = {
    {"one key", kGood, -1},
    {"two", kGood + "two:" + kHex2 + '\n', -1},
    {"sixteen", many_keys(16), -1},
    {"no line end at the end", "one:" + kHex1, -1},
    {"lines that end as Windows ends them", "one:" + kHex1 + "\r\n\r\ntwo:" + kHex2 + "\r\n", -1},
    {"comments and empty lines", "# keys\n\n" + kGood + "\n# old: " + kHex2 + "\n#\n", -1},
    {"letters of either case", "One_1.a-b:" + kUpper + '\n', -1},
    {"an id of 32", std::string(32, 'i') + ':' + kHex1 + '\n', -1},

    {"nothing", "", 0},
    {"only comments", "# one:" + kHex1 + "\n\n", 0},
    {"seventeen", many_keys(17), 0},
    {"an id twice", kGood + "\none:" + kHex2 + '\n', 3, "one"},
    {"a short key", kGood + "two:" + kHex2.substr(2) + '\n', 2, "two"},
    {"half a byte short", "# keys\n" + kGood + "two:" + kHex2.substr(1) + '\n', 3, "two"},
    {"a long key", kGood + "two:" + kHex2 + "00\n", 2, "two"},
    {"no key", kGood + "two:\n", 2, "two"},
    {"no hexadecimal key", kGood + "two:" + kHex2.substr(1) + "g\n", 2, "two"},
    {"words behind the key", kGood + "two:" + kHex2 + " # new\n", 2, "two"},
    {"no colon", kGood + "\n" + kHex2 + '\n', 3},
    {"no id", kGood + ':' + kHex2 + '\n', 2},
    {"an id of 33", kGood + std::string(33, 'i') + ':' + kHex2 + '\n', 2},
    {"an id with a space", kGood + "t wo:" + kHex2 + '\n', 2},
    {"key and id confused", kGood + kHex2 + ":two\n", 2},
};

const std::string kBalancer =
    "<Proxy \"balancer://app\">\n"
    "BalancerMember \"http://127.0.0.1:13001\" route=a\n"
    "StickyCookie insert seal=signed\n"
    "</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n";
// So that its own line is no key's line.
const std::string kSite = kBalancer + "\n\n\nStickyKey conf/sticky.key\n";

struct KeyFile : Scenario {
    const std::filesystem::path path = httpd.root() / "conf/sticky.key";

    // Not accepted, and no part of a key is repeated.
    void check_refused(const std::string &site = kSite)
    {
        const auto result = httpd.config_test(site);
        BOOST_TEST(!result.accepted(), result.output);
        BOOST_TEST(result.says("sticky.key"), result.output);
        for (const auto &secret : {kHex1, kHex2})
            for (std::size_t at = 0; at + 8 <= secret.size(); at += 4)
                BOOST_TEST(!result.says(secret.substr(at, 8)), result.output);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(sticky_key_file_test)

BOOST_DATA_TEST_CASE_F(KeyFile, a_file_is_right_or_refused, boost::unit_test::data::make(kFiles))
{
    write_private_file(path, sample.text);
    const auto result = httpd.config_test(kSite);
    if (sample.line < 0) {
        BOOST_TEST(result.accepted(), result.output);
        BOOST_TEST(!result.says("SB1"), result.output);
        return;
    }
    check_refused();
    BOOST_TEST(result.says(sample.id), result.output);
    if (sample.line > 0) {
        const std::regex line("(line |sticky\\.key:)" + std::to_string(sample.line) + "\\b");
        BOOST_TEST(std::regex_search(result.output, line), result.output);
    }
}

BOOST_FIXTURE_TEST_CASE(only_its_owner_may_write_it_and_its_group_read_it, KeyFile)
{
    write_private_file(path, kGood);
    for (const unsigned mode : {0600u, 0400u, 0640u, 0440u}) {
        std::filesystem::permissions(path, perms{mode});
        BOOST_TEST(httpd.config_test(kSite).accepted(), mode);
    }
    for (const unsigned mode : {0604u, 0644u, 0620u, 0660u, 0602u, 0606u, 0666u, 0777u}) {
        std::filesystem::permissions(path, perms{mode});
        check_refused();
    }
}

BOOST_FIXTURE_TEST_CASE(it_is_a_file, KeyFile)
{
    check_refused();
    std::filesystem::create_directory(path);
    std::filesystem::permissions(path, perms::owner_all);
    check_refused();
    std::filesystem::remove(path);
    BOOST_REQUIRE(::mkfifo(path.c_str(), 0600) == 0);  // nobody ever writes into it
    check_refused();
}

BOOST_FIXTURE_TEST_CASE(where_it_is_said, KeyFile)
{
    write_private_file(path, kGood);
    for (const std::string name :
         {"conf/sticky.key", "{root}/conf/sticky.key", "./conf/sticky.key"})
        BOOST_TEST(httpd.config_test(kBalancer + "StickyKey \"" + name + "\"\n").accepted(), name);
    check_refused(kBalancer + "StickyKey sticky.key\n");  // ServerRoot's, not conf's
    for (const std::string line :
         {"StickyKey", "StickyKey conf/sticky.key conf/sticky.key",
          "<Proxy \"balancer://app\">\nStickyKey conf/sticky.key\n</Proxy>",
          "<Location \"/\">\nStickyKey conf/sticky.key\n</Location>"}) {
        const auto result = httpd.config_test(kBalancer + line + '\n');
        BOOST_TEST(!result.accepted(), line);
        BOOST_TEST(result.says("StickyKey"), result.output);
    }
    const auto host = [](const std::string &text) {
        return "<VirtualHost 127.0.0.1:1>\n" + text + "</VirtualHost>\n";
    };
    const std::string key = "StickyKey conf/sticky.key\n";
    BOOST_TEST(httpd.config_test(host(key + kBalancer)).accepted());
    BOOST_TEST(httpd.config_test(key + host(kBalancer)).accepted());
    const auto elsewhere = httpd.config_test(host(key) + kBalancer);
    BOOST_TEST(!elsewhere.accepted());
    BOOST_TEST(elsewhere.says("SB1113"), elsewhere.output);
}

BOOST_FIXTURE_TEST_CASE(a_virtual_host_has_keys_of_its_own, KeyFile)
{
    start_member("a"), start_member("b");
    write_private_file(path, kGood);
    write_private_file(httpd.root() / "conf/other.key", "one:" + kHex2 + '\n');
    const std::string balancer =
        "<Proxy \"balancer://app\">\nBalancerMember \"{a.url}\" route=a\n"
        "BalancerMember \"{b.url}\" route=b\nStickyCookie insert seal=signed\n</Proxy>\n"
        "ProxyPass \"/\" \"balancer://app/\"\n";
    std::string text = "StickyKey conf/sticky.key\n" + balancer;
    for (const std::string host : {"same", "other"})
        text += "Listen 127.0.0.1:{port." + host + "}\n<VirtualHost 127.0.0.1:{port." + host +
                "}>\n" + (host == "other" ? "StickyKey conf/other.key\n" : "") + balancer +
                "</VirtualHost>\n";
    start_httpd(text);
    const auto value = new_browser_on("b").cookie("ROUTEID");
    for (const std::string host : {"same", "other"})
        for (int i = 0; i < 3; ++i) {
            const auto answer =
                new_browser({.port = httpd.port(host)}).get("/", {{"Cookie", "ROUTEID=" + value}});
            BOOST_TEST(answer.set_cookies().size() == (host == "same" ? 0u : 1u), host);
            if (host == "same")
                BOOST_TEST(answer.member == "b");
        }
}

BOOST_AUTO_TEST_SUITE_END()
