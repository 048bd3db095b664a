// SPDX-License-Identifier: Apache-2.0
//
// mod_proxy_hcheck takes members that were added at run time into a process' list without the lock that others hold, so
// that one may be there twice. What that race leaves is made here, by a module of the test's.
// Caught if: such a process goes on with the members of before, or a member is shown, named or elected as two.
#include <boost/test/unit_test.hpp>

#include "test/e2e/api_steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Doubled : ApiScenario {
    FakeMember c = start_member("c");

    // In each child, as often as it takes.
    void double_last_member_everywhere()
    {
        for (auto &client : browsers_on_every_child(*this))
            BOOST_TEST(client.get("/double").body == "4\n");
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(doubled_member_test)

BOOST_FIXTURE_TEST_CASE(a_member_that_a_child_has_twice_is_one, Doubled)
{
    start("ProxySet growth=2", R"(
        LoadModule doubles_member_module ")" SB_DOUBLES_MEMBER R"("
        <Location "/double">
            SetHandler double-member
        </Location>
        ProxyPass "/double" "!"
    )");
    BOOST_TEST(add("{\"url\":\"" + c.url() + "\",\"route\":\"c\"}").status == 201);
    double_last_member_everywhere();
    BOOST_TEST(patch("c", R"({"weight":3})").status == 200);
    BOOST_TEST(get("/balancers/app").at("member_count") == 3);
    BOOST_TEST(share_of_new_clients(*this, 50)["c"] == 30);
    for (auto &client : browsers_on_every_child(*this)) {
        client.add_cookie("ROUTEID", ".c");
        BOOST_TEST(client.get("/").member == "c");
    }
}

BOOST_AUTO_TEST_SUITE_END()
