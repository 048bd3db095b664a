// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/commands.hpp"

#include <boost/test/unit_test.hpp>

#include "test/unit/stickyctl/fake_server.hpp"

using namespace stickybalancer::stickyctl;

namespace {

struct Site : FakeServer {
    Site()
    {
        answer("GET api/v1/balancers",
               balancers_json({balancer_json("app", {member_json("b1", {{"sessions", 3}})})}));
        answer("PATCH api/v1/balancers/app/members/b1",
               member_json("b1", {{"requested", "drain"}, {"sessions", 3}}));
    }
    int code(const std::vector<std::string> &arguments)
    {
        return static_cast<int>(run(arguments).code);
    }
    // What a write comes to where the server answers so.
    int code_of_status(long status, const std::string &body = R"({"error":"a sentence"})")
    {
        answers["PATCH api/v1/balancers/app/members/b1"] = {status, body, ""};
        return code({"ready", "b1"});
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(commands_test, Site)

BOOST_AUTO_TEST_CASE(each_change_is_one_write_of_what_changes)
{
    code({"drain", "b1", "--deadline", "2h"});
    BOOST_TEST(last_call().body == R"({"requested":"drain","deadline":"2h"})");
    code({"drain", "b1", "--deadline", "none"});
    BOOST_TEST(last_call().body == R"({"requested":"drain","deadline":null})");
    code({"drain", "b1"});
    BOOST_TEST(last_call().body == R"({"requested":"drain"})");
    code({"ready", "b1"});
    BOOST_TEST(last_call().body == R"({"requested":"ready"})");
    code({"stop", "app/b1"});
    BOOST_TEST(last_call().body == R"({"requested":"stopped"})");
    code({"weight", "b1", "0.25"});
    BOOST_TEST(last_call().body == R"({"weight":0.25})");
    code({"weight", "b1", "5"});
    BOOST_TEST(last_call().body == R"({"weight":5})");
}

// Pages may have fewer than are asked for, or none.
BOOST_AUTO_TEST_CASE(a_table_is_read_page_by_page)
{
    const auto page = [](const char *next, const char *entries) {
        return Json::parse(std::string(R"({"balancer":"app","entry_count":3,"room":9,"next":)") +
                           next + R"(,"entries":[)" + entries + "]}");
    };
    const std::string path = "GET api/v1/balancers/app/table";
    answer(path + "?from=0&count=1000", page("7", R"({"digest":"aa"},{"digest":"bb"})"));
    answer(path + "?from=7&count=998", page("9", ""));
    answer(path + "?from=9&count=998", page("null", R"({"digest":"cc"})"));
    answer(path + "?from=0&count=2", page("7", R"({"digest":"aa"},{"digest":"bb"})"));
    const auto all = run({"--csv", "show", "table", "app"});
    BOOST_TEST(all.out ==
               "digest,member,requests,expires_s,used,learned,by\n"
               "aa,,,,,,\nbb,,,,,,\ncc,,,,,,\n");
    BOOST_TEST(all.err == "");
    const auto some = run({"--csv", "show", "table", "app", "--count", "2"});
    BOOST_TEST(some.err == "there are more: --from 7\n");
    for (const auto *count : {"0", "00", "-1", "x", ""})
        BOOST_TEST(code({"show", "table", "app", "--count", count}) == 2);
    for (const auto *from : {"-1", "99999999999999999999", "1x"})
        BOOST_TEST(code({"show", "table", "app", "--from", from}) == 2);
    BOOST_TEST(code({"show", "table", "--count", "3"}) == 2);
    BOOST_TEST(code({"show", "table", "nobody"}) == 3);
}

BOOST_AUTO_TEST_CASE(a_member_that_is_down_by_checks_says_why)
{
    const Json check = {{"kind", "http"}, {"last", "failed"}, {"text", "Connection refused"}};
    answer(
        "GET api/v1/balancers",
        balancers_json({balancer_json(
            "app",
            {member_json("b1", {{"actual", "down"}, {"reason", "check-failed"}, {"check", check}}),
             member_json("b2", Json::object())})}));
    const auto says = [this](const std::vector<std::string> &arguments, const char *text) {
        const auto out = run(arguments).out;
        BOOST_TEST(out.find(text) != std::string::npos, out);
    };
    says({"status"}, "CHECK FOUND");
    says({"status"}, "  Connection refused  ");
    says({"--csv", "status"}, "\napp,b1,,ready,down,check-failed,,failed,Connection refused,1,");
    says({"--csv", "status"}, "\napp,b2,,ready,up,none,,none,,1,");
    says({"--csv", "show", "member", "b1"}, "\ncheck.text,Connection refused\n");
}

BOOST_AUTO_TEST_CASE(a_change_tells_what_was_before)
{
    BOOST_TEST(run({"drain", "b1"}).out ==
               "app/b1: requested drain (was ready)\n3 sessions, 0 requests under way\n");
}

BOOST_AUTO_TEST_CASE(members_come_and_go)
{
    answers["POST api/v1/balancers/app/members"] = {
        201, dump(member_json("b9", {{"requested", "stopped"}}), false), ""};
    answers["DELETE api/v1/balancers/app/members/b1"] = {204, "", ""};
    const auto added = run({"add", "app", "http://192.0.2.9", "--route", "b9", "--weight", "2"});
    BOOST_TEST(added.out == "app/b9: added, requested stopped\n");
    BOOST_TEST(last_call().body == R"({"url":"http://192.0.2.9","route":"b9","weight":2})");
    BOOST_TEST(run({"remove", "b1"}).out == "app/b1: removed\n");
}

BOOST_AUTO_TEST_CASE(pins_are_taken_back)
{
    answers["DELETE api/v1/balancers/app/pins"] = {204, "", ""};
    BOOST_TEST(run({"unpin", "app"}).out == "app: all pins are taken back\n");
    BOOST_TEST(run({"--json", "unpin", "app"}).out.find("unpinned") != std::string::npos);
    BOOST_TEST(code({"unpin", "gone"}) == 3);
}

BOOST_AUTO_TEST_CASE(sessions_are_looked_for_in_all_balancers)
{
    answer("GET api/v1/balancers",
           balancers_json({balancer_json("app", {}), balancer_json("shop", {})}));
    answer("GET api/v1/balancers/shop/sessions?key=a%2Fb%20%26",
           {{"sessions", {{{"balancer", "shop"}, {"member", "s1"}}}}});
    BOOST_TEST(run({"--csv", "show", "sessions", "--key", "a/b &"}).out.find("shop,s1,") !=
               std::string::npos);
    BOOST_TEST(code({"show", "sessions", "--key", "other"}) == 3);
    BOOST_TEST(code({"show", "sessions", "--key", ""}) == 0);  // none: how many there are
    BOOST_TEST(code({"forget", "--key", ""}) == 2);
    answers["DELETE api/v1/balancers/shop/sessions?key=a"] = {204, "", ""};
    BOOST_TEST(run({"forget", "--key", "a"}).out == "shop: forgotten\n");
    answers["GET api/v1/balancers/shop/sessions?key=b"] = {403, "", ""};
    BOOST_TEST(code({"show", "sessions", "--key", "b"}) == 4);
}

BOOST_AUTO_TEST_CASE(what_the_server_refuses_is_told_by_the_exit_code)
{
    for (const long status : {401, 403})
        BOOST_TEST(code_of_status(status) == 4);
    for (const long status : {400, 405, 409, 412, 413, 415, 422})
        BOOST_TEST(code_of_status(status) == 5);
    for (const long status : {301, 500, 502, 503})
        BOOST_TEST(code_of_status(status) == 6);
    BOOST_TEST(code_of_status(404) == 3);
    BOOST_TEST(code_of_status(404, "<html>Not Found</html>") == 6);
    BOOST_TEST(code_of_status(200, "<html>It works!</html>") == 6);
    BOOST_TEST(code_of_status(0) == 6);
}

BOOST_AUTO_TEST_CASE(the_servers_sentence_is_told_without_what_commands_terminals)
{
    answers["PATCH api/v1/balancers/app/members/b1"] = {409, R"({"error":"it is \u001b[31mso"})",
                                                        ""};
    BOOST_TEST(run({"ready", "b1"}).err == "stickyctl: it is ?[31mso\n");
}

BOOST_AUTO_TEST_CASE(bad_values_are_refused_before_anything_is_sent)
{
    for (const std::vector<std::string> &words :
         {std::vector<std::string>{"drain", "b1", "--deadline", "soon"},
          {"drain", "b1", "--timeout", "5s"},
          {"drain", "b1", "--wait", "--timeout", "x"},
          {"weight", "b1", "-1"},
          {"weight", "b1", "257"},
          {"weight", "b1", "1e1"},
          {"weight", "b1", "nan"},
          {"lameduck", "x"},
          {"pin", "b1", "--for", "x"}})
        BOOST_TEST(code(words) == 2);
    BOOST_TEST(calls.empty());
}

BOOST_AUTO_TEST_CASE(a_drain_that_is_over_is_looked_at_once_more)
{
    for (const char *method : {"PATCH", "GET"})
        answer(method + std::string(" api/v1/balancers/app/members/b1"),
               member_json("b1", {{"requested", "drain"}}));
    const auto done = run({"drain", "b1", "--wait"});
    BOOST_TEST(done.out ==
               "app/b1: 0 sessions, 0 requests under way\napp/b1: no session is left\n");
    BOOST_TEST((done.code == ExitCode::kDone));
    const auto json = run({"--json", "drain", "b1", "--wait"});
    BOOST_TEST(text_of(Json::parse(json.out), "requested") == "drain");
    BOOST_TEST(json.err.ends_with("app/b1: no session is left\n"));
}

BOOST_AUTO_TEST_CASE(the_configuration_of_two_servers_is_compared)
{
    answers["GET http://b.example/s/api/v1/balancers"] = {
        200,
        dump(balancers_json({balancer_json("app", {member_json("b1", {{"weight", 2}})})}), false),
        ""};
    BOOST_TEST(code({"diff", "http://a.example/s", "http://a.example/s"}) == 0);
    const auto found = run({"diff", "http://a.example/s", "http://b.example/s"});
    BOOST_TEST((found.code == ExitCode::kNotDone));
    BOOST_TEST(found.out == "WHAT           A  B\napp/b1 weight  1  2\n");
}

BOOST_AUTO_TEST_CASE(several_commands_end_with_the_first_that_fails)
{
    const auto result = run({"show members; show member none; status"});
    BOOST_TEST((result.code == ExitCode::kNotFound));
    BOOST_TEST(calls.size() == 2u);
}

BOOST_AUTO_TEST_CASE(of_several_commands_none_is_done_where_one_is_not_understood)
{
    for (const auto *line : {"drain b1; bogus", "drain b1; weight b1 x", "drain b1; ready"})
        BOOST_TEST(code({line}) == 2, line);
    BOOST_TEST(calls.empty());
}

BOOST_AUTO_TEST_CASE(one_thing_as_csv_is_names_and_values)
{
    const auto member = run({"--csv", "show", "member", "b1"}).out;
    BOOST_TEST(member.starts_with("name,value\nname,b1\n"));
    BOOST_TEST(member.find("\ndrain.clients,none\n") != std::string::npos);
    BOOST_TEST(run({"--csv", "show", "balancer", "app"}).out.find("\ntable.room,0\n") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(no_balancer_is_called_nothing)
{
    BOOST_TEST(code({"show", "balancer", ""}) == 3);
    answer("GET api/v1/balancers?from=0&count=500", balancers_json({}));
    BOOST_TEST(code({"show", "balancer", ""}) == 3);
}

BOOST_AUTO_TEST_CASE(a_server_behind_a_socket_is_called_by_that_too)
{
    answers.clear();
    answers["GET api/v1/balancers"] = {500, "", ""};
    BOOST_TEST(run({"-s", "/run/lb", "status"}).err.find("behind the socket /run/lb") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_password_is_not_sent_in_clear_without_a_word)
{
    environment["STICKYCTL_USER"] = "op";
    BOOST_TEST(run({"status"}).err.find("unencrypted") != std::string::npos);
    BOOST_TEST(run({"status", "--url", "https://lb.example/s"}).err == "");
}

BOOST_AUTO_TEST_CASE(many_members_come_in_parts)
{
    auto large = balancer_json("a/b", {member_json("m0")});
    large["member_count"] = 3;
    answer("GET api/v1/balancers?from=0&count=500", balancers_json({large}));
    const auto members = [](const std::vector<Json> &list) { return Json{{"members", list}}; };
    const std::string part = "GET api/v1/balancers/a/b/members?from=";
    answer(part + "1&count=500", members({member_json("m1")}));
    answer(part + "2&count=500", members({member_json("m2")}));
    BOOST_TEST(run({"--csv", "show", "members"}).out.find("a/b,m2,") != std::string::npos);
    BOOST_TEST(calls.size() == 3u);
    answer(part + "2&count=500", members({}));  // removed meanwhile
    BOOST_TEST(code({"show", "members"}) == 0);
}

BOOST_AUTO_TEST_CASE(answers_of_another_shape_are_no_crash)
{
    for (const auto *body :
         {"{}", R"({"balancers":null})", R"({"balancers":[1,[],{"name":[],"members":{}}]})",
          R"({"balancers":[{"members":[null,7,{"name":{"a":1},"drain":[],"check":3}]}]})"}) {
        answers["GET api/v1/balancers"] = {200, body, ""};
        for (const auto *command : {"status", "show members", "show stat", "show balancers",
                                    "show config", "show sessions"})
            BOOST_TEST(code({command}) == 0);
        BOOST_TEST(code({"show", "member", "x"}) == 3);
    }
}

BOOST_AUTO_TEST_SUITE_END()
