// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/lookup.hpp"

#include <boost/test/unit_test.hpp>

#include "mod_stickybalancer/stickyctl/failure.hpp"
#include "test/unit/stickyctl/fake_server.hpp"

using namespace stickybalancer::stickyctl;

namespace {

const Json kBoth = balancers_json(
    {balancer_json("app", {member_json("b1", {{"label", "Web 1"}}), member_json("b2")}),
     balancer_json("shop", {member_json("b1"), member_json("s1", {{"label", "b2"}})})});

std::string found(const std::string &text)
{
    try {
        return find_member(kBoth, text).full_name();
    } catch (const Failure &failure) {
        return "exit " + std::to_string(static_cast<int>(failure.code()));
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lookup_test)

BOOST_AUTO_TEST_CASE(a_name_is_enough_where_it_is_unique)
{
    BOOST_TEST(found("s1") == "shop/s1");
    BOOST_TEST(found("b2") == "app/b2");  // another's label is the same; names go first
}

BOOST_AUTO_TEST_CASE(else_the_balancer_stands_before_it)
{
    BOOST_TEST(found("b1") == "exit 2");
    BOOST_TEST(found("shop/b1") == "shop/b1");
}

BOOST_AUTO_TEST_CASE(urls_labels_and_addresses_are_understood)
{
    BOOST_TEST(found("Web 1") == "app/b1");
    BOOST_TEST(found("http://s1.example:8080") == "shop/s1");
    BOOST_TEST(found("shop/http://b1.example:8080") == "shop/b1");
    BOOST_TEST(found("s1.example:8080") == "shop/s1");
}

BOOST_AUTO_TEST_CASE(balancers_are_called_as_the_configuration_spells_them)
{
    BOOST_TEST(found("Shop/b1") == "shop/b1");
    BOOST_TEST(text_of(find_balancer(kBoth, "SHOP"), "name") == "shop");
    BOOST_TEST(text_of(find_balancer(kBoth, "balancer://Shop"), "name") == "shop");
    BOOST_TEST(found("B2") == "exit 3");  // routes have letters of both kinds
}

BOOST_AUTO_TEST_CASE(nobody_has_no_name)
{
    BOOST_TEST(found("") == "exit 3");
    BOOST_TEST(found("b3") == "exit 3");
    BOOST_TEST(found("app/") == "exit 3");
    BOOST_CHECK_THROW(find_balancer(kBoth, "none"), Failure);
    BOOST_TEST(text_of(find_balancer(kBoth, "balancer://shop"), "name") == "shop");
}

BOOST_AUTO_TEST_CASE(a_name_with_slashes_and_markup_becomes_a_path)
{
    BOOST_TEST(MemberFound({"app@www:443", "h:80/a b?", {}}).path() ==
               "balancers/app@www:443/members/h:80/a%20b%3F");
}

BOOST_AUTO_TEST_SUITE_END()
