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
    expect("/x/api/v1/balancers/b/table", Resource::kTable, "b");
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
    expect("/x/health/y", Resource::kLocation, "", "", "y");
    expect("/", Resource::kFile);
    expect("/x/", Resource::kFile);
    expect("/x/page.css", Resource::kFile, "", "", "page.css");
    expect("/x/api/v10", Resource::kLocation, "", "", "v10");
    expect("", Resource::kFile);
}

struct Below {
    const char *location, *rest;
    Resource resource;
    const char *file;
};

BOOST_AUTO_TEST_CASE(below_a_location_there_is_one_page)
{
    const Below kPaths[] = {
        {"/x", "", Resource::kLocation, "x"},
        {"/x", "/", Resource::kFile, ""},
        {"", "/", Resource::kFile, ""},
        {"", "", Resource::kLocation, ""},
        {"/x", "/page.css", Resource::kFile, "page.css"},
        {"/x", "/nonsense", Resource::kFile, "nonsense"},
        {"/x", "/nonsense/", Resource::kUnknown, ""},
        {"/x", "/nonsense/page.css", Resource::kUnknown, ""},
        {"/x", "/nonsense/metrics", Resource::kUnknown, ""},
        {"/x", "/health/y", Resource::kUnknown, ""},
        {"/x", "//", Resource::kUnknown, ""},
        {"/x/y", "/metrics", Resource::kMetrics, ""},
        {"/x/y", "/health/", Resource::kHealth, ""},
        {"/metrics", "", Resource::kMetrics, ""},
        {"/x/health", "/", Resource::kHealth, ""},
        {"/x", "/api", Resource::kUnknown, ""},
        {"/x", "/api/", Resource::kUnknown, ""},
        {"/x", "/api/v2/", Resource::kUnknown, ""},
        {"/x", "/api/v2/balancers", Resource::kUnknown, ""},
        {"/x", "/api/v10", Resource::kUnknown, ""},
        {"/x", "/y/api/v1/server", Resource::kUnknown, ""},
        {"/x", "/api/v1/", Resource::kUnknown, ""},
        {"/x", "/api/v1/server", Resource::kServer, ""},
    };
    for (const auto &[location, rest, resource, file] : kPaths) {
        const auto read = read_path_below(location, rest);
        BOOST_TEST((read.resource == resource), location << " " << rest);
        BOOST_TEST(read.file == file, location << " " << rest);
    }
    const auto member =
        read_path_below("/api/v1", "/api/v1/balancers/b/members/http:/h/api/v1/server");
    BOOST_TEST((member.resource == Resource::kMember && member.member == "http:/h/api/v1/server"));
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

BOOST_AUTO_TEST_CASE(a_query_has_known_parameters_once)
{
    constexpr std::string_view kKnown[] = {"members", "from", "count"};
    for (const auto *right : {"", "&", "from=1", "from=1&count=2&", "members=no&&from", "from=%20"})
        BOOST_TEST(query_problem(right, kKnown).value_or("") == "", right);
    BOOST_TEST(query_problem("from=1&bogus=1", kKnown).value() ==
               "there is no parameter 'bogus' here; parameters are members, from and count");
    BOOST_TEST(query_problem("=1", {}).value() == "there is no parameter '' here; write none");
    BOOST_TEST(query_problem("from=1&count=2&from=1", kKnown).value() ==
               "the parameter 'from' comes twice; write it once");
    BOOST_TEST(query_problem("from=%4", kKnown).value() ==
               "the parameter 'from' has a % without two hexadecimal digits; a percent sign is "
               "written %25");
    BOOST_TEST(query_problem(std::string(500, 'x'), kKnown).value().size() < 200u);
}

BOOST_AUTO_TEST_CASE(a_count_is_digits)
{
    BOOST_TEST(read_count("0").value() == 0u);
    BOOST_TEST(read_count("18446744073709551615").value() == SIZE_MAX);
    for (const auto *bad : {"", "-1", "+1", " 1", "1 ", "1.0", "18446744073709551616"})
        BOOST_TEST(!read_count(bad), bad);
}

BOOST_AUTO_TEST_SUITE_END()
