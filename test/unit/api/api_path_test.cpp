// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/api_path.hpp"

#include <boost/test/unit_test.hpp>

using namespace stickybalancer::api;

namespace {

void expect(std::string_view path, Resource resource, std::string_view balancer = "",
            std::string_view member = "", std::string_view file = "")
{
    const auto read = read_api_path(path);
    BOOST_TEST((read.resource == resource), path);
    BOOST_TEST(read.balancer == balancer, path);
    BOOST_TEST(read.member == member, path);
    BOOST_TEST(read.file == file, path);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(api_path_test)

BOOST_AUTO_TEST_CASE(what_stands_behind_the_last_api_v1_is_of_the_api)
{
    expect("/x/api/v1/balancers", Resource::kBalancers);
    expect("/x/api/v1/balancers/", Resource::kBalancers);
    expect("/api/v1/server", Resource::kServer);
    expect("/api/v1/x/api/v1/schema", Resource::kSchema);
    expect("/x/api/v1/balancers/b", Resource::kBalancer, "b");
    expect("/x/api/v1/balancers/b@h:80/members/", Resource::kMembers, "b@h:80");
    expect("/x/api/v1/balancers/b/members/m", Resource::kMember, "b", "m");
    expect("/x/api/v1/balancers/b/members/pin", Resource::kMember, "b", "pin");
    expect("/x/api/v1/balancers/b/sessions", Resource::kSessions, "b");
    expect("/x/api/v1/balancers/b/pins", Resource::kPins, "b");
    expect("/x/api/v1/balancers/b/pins/", Resource::kPins, "b");
}

BOOST_AUTO_TEST_CASE(a_member_may_have_slashes)
{
    expect("/x/api/v1/balancers/b/members/http://h:1/p", Resource::kMember, "b", "http://h:1/p");
    expect("/x/api/v1/balancers/b/members/http://h/api/v1", Resource::kMember, "b",
           "http://h/api/v1");
    expect("/x/api/v1/balancers/b/members/http://h/api/v1/y", Resource::kMember, "b",
           "http://h/api/v1/y");
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_unknown)
{
    for (const auto *path :
         {"/x/api/v1/other", "/x/api/v1/", "/x/api/v1", "/x/api/v1/balancers/b/other",
          "/x/api/v1/server/x", "/x/api/v1/balancers/b/sessions/x", "/x/api/v1/balancers/b/pins/x",
          "/x/api/v1/balancersx"})
        expect(path, Resource::kUnknown, "");
}

BOOST_AUTO_TEST_CASE(else_the_last_segment_is_a_file)
{
    expect("/x/metrics", Resource::kMetrics);
    expect("/health", Resource::kHealth);
    expect("/x/metrics/", Resource::kMetrics);
    expect("/x/health/", Resource::kHealth);
    expect("/x/health/y", Resource::kFile, "", "", "y");
    expect("/", Resource::kFile);
    expect("/x/", Resource::kFile);
    expect("/x/page.css", Resource::kFile, "", "", "page.css");
    expect("/x/api/v10", Resource::kFile, "", "", "v10");
    expect("", Resource::kFile);
}

BOOST_AUTO_TEST_CASE(a_pin_is_posted)
{
    const auto path = read_api_path("/x/api/v1/balancers/app/members/http:/a/pin");
    BOOST_TEST((path.resource == Resource::kMember && path.member == "http:/a/pin"));
    const auto pin = as_posted(path);
    BOOST_TEST(
        (pin.resource == Resource::kPin && pin.balancer == "app" && pin.member == "http:/a"));
    for (const auto *other : {"/x/api/v1/balancers/app/members/a", "/x/api/v1/balancers/pin",
                              "/x/api/v1/balancers/app/members/pin", "/x/pin"})
        BOOST_TEST((as_posted(read_api_path(other)).resource != Resource::kPin), other);
}

BOOST_AUTO_TEST_CASE(a_parameter_is_decoded)
{
    BOOST_TEST(query_parameter("a=1&key=x%2Fy%00+z&key=2", "key").value() ==
               std::string("x/y\0+z", 6));
    BOOST_TEST(query_parameter("key", "key").value() == "");
    BOOST_TEST(query_parameter("key=%Ff", "key").value() == "\xFF");
    for (const auto *bad : {"", "keys=1", "key=%", "key=%1", "key=%1g", "key=a%"})
        BOOST_TEST(!query_parameter(bad, "key"), bad);
}

BOOST_AUTO_TEST_CASE(a_count_is_digits)
{
    BOOST_TEST(read_count("0").value() == 0u);
    BOOST_TEST(read_count("18446744073709551615").value() == SIZE_MAX);
    for (const auto *bad : {"", "-1", "+1", " 1", "1 ", "1.0", "18446744073709551616"})
        BOOST_TEST(!read_count(bad), bad);
}

BOOST_AUTO_TEST_SUITE_END()
