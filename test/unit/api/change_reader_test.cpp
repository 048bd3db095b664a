// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/change_reader.hpp"

#include <pthread.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace stickybalancer::api;
namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(change_reader_test)

BOOST_AUTO_TEST_CASE(a_change_says_what_is_named_and_nothing_else)
{
    MemberChange change;
    BOOST_TEST(!read_change(R"({"requested":"drain","deadline":"2h"})", change));
    BOOST_TEST((change.requested == Requested::kDrain));
    BOOST_TEST(change.names_deadline);
    BOOST_TEST(change.deadline_us == 7'200'000'000);
    BOOST_TEST(!change.weight_hundredths);
    BOOST_TEST(!read_change(R"({"deadline":null})", change));
    BOOST_TEST(change.names_deadline);
    BOOST_TEST(change.deadline_us == 0);
    BOOST_TEST(!change.requested);
    BOOST_TEST(!read_change("{}", change));
    BOOST_TEST(!change.names_deadline);
}

BOOST_AUTO_TEST_CASE(a_weight_has_two_decimals_at_most)
{
    const auto hundredths = [](const std::string &weight) {
        MemberChange change;
        return read_change("{\"weight\":" + weight + "}", change)
                   ? -1
                   : static_cast<int>(change.weight_hundredths.value());
    };
    BOOST_TEST(hundredths("0") == 0);
    BOOST_TEST(hundredths("1") == 100);
    BOOST_TEST(hundredths("0.07") == 7);
    BOOST_TEST(hundredths("2.55") == 255);
    BOOST_TEST(hundredths("1e2") == 10000);
    BOOST_TEST(hundredths("256") == 25600);
    for (const auto *bad : {"256.01", "-0.01", "0.001", "1e-9", "true", "\"1\"", "[1]"})
        BOOST_TEST(hundredths(bad) == -1, bad);
}

const std::pair<const char *, int> kBad[] = {
    {"", 400},
    {"nil", 400},
    {"{\"weight\":1", 400},
    {"{\"weight\":1}{", 400},
    {"\xFF", 400},
    {"null", 422},
    {"[{\"weight\":1}]", 422},
    {"{\"weight\":1,\"Weight\":1}", 422},
    {"{\"weight\":1,\"weight\":1}", 422},
    {"{\"requested\":\"DRAIN\"}", 422},
    {"{\"requested\":\"ready\",\"deadline\":\"1h\"}", 422},
    {"{\"deadline\":\"0s\"}", 422},
    {"{\"deadline\":\"366d\"}", 422},
    {"{\"deadline\":\"-1h\"}", 422},
    {"{\"deadline\":\"99999999999999999999h\"}", 422},
};

BOOST_AUTO_TEST_CASE(of_a_bad_change_nothing_is_said)
{
    for (const auto &[body, status] : kBad) {
        MemberChange change;
        change.weight_hundredths = 12345;
        const auto refusal = read_change(body, change);
        BOOST_REQUIRE_MESSAGE(refusal, body);
        BOOST_TEST(refusal->status == status, body);
        BOOST_TEST(!refusal->sentence.empty());
        BOOST_TEST(change.weight_hundredths.value() == 12345u);
    }
}

BOOST_AUTO_TEST_CASE(what_stands_behind_a_zero_byte_is_not_left_out)
{
    using namespace std::string_literals;
    for (const auto &body : {"{\"weight\":2}\0"s, "{\"weight\":2}\0, \"weight\":3"s}) {
        MemberChange change;
        const auto refusal = read_change(body, change);
        BOOST_REQUIRE(refusal);
        BOOST_TEST(refusal->status == 400);
    }
}

BOOST_AUTO_TEST_CASE(deep_nesting_ends)
{
    MemberChange change;
    BOOST_TEST(read_change(std::string(60000, '['), change)->status == 400);
    BOOST_TEST(read_change(std::string(30000, '[') + std::string(30000, ']'), change)->status ==
               422);
    BOOST_TEST(read_change(R"({"requested":[[[1]]]})", change)->sentence ==
               "requested is ready, drain or stopped, and not an array");
    for (const auto *deep : {R"({"requested":[[[[1]]]]})", R"({"a":{"b":{"c":{"d":{}}}}})"})
        BOOST_TEST(read_change(deep, change)->sentence ==
                       "the body has more than 4 arrays and objects in one another",
                   deep);
}

struct DeepCall {
    std::string body;
    int status = 0;
};

void *read_deep(void *data)
{
    auto &call = *static_cast<DeepCall *>(data);
    MemberChange change;
    call.status = read_change(call.body, change)->status;
    return nullptr;
}

// As in a child of a server with ThreadStackSize: what nests as deep as a body may must not take a stack that deep.
BOOST_AUTO_TEST_CASE(what_nests_needs_no_stack)
{
    constexpr std::size_t kStack = 131072, kDeep = 32740;
    DeepCall call{"{\"requested\":" + std::string(kDeep, '[') + std::string(kDeep, ']') + "}"};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, kStack);
    pthread_t thread{};
    BOOST_TEST_REQUIRE(pthread_create(&thread, &attributes, read_deep, &call) == 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
    BOOST_TEST(call.status == 422);
}

BOOST_AUTO_TEST_CASE(what_is_quoted_is_short)
{
    MemberChange change;
    const auto refusal = read_change("{\"" + std::string(60000, 'x') + "\":1}", change);
    BOOST_TEST(refusal->sentence.size() < 200u);
}

BOOST_AUTO_TEST_CASE(a_new_member_has_a_url)
{
    NewMember member;
    BOOST_TEST(
        !read_new_member(R"({"url":"http://192.0.2.1:8080/","route":"3","weight":0.5})", member));
    BOOST_TEST(member.url == "http://192.0.2.1:8080");
    BOOST_TEST(member.route == "3");
    BOOST_TEST(member.weight_hundredths == 50u);
    for (const auto *bad :
         {R"({})", R"({"url":""})", R"({"url":"192.0.2.1"})", R"({"url":"http://a b"})",
          R"({"url":"http://a?x"})", R"({"url":"http://a#x"})", R"({"url":"http://a\n"})",
          R"({"url":"http://a\u0000b"})", R"({"url":"http://a","route":"a b"})",
          R"({"url":"http://a","route":null})"})
        BOOST_TEST(read_new_member(bad, member)->status == 422, bad);
    BOOST_TEST(
        read_new_member("{\"url\":\"http://" + std::string(300, 'a') + "\"}", member)->status ==
        422);
    BOOST_TEST(
        read_new_member("{\"url\":\"http://a\",\"route\":\"" + std::string(64, 'r') + "\"}", member)
            ->status == 422);
}

BOOST_AUTO_TEST_CASE(a_url_is_one_that_a_member_can_have)
{
    const auto is_taken = [](const std::string &url) {
        NewMember member;
        return !read_new_member("{\"url\":\"" + url + "\"}", member);
    };
    for (const auto *url :
         {"https://web-1.example.org", "http://[2001:db8::1]:8080", "http://[::1]",
          "ajp://192.0.2.1:8009", "fcgi://localhost:9000/app", "http://a:65535/x/y",
          "unix:/run/app.sock|http://localhost/", "unix:/run/a@b|fcgi://localhost"})
        BOOST_TEST(is_taken(url), url);
    for (const auto *url : {"http://a:99999", "http://a:0",   "http://a:080",  "http://a:",
                            "http://a:8x",    "http://",      "http://:80",    "http://<b>",
                            "ftp://a:21",     "gopher://a",   "http://u:p@a",  "http://a/$1",
                            "http://[::1",    "http://[]:80", "http://[g]:80", "unix:/run/app.sock",
                            "unix:|http://a", "unix:/x|",     "HTTP//a",       "://a"})
        BOOST_TEST(!is_taken(url), url);
}

BOOST_AUTO_TEST_CASE(a_route_can_end_an_address)
{
    NewMember member;
    for (const auto *route : {".", ".."})
        BOOST_TEST(read_new_member(
                       "{\"url\":\"http://a\",\"route\":\"" + std::string(route) + "\"}", member)
                           ->status == 422,
                   route);
    BOOST_TEST(!read_new_member(R"({"url":"http://a","route":"..."})", member));
}

BOOST_AUTO_TEST_CASE(a_time_is_the_only_field)
{
    std::int64_t us = -1;
    BOOST_TEST(!read_lame_duck(R"({"lameduck":"20s"})", us));
    BOOST_TEST(us == 20'000'000);
    BOOST_TEST(!read_lame_duck(R"({"lameduck":"0s"})", us));
    BOOST_TEST(us == 0);
    BOOST_TEST(read_lame_duck(R"({})", us)->status == 422);
    BOOST_TEST(read_lame_duck(R"({"lameduck":"1s","x":1})", us)->status == 422);
    BOOST_TEST(read_lame_duck(R"({"lameduck":"25h"})", us)->status == 422);
}

BOOST_AUTO_TEST_CASE(a_pin_is_for_a_second_to_thirty_days)
{
    std::int64_t us = -1;
    BOOST_TEST(!read_pin(R"({"for":"1s"})", us));
    BOOST_TEST(us == 1'000'000);
    BOOST_TEST(!read_pin(R"({"for":"30d"})", us));
    BOOST_TEST(us == 30 * 86'400'000'000);
    for (const auto *bad : {R"({})", R"({"for":"999ms"})", R"({"for":"721h"})", R"({"for":1})",
                            R"({"for":null})", R"({"for":"1h","x":1})", R"([])"})
        BOOST_TEST(read_pin(bad, us)->status == 422, bad);
    BOOST_TEST(read_pin("", us)->status == 400);
    BOOST_TEST(us == 30 * 86'400'000'000);
}

BOOST_AUTO_TEST_SUITE_END()
