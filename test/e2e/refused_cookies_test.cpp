// SPDX-License-Identifier: Apache-2.0
//
// Cookies that are refused are counted by reason, over all of httpd's children, on mod_status' page.
// Caught if: a reason is counted as another, an honoured cookie is counted, or a child's counts are
// its own.
#include <boost/test/unit_test.hpp>

#include <set>
#include <sstream>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

using Counts = std::set<std::string>;  // "balancer: reason number", of what is above zero

const std::string kHex = "8f14e45fceea167a5a36dedd4bea2543c9f0f895fb98ab9159f51fd0297e236d";
const std::string kOtherHex = "45c48cce2e2d7fbdea1afc51c7c6ad26d3d9446802a44259755d38e6d163e820";

std::string balancer(const std::string &name, const std::string &options)
{
    return "<Proxy \"balancer://" + name + "\">\nBalancerMember \"{a.url}\" route=a\n" +
           "StickyCookie insert name=SID " + options + "\n</Proxy>\nProxyPass \"/" + name +
           "/\" \"balancer://" + name + "/\"\n";
}

struct Counted : Scenario {
    Counted() { start_member("a"); }

    void start(const std::string &balancers, const std::string &keys)
    {
        write_private_file(httpd.root() / "conf/keys", keys);
        start_httpd(
            "<IfModule !status_module>\nLoadModule status_module \"{modules}/mod_status.so\"\n"
            "</IfModule>\nStickyKey \"" +
            (httpd.root() / "conf/keys").string() +
            "\"\n<Location \"/server-status\">\nSetHandler server-status\n</Location>\n"
            "ProxyPass \"/server-status\" \"!\"\n" +
            balancers);
        httpd.log().allow("SB1115");
    }
    void ask(const std::string &name, const std::string &value)
    {
        new_browser().get('/' + name + '/', {{"Cookie", "SID=" + value}});
    }
    std::string obtain(const std::string &name)
    {
        Browser client = new_browser();
        client.get('/' + name + '/');
        return client.cookie("SID");
    }
    Counts counts()
    {
        std::istringstream page(new_browser().get("/server-status?auto").body);
        Counts found;
        std::string balancer;
        for (std::string line; std::getline(page, line);) {
            const auto colon = line.find(": ");
            if (!line.starts_with("StickyBalancer[") || colon == std::string::npos)
                continue;
            const auto key = line.substr(line.find(']') + 1, colon - line.find(']') - 1);
            const auto value = line.substr(colon + 2);
            if (key == "Name")
                balancer = value;
            else if (key.starts_with("CookiesRefused.") && value != "0")
                found.insert(balancer + ": " + key.substr(key.find('.') + 1) + ' ' + value);
        }
        return found;
    }
};

void check_counts(const Counts &found, const Counts &expected)
{
    BOOST_TEST(found == expected, boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(refused_cookies_test)

BOOST_FIXTURE_TEST_CASE(each_reason_has_its_count, Counted)
{
    start(balancer("plain", "maxidle=60s") + balancer("life", "maxlife=60s path=/life") +
              balancer("sealed", "seal=signed") + balancer("other", "seal=signed"),
          "1:" + kHex + "\n2:" + kOtherHex + '\n');
    BOOST_TEST(counts().empty());

    ask("plain", ".gone");
    ask("plain", "s44we8-s44we8.a");  // long ago
    ask("life", "s44we8-s44we8.a");
    const auto token = obtain("sealed");
    auto forged = token;
    forged[30] = forged[30] == 'A' ? 'B' : 'A';
    ask("sealed", token);  // is honoured
    ask("sealed", forged);
    ask("sealed", ".a");
    ask("sealed", token.substr(5));
    ask("sealed", obtain("other"));
    Counts expected = {"balancer://life: old 1",
                       "balancer://plain: expired 1",
                       "balancer://plain: unknown_route 1",
                       "balancer://sealed: foreign 1",
                       "balancer://sealed: forged 1",
                       "balancer://sealed: malformed 1",
                       "balancer://sealed: plain 1"};
    check_counts(counts(), expected);
    const auto page = new_browser().get("/server-status").body;
    BOOST_TEST(page.find("<td>balancer://sealed</td>") != std::string::npos);

    write_private_file(httpd.root() / "conf/keys", "2:" + kOtherHex + '\n');
    httpd.graceful();
    ask("sealed", token);
    expected.insert("balancer://sealed: unknown_key 1");
    check_counts(counts(), expected);  // a restart forgets none
}

BOOST_FIXTURE_TEST_CASE(children_count_together, Counted)
{
    start(balancer("plain", ""), "1:" + kHex + '\n');
    auto clients = browsers_on_every_child(*this);
    for (auto &client : clients)
        client.get("/plain/", {{"Cookie", "SID=.gone"}});
    check_counts(counts(), {"balancer://plain: unknown_route " + std::to_string(clients.size())});
}

BOOST_AUTO_TEST_SUITE_END()
