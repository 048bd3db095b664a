// SPDX-License-Identifier: Apache-2.0
//
// loadfactor= shares new clients out: exact over one period of the weights, evenly mixed within it,
// however many processes httpd has.
// Caught if: a share is off by one, a member has its share in one burst, each process counts for
// itself, or bound clients shift the shares.
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Weights : Scenario {
    std::map<std::string, std::string> urls;

    // A member for each weight: a, b, c, ...
    void start(const std::vector<std::string> &weights, const std::string &more = "")
    {
        std::string text = "<Proxy \"balancer://app\">\n";
        for (std::size_t i = 0; i < weights.size(); ++i) {
            const std::string name(1, static_cast<char>('a' + i));
            urls[name] = start_member(name).url();
            text += "BalancerMember \"{" + name + ".url}\" route=" + name +
                    (weights[i].empty() ? "" : " loadfactor=" + weights[i]) + "\n";
        }
        start_httpd(text + more + R"(
                StickyCookie insert
            </Proxy>
            ProxyPass "/" "balancer://app/"
        )");
    }
    int elected(const std::string &member)
    {
        return std::stoi(shown_member(httpd, urls.at(member)).at("elected"));
    }
    // Of weights 1, 2, 1.
    void complete_the_round()
    {
        while (elected("a") != elected("c") || elected("b") != 2 * elected("a"))
            new_browser().get("/");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(loadfactor_test)

BOOST_FIXTURE_TEST_CASE(twelve_twelve_twentysix_twentysix_is_exact_over_a_period, Weights)
{
    start({"12", "12", "26", "26"});
    const Share period = {{"a", 6}, {"b", 6}, {"c", 13}, {"d", 13}};
    for (int i = 0; i < 3; ++i)
        BOOST_TEST((share_of_new_clients(*this, 38) == period), "period " << i);
}

BOOST_FIXTURE_TEST_CASE(a_heavy_member_is_mixed_in_evenly, Weights)
{
    start({"1", "1", "2"});
    std::string order;
    for (int i = 0; i < 16; ++i)
        order += new_browser().get("/").member;
    BOOST_TEST(order.find("ccc") == std::string::npos, order);
    for (int i = 0; i < 16; i += 4)
        BOOST_TEST(std::count(order.begin() + i, order.begin() + i + 4, 'c') == 2, order);
}

BOOST_FIXTURE_TEST_CASE(one_is_the_default, Weights)
{
    start({"", "1", ""});
    const Share even = {{"a", 4}, {"b", 4}, {"c", 4}};
    BOOST_TEST((share_of_new_clients(*this, 12) == even));
}

BOOST_FIXTURE_TEST_CASE(a_loadfactor_may_have_two_decimals, Weights)
{
    start({"1.25", "2.5", "1.25"});
    const Share shares = {{"a", 2}, {"b", 4}, {"c", 2}};
    BOOST_TEST((share_of_new_clients(*this, 8) == shares));
}

BOOST_FIXTURE_TEST_CASE(every_child_of_httpd_counts_in_the_same_round, Weights)
{
    start({"1", "2", "1"});
    auto clients = browsers_on_every_child(*this);
    complete_the_round();
    Share seen;
    for (int i = 0; i < 24; ++i) {
        auto &client = clients[static_cast<std::size_t>(i) % clients.size()];
        client.forget_cookies();
        ++seen[client.get("/").member];
    }
    const Share shares = {{"a", 6}, {"b", 12}, {"c", 6}};
    BOOST_TEST((seen == shares));
}

BOOST_FIXTURE_TEST_CASE(bound_clients_do_not_take_a_turn, Weights)
{
    start({"1", "1"});
    Browser bound = new_browser_on("a");
    new_browser_on("b");
    Share seen;
    for (int i = 0; i < 12; ++i) {
        bound.get("/");
        ++seen[new_browser().get("/").member];
    }
    const Share even = {{"a", 6}, {"b", 6}};
    BOOST_TEST((seen == even));
}

BOOST_FIXTURE_TEST_CASE(the_manager_changes_a_weight_at_once, Weights)
{
    start({"1", "1"});
    httpd.balancer_manager("app", "b", {{"w_lf", "3"}});
    const Share shares = {{"a", 4}, {"b", 12}};
    BOOST_TEST((share_of_new_clients(*this, 16) == shares));
}

BOOST_AUTO_TEST_SUITE_END()
