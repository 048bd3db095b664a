// SPDX-License-Identifier: Apache-2.0
//
// What the API tells: every answer as the schema has it, the same through every child and every virtual host; any bytes
// in names; some of many members.
// Caught if: an answer has a field too many or too few, markup or other bytes break the JSON, sums are not those of the
// members, or a balancer is missing, or shown twice.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "test/e2e/api_steps.hpp"

using namespace stickybalancer::test;

namespace {

std::vector<std::string> names_in(const Json &list)
{
    std::vector<std::string> names;
    for (const auto &one : list)
        names.push_back(one.at("name"));
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(api_reads_test)

BOOST_FIXTURE_TEST_CASE(every_answer_is_as_the_schema_says, ApiScenario)
{
    start(
        "StickyOn cookie:SID\nStickyMember a label=\"Web 1\" maxconn=5\nStickyCheck http "
        "interval=100ms\n"
        "ProxySet growth=2");
    a.on("/login", Answer{.headers = {{"Set-Cookie", "SID=s1; Path=/"}}});
    b.on("/login", Answer{.headers = {{"Set-Cookie", "SID=s1; Path=/"}}});
    BOOST_TEST(new_browser().get("/login").status == 200);
    BOOST_TEST(wait_until(within(std::chrono::seconds(10)),
                          [&] { return member("a").at("check").at("last") == "passed"; }));
    std::vector<std::string> texts;
    for (const auto *path : {"/balancers", "/balancers?members=no", "/balancers/app",
                             "/balancers/app/members", "/balancers/app/members/b", "/server",
                             "/balancers/app/sessions?key=s1", "/balancers/none"})
        texts.push_back(call("GET", path).body);
    texts.push_back(patch("a", R"({"requested":"drain","deadline":"1h"})").body);
    texts.push_back(patch("a", R"({"what":1})").body);
    texts.push_back(add(R"({"url":"http://127.0.0.1:9"})").body);
    texts.push_back(call("PATCH", "/server", R"({"lameduck":"1m"})").body);
    texts.push_back(new_browser().get("/ops/health").body);
    for (const auto &text : texts)
        BOOST_TEST(Json::accept(text), text);
    BOOST_TEST(schema_problems(*this, texts) == "");
    BOOST_TEST(schema_problems(*this, {R"({"server":1})"}) != "");
    allow_failed_connections();
    httpd.log().allow("SB2104");
}

BOOST_FIXTURE_TEST_CASE(a_member_is_told_as_it_is, ApiScenario)
{
    start(
        "StickyMember a label=\"<script>alert('1')</script> \xC3\xBC\" maxconn=7 minconn=2 "
        "weight=3 maxsessions=9");
    const auto answer = new_browser().get(kApi + "/balancers/app/members/a");
    BOOST_TEST(answer.body.find('<') == std::string::npos);
    const auto one = Json::parse(answer.body);
    BOOST_TEST(one.at("label") == "<script>alert('1')</script> \xC3\xBC");
    BOOST_TEST(one.at("name") == "a");
    BOOST_TEST(one.at("address") == "127.0.0.1:" + std::to_string(a.port()));
    BOOST_TEST(one.at("weight") == 3);
    BOOST_TEST(one.at("minconn") == 2);
    BOOST_TEST(one.at("maxconn") == 7);
    BOOST_TEST(one.at("maxsessions") == 9);
    BOOST_TEST(one.at("requested") == "ready");
    BOOST_TEST(one.at("actual") == "up");
    BOOST_TEST(one.at("added") == false);
    BOOST_TEST(Json::parse(new_browser().get(kApi + "/balancers/app/members/" + a.url()).body) ==
               one);
}

BOOST_FIXTURE_TEST_CASE(why_a_member_is_down_by_checks_is_told, ApiScenario)
{
    start("StickyCheck http uri=/running interval=100ms rise=1 fall=1");
    const auto comes_to = [this](const char *actual, const char *text) {
        return wait_until(within(std::chrono::seconds(20)), [&] {
            const auto shown = member("b");
            return shown.at("actual") == actual && shown.at("check").at("text") == text;
        });
    };
    BOOST_TEST(comes_to("up", "200"));
    b.on("/running", Answer{.status = 500});
    BOOST_TEST(comes_to("down", "500"));
    b.stop();
    BOOST_TEST(comes_to("down", "Connection refused"));
    BOOST_TEST(member("b").at("requested") == "ready");
    BOOST_TEST(member("b").at("reason") == "check-failed");
    BOOST_TEST(member("a").at("check").at("text") == "200");
    httpd.log().expect("SB2104");
}

BOOST_FIXTURE_TEST_CASE(who_is_not_checked_has_no_text_of_a_check, ApiScenario)
{
    start();
    BOOST_TEST(member("b").at("check").at("text") == "");
}

BOOST_FIXTURE_TEST_CASE(a_request_under_way_is_active_by_one_and_in_the_sum, ApiScenario)
{
    start();
    a.hold("/slow");
    auto client = new_browser_on("a");
    auto pending = client.start_get("/slow");
    const auto is_active = [&](int count) {
        return wait_until(within(std::chrono::seconds(10)), [&] {
            const auto app = get("/balancers/app");
            return app.at("active") == count && app.at("members").at(0).at("active") == count;
        });
    };
    BOOST_TEST(is_active(1));
    a.release_all();
    BOOST_TEST(pending.wait().status == 200);
    BOOST_TEST(is_active(0));
}

BOOST_FIXTURE_TEST_CASE(a_request_goes_into_the_totals_once, ApiScenario)
{
    start();
    auto client = new_browser();
    client.get("/");
    client.get("/");
    const auto totals = get("/balancers/app").at("totals");
    BOOST_TEST(totals.at("requests") == 2);
    BOOST_TEST(totals.at("causes").at("policy") == 1);
    BOOST_TEST(totals.at("causes").at("cookie") == 1);
    BOOST_TEST(totals.at("cookies").at("none") == 1);
    BOOST_TEST(totals.at("cookies").at("valid") == 1);
}

BOOST_FIXTURE_TEST_CASE(some_of_many_members_are_shown, ApiScenario)
{
    std::string lines;
    for (int i = 0; i < 2000; ++i)
        lines += "BalancerMember \"http://127.0.0.1:1/" + std::to_string(10000 + i) + "\" route=m" +
                 std::to_string(i) + "\n";
    start(lines);
    const auto all = get("/balancers/app/members");
    BOOST_TEST(all.at("member_count") == 2002);
    BOOST_TEST(all.at("members").size() == 2002u);
    const auto some = get("/balancers/app/members?from=1000&count=3");
    BOOST_TEST(some.at("member_count") == 2002);
    BOOST_TEST(names_in(some.at("members")) == (Names{"m998", "m999", "m1000"}));
    BOOST_TEST(get("/balancers/app?from=2001&count=50").at("members").size() == 1u);
    BOOST_TEST(get("/balancers/app?from=5000").at("members").size() == 0u);
    BOOST_TEST(!get("/balancers/app?members=no").contains("members"));
    BOOST_TEST(get("/balancers?count=1").at("balancers").at(0).at("members").size() == 1u);
    for (const auto *bad : {"from=-1", "from", "count=x", "from=1x", "count=99999999999999999999"})
        BOOST_TEST(is_error(call("GET", std::string("/balancers/app?") + bad), 400), bad);
}

BOOST_FIXTURE_TEST_CASE(a_query_that_is_not_understood_is_an_error, ApiScenario)
{
    start("StickyOn cookie:SID");
    const auto is_wrong = [&](const std::string &path, const std::string &sentence) {
        const auto answer = call("GET", path);
        BOOST_TEST(is_error(answer, 400), path);
        BOOST_TEST(answer.body.find(sentence) != std::string::npos, answer.body);
    };
    is_wrong("/balancers?bogus=1",
             "there is no parameter 'bogus' here; parameters are members, from, count and at");
    is_wrong("/balancers/app?members=foo", "members is yes or no");
    is_wrong("/balancers/app/members?from=1&from=2", "the parameter 'from' comes twice");
    is_wrong("/balancers/app/members/a?from=1", "there is no parameter 'from' here; write none");
    is_wrong("/server?x", "there is no parameter 'x'");
    is_wrong("/schema?x", "there is no parameter 'x'");
    is_wrong("/balancers/app/sessions?key=a&key=b", "the parameter 'key' comes twice");
    is_wrong("/balancers/app/sessions?key=%zz", "a percent sign is written %25");
    BOOST_TEST(is_error(
        call("PATCH", "/balancers/app/members/a?force=1", R"({"requested":"stopped"})"), 400));
    BOOST_TEST(is_error(call("DELETE", "/balancers/app/sessions?key=a&all=1", {}, {}), 400));
    BOOST_TEST(member("a").at("requested") == "ready");
    BOOST_TEST(get("/balancers?members=yes").at("balancers").at(0).at("members").size() == 2u);
    BOOST_TEST(new_browser().get("/ops/health?from=monitor").status == 200);
    BOOST_TEST(new_browser().get("/ops/metrics?name[]=x").status == 200);
}

BOOST_DATA_TEST_CASE_F(ApiScenario, a_slash_in_a_name_comes_as_it_is,
                       boost::unit_test::data::make({"Off", "NoDecode", "On"}), setting)
{
    start(std::string("BalancerMember \"http://127.0.0.1:1/x/y\" route=r/1\n</Proxy>\n") +
          "AllowEncodedSlashes " + setting + "\n<Proxy \"balancer://app\">");
    BOOST_TEST(member("r/1").at("name") == "r/1");
    BOOST_TEST(member("http://127.0.0.1:1/x/y").at("name") == "r/1");
    const bool is_off = setting == std::string("Off");
    const auto escaped = call("GET", "/balancers/app/members/r%2F1");
    BOOST_TEST(escaped.status == (is_off ? 404 : 200));
    if (!is_off)
        BOOST_TEST(Json::parse(escaped.body).at("name") == "r/1");
    BOOST_TEST(is_error(call("GET", "/balancers/app/members/no%5Cbody"), 404));
}

BOOST_FIXTURE_TEST_CASE(every_virtual_host_tells_of_all_balancers, ApiScenario)
{
    start_httpd(std::string(R"(
        Listen 127.0.0.1:{port.x}
        <VirtualHost 127.0.0.1:{port.x}>
            ServerName x.example.org
            <Proxy "balancer://app">
                BalancerMember "{b.url}" route=b
                StickyCookie insert name=X
                ProxySet lbmethod=leastconn
            </Proxy>
            <Proxy "balancer://alone">
                BalancerMember "{b.url}" route=b
                ProxySet stickysession=SID|sid
                StickyBalancer On
            </Proxy>
        </VirtualHost>
        Listen 127.0.0.1:{port.y}
        <VirtualHost 127.0.0.1:{port.y}>
            ServerName y.example.org
            <Proxy "balancer://app">
                BalancerMember "{a.url}" route=a
                StickyBalancer On label="HTTP cluster"
                StickyOn header:X-Key
            </Proxy>
            <Proxy "balancer://other">
                BalancerMember "{b.url}"
            </Proxy>
        </VirtualHost>
    )") + kApiLocations);
    const auto list = get("/balancers").at("balancers");
    const auto x = "app@x.example.org:" + std::to_string(httpd.port("x"));
    const auto y = "app@y.example.org:" + std::to_string(httpd.port("y"));
    auto names = names_in(list);
    std::sort(names.begin(), names.end());
    BOOST_TEST(names == (Names{"alone", x, y}), boost::test_tools::per_element());
    BOOST_TEST(get("/balancers/" + x).at("policy") == "leastconn");
    BOOST_TEST(get("/balancers/" + x).at("persistence") == Json::parse(R"(["cookie:X insert"])"));
    BOOST_TEST(get("/balancers/" + y).at("label") == "HTTP cluster");
    BOOST_TEST(get("/balancers/" + y).at("persistence") ==
               Json::parse(R"(["table header:X-Key"])"));
    BOOST_TEST(get("/balancers/alone").at("persistence") ==
               Json::parse(R"(["cookie:SID passive", "url:sid"])"));
    BOOST_TEST(get("/balancers/" + x + "/members/b").at("balancer") == x);
    BrowserOptions to_x;
    to_x.port = httpd.port("x");
    const auto there = Json::parse(new_browser(to_x).get("/look/api/v1/balancers").body);
    BOOST_TEST(names_in(there.at("balancers")) == names_in(list), boost::test_tools::per_element());
    BOOST_TEST(is_error(call("GET", "/balancers/app"), 404));
}

// A main server without a port of its own is reached by any.
BOOST_FIXTURE_TEST_CASE(a_balancers_host_has_the_port_that_its_server_name_says, ApiScenario)
{
    const auto host = [&] { return get("/balancers/app").at("host"); };
    start();
    BOOST_TEST(host() == "localhost");
    httpd.stop();
    start("</Proxy>\nServerName www.example.org:8443\n<Proxy \"balancer://app\">");
    BOOST_TEST(host() == "www.example.org:8443");
}

BOOST_FIXTURE_TEST_CASE(a_session_is_looked_up_by_its_key, ApiScenario)
{
    start("StickyOn cookie:SID\nStickyOn header:X-Key\nStickyOn client\nStickyTable expire=10min");
    const std::string key = "a/b+c%&=\"\xFF'";
    const std::string escaped = "a%2Fb%2Bc%25%26%3D%22%FF%27";
    auto client = new_browser();
    const auto at = client.get("/", {{"X-Key", key}}).member;
    const auto list = get("/balancers/app/sessions?key=" + escaped).at("sessions");
    BOOST_TEST(list.size() == 1u);
    BOOST_TEST(list.at(0).at("member") == at);
    BOOST_TEST(list.at(0).at("by") == "client");
    BOOST_TEST(list.at(0).at("balancer") == "app");
    BOOST_TEST(get("/balancers/app/sessions?key=127.0.0.1").at("sessions").at(0).at("key") ==
               "client");
    const auto quoted = new_browser().get("/", {{"Cookie", "SID=\"in quotes\""}}).member;
    for (const auto *as_sent : {"%22in%20quotes%22", "in%20quotes"})
        BOOST_TEST(get(std::string("/balancers/app/sessions?key=") + as_sent)
                       .at("sessions")
                       .at(0)
                       .at("member") == quoted);
    BOOST_TEST(is_error(call("GET", "/balancers/app/sessions?key=nobody"), 404));
    for (const auto *bad : {"", "?key=", "?key=%zz", "?key=%4", "?other=1"})
        BOOST_TEST(is_error(call("GET", std::string("/balancers/app/sessions") + bad), 400), bad);

    BOOST_TEST(call("DELETE", "/balancers/app/sessions?key=" + escaped, {}, {}).status == 204);
    BOOST_TEST(is_error(call("GET", "/balancers/app/sessions?key=" + escaped), 404));
    BOOST_TEST(is_error(call("DELETE", "/balancers/app/sessions?key=" + escaped, {}, {}), 404));
    httpd.log().expect("SB2304");
    BOOST_TEST(!httpd.log().has("a/b+c"));
}

BOOST_AUTO_TEST_SUITE_END()
