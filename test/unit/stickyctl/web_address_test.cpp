// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/web_address.hpp"

#include <boost/test/unit_test.hpp>

#include "mod_stickybalancer/stickyctl/failure.hpp"

using namespace stickybalancer::stickyctl;

BOOST_AUTO_TEST_SUITE(web_address_test)

BOOST_AUTO_TEST_CASE(an_url_loses_the_slash_at_its_end)
{
    BOOST_TEST(checked_url("https://lb.example/sticky/") == "https://lb.example/sticky");
    BOOST_TEST(checked_url("HTTP://lb.example") == "HTTP://lb.example");
}

BOOST_AUTO_TEST_CASE(an_url_that_leads_nowhere_is_refused)
{
    for (const auto *url : {"", "lb.example/sticky", "ftp://lb.example/", "http://",
                            "http:///sticky", "http://lb.example/sticky?x=1"})
        BOOST_CHECK_THROW(checked_url(url), Failure);
}

BOOST_AUTO_TEST_CASE(a_password_in_an_url_is_refused_and_not_repeated)
{
    try {
        checked_url("https://op:secret@lb.example/sticky");
        BOOST_ERROR("not refused");
    } catch (const Failure &failure) {
        BOOST_TEST(std::string(failure.what()).find("secret") == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(this_host_is_told_from_others)
{
    for (const auto *url : {"http://localhost:8080/x", "http://127.0.0.1/x", "http://127.9.9.9:1/x",
                            "http://[::1]:80/x"})
        BOOST_TEST(is_on_this_host(url), url);
    for (const auto *url :
         {"http://127.0.0.1.example/x", "http://localhost.example/", "http://[::2]/", "http://lb/"})
        BOOST_TEST(!is_on_this_host(url), url);
}

BOOST_AUTO_TEST_CASE(an_origin_is_scheme_host_and_port)
{
    BOOST_TEST(origin_of("https://LB.example:443/sticky") == "https://lb.example");
    BOOST_TEST(origin_of("https://lb.example/other") == "https://lb.example");
    BOOST_TEST(origin_of("http://lb.example:443/") == "http://lb.example:443");
    BOOST_TEST(origin_of("http://lb.example:80") == "http://lb.example");
}

BOOST_AUTO_TEST_CASE(a_machine_is_a_host_with_any_port_or_with_one)
{
    for (const auto *url : {"https://LB.example/sticky", "http://lb.example:8080/"})
        BOOST_TEST(is_at(url, "lb.Example"), url);
    BOOST_TEST(is_at("https://lb.example/", "lb.example:443"));
    BOOST_TEST(is_at("http://[::1]:80/", "[::1]"));
    BOOST_TEST(!is_at("http://lb.example/", "lb.example:443"));
    BOOST_TEST(!is_at("https://lb.example.org/", "lb.example"));
    BOOST_TEST(!is_at("https://lb.example/", ""));
}

BOOST_AUTO_TEST_CASE(paths_keep_slashes_and_values_keep_nothing)
{
    BOOST_TEST(encoded_path("http://h:80/a b?#%") == "http://h:80/a%20b%3F%23%25");
    BOOST_TEST(encoded_value("a/b&c=d\xFF;") == "a%2Fb%26c%3Dd%FF%3B");
}

BOOST_AUTO_TEST_SUITE_END()
