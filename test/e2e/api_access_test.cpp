// SPDX-License-Identifier: Apache-2.0
//
// Who may enter the operators' locations is httpd's Require; where that keeps nobody out, nothing is served. One
// location reads, the other writes, too.
// Caught if: a location is served that anybody may enter, one is refused that is guarded, whatever by; a reader
// changes something; or the page's files come without what keeps them apart from others.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>

#include "test/e2e/api_steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Guard {
    const char *lines;
    int status;  // for this machine, with X-Operator: yes
};

std::ostream &operator<<(std::ostream &out, const Guard &guard) { return out << guard.lines; }

const Guard kGuards[] = {
    {"", 403},
    {"Require all granted", 403},
    {"<RequireAll>\nRequire all granted\nRequire not ip 192.168.0.1\n</RequireAll>", 403},
    {"<RequireAll>\nRequire all granted\nRequire not ip 192.0.2.1\n</RequireAll>", 403},
    {"Require ip 0.0.0.0/1 128.0.0.0/1", 403},
    {"<RequireAny>\nRequire local\nRequire ip ::/1 8000::/1\n</RequireAny>", 403},
    {"<If \"-R '127.0.0.0/8'\">\nRequire all granted\n</If>\n<Else>\nRequire all denied\n</Else>",
     403},
    {"Require expr \"%{HTTP_HOST} != ''\"", 403},
    {"Require expr \"-n %{HTTP_USER_AGENT} && -n %{HTTP_HOST}\"", 403},
    {"Require expr \"%{HTTP_USER_AGENT} == ''\"\nRequire expr \"%{HTTP_USER_AGENT} =~ /Mozilla/\"",
     403},
    {"SetEnvIf Host . is_operator\nRequire env is_operator", 403},
    {"BrowserMatch Mozilla is_operator\nRequire env is_operator", 403},
    {"BrowserMatch Firefox/ is_operator\nRequire env is_operator", 403},
    {"BrowserMatch Chrome/ is_operator\nRequire env is_operator", 403},
    {"SetEnvIf Accept-Encoding gzip is_operator\nRequire env is_operator", 403},
    {"SetEnvIf Accept-Language en is_operator\nRequire env is_operator", 403},
    {"SetEnvIf Sec-Fetch-Mode navigate is_operator\nRequire env is_operator", 403},
    {"SetEnvIf Upgrade-Insecure-Requests 1 is_operator\nRequire env is_operator", 403},
    {"SetEnvIf Request_URI . is_operator\nRequire env is_operator", 403},
    {"Require env is_operator\n</Location>\nSetEnvIf Host . is_operator\n<Location \"/x\">", 403},
    {"SetEnvIf Remote_Addr ^127\\. is_operator\nRequire env is_operator", 200},
    {"Require ip 127.0.0.0/8 2001:db8::/32", 200},
    {"Require method GET HEAD", 403},
    {"Require expr true", 403},
    {"<RequireAny>\nRequire local\nRequire all granted\n</RequireAny>", 403},
    {"Require local", 200},
    {"Require ip 127.0.0.0/8 192.0.2.0/24", 200},
    {"Require expr \"%{HTTP:X-Operator} == 'yes'\"", 200},
    {"SetEnvIf X-Operator yes is_operator\nRequire env is_operator", 200},
    {"<RequireAll>\nRequire all granted\nRequire local\n</RequireAll>", 200},
    {"Require valid-user", 401},
    {"<RequireAny>\nRequire valid-user\nRequire local\n</RequireAny>", 200},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(api_access_test)

BOOST_DATA_TEST_CASE_F(ApiScenario, nothing_is_served_where_anybody_may_enter,
                       boost::unit_test::data::make(kGuards), guard)
{
    const std::string auth =
        "AuthType Basic\nAuthName ops\nAuthBasicProvider file\nAuthUserFile {root}/users\n";
    const bool has_users = std::string(guard.lines).find("valid-user") != std::string::npos;
    std::ofstream(httpd.root() / "users") << "ops:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n";
    start_httpd(
        "LoadModule auth_basic_module {modules}/mod_auth_basic.so\n"
        "LoadModule authn_file_module {modules}/mod_authn_file.so\n"
        "LoadModule authz_user_module {modules}/mod_authz_user.so\n"
        "<Proxy \"balancer://app\">\nBalancerMember \"{a.url}\"\nStickyBalancer On\n</Proxy>\n"
        "<Location \"/x\">\nSetHandler sticky-status\n" +
        std::string(has_users ? auth : "") + guard.lines + "\n</Location>\n");
    const auto answer = new_browser().get(
        "/x/health", {{"X-Operator", "yes"},
                      {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/1 Firefox/1"},
                      {"Accept-Encoding", "gzip"},
                      {"Accept-Language", "en"},
                      {"Sec-Fetch-Mode", "navigate"},
                      {"Upgrade-Insecure-Requests", "1"}});
    BOOST_TEST(answer.status == guard.status);
    if (guard.status == 403) {
        BOOST_TEST(is_error(answer, 403));
        httpd.log().expect("SB1160");
    }
    if (has_users)
        BOOST_TEST(
            new_browser().get("/x/health", {{"Authorization", "Basic b3BzOnBhc3N3b3Jk"}}).status ==
            200);
}

BOOST_FIXTURE_TEST_CASE(each_place_that_is_not_served_is_named, ApiScenario)
{
    start(R"(
        </Proxy>
        <Location "/open">
            SetHandler sticky-status
        </Location>
        <LocationMatch "^/wide/[a-z]+">
            SetHandler sticky-manager
            Require all granted
        </LocationMatch>
        Listen 127.0.0.1:{port.x}
        <VirtualHost 127.0.0.1:{port.x}>
            ServerName x.example.org
        </VirtualHost>
        <Proxy "balancer://app">
    )");
    BrowserOptions to_x;
    to_x.port = httpd.port("x");
    for (const auto *path : {"/open/health", "/open/", "/wide/a", "/wide/b"})
        BOOST_TEST(is_error(new_browser().get(path), 403), path);
    BOOST_TEST(is_error(new_browser(to_x).get("/open/metrics"), 403));
    httpd.log().expect("sticky-status at /open of localhost");
    httpd.log().expect("sticky-manager at ^/wide/[a-z]+ of localhost");
    httpd.log().expect("sticky-status at /open of x.example.org");
}

BOOST_FIXTURE_TEST_CASE(one_that_is_kept_out_gets_httpds_own_answer, ApiScenario)
{
    start(
        "</Proxy>\n<Location \"/ops2\">\nSetHandler sticky-manager\nRequire ip "
        "127.0.0.9\n</Location>\n"
        "<Proxy \"balancer://app\">");
    BrowserOptions other;
    other.source = "127.0.0.9";
    BOOST_TEST(new_browser(other).get("/ops2/health").status == 200);
    BOOST_TEST(new_browser().get("/ops2/health").status == 403);
    httpd.log().expect("AH01630");
    BOOST_TEST(httpd.log().count("AH01630") ==
               1);  // a stranger that is only imagined is not logged
}

BOOST_FIXTURE_TEST_CASE(a_reader_changes_nothing, ApiScenario)
{
    start("StickyOn cookie:SID");
    const std::string look = "/look/api/v1";
    auto reader = new_browser();
    const auto before = member("a").at("requested");
    for (const auto &[method, path, body] : std::vector<std::array<std::string, 3>>{
             {"PATCH", "/balancers/app/members/a", R"({"requested":"stopped"})"},
             {"PATCH", "/server", R"({"lameduck":"20s"})"},
             {"POST", "/balancers/app/members", R"({"url":"http://127.0.0.1:1"})"},
             {"DELETE", "/balancers/app/members/a", ""},
             {"DELETE", "/balancers/app/sessions?key=x", ""}})
        BOOST_TEST(is_error(reader.request(method, look + path, body, kJson), 403), method << path);
    BOOST_TEST(member("a").at("requested") == before);
    BOOST_TEST(Json::parse(reader.get(look + "/server").body).at("may_write") == false);
    BOOST_TEST(get("/server").at("may_write") == true);
}

BOOST_FIXTURE_TEST_CASE(each_call_names_its_methods, ApiScenario)
{
    start("StickyOn cookie:SID");
    const auto allowed = [&](const std::string &path) {
        const auto answer = call("PUT", path, "{}");
        BOOST_TEST(is_error(answer, 405), path);
        return answer.header("Allow");
    };
    BOOST_TEST(allowed("/server") == "GET, HEAD, PATCH");
    BOOST_TEST(allowed("/balancers") == "GET, HEAD");
    BOOST_TEST(allowed("/balancers/app") == "GET, HEAD");
    BOOST_TEST(allowed("/balancers/app/members") == "GET, HEAD, POST");
    BOOST_TEST(allowed("/balancers/app/members/a") == "GET, HEAD, PATCH, DELETE");
    BOOST_TEST(allowed("/balancers/app/sessions") == "GET, HEAD, DELETE");
    BOOST_TEST(allowed("/schema") == "GET, HEAD");
    for (const auto *path :
         {"/balancers/other", "/balancers/app/members/c", "/balancers/app/other", "/x", ""})
        BOOST_TEST(is_error(call("GET", path), 404), path);
}

BOOST_FIXTURE_TEST_CASE(a_head_is_a_get_without_its_body, ApiScenario)
{
    start();
    for (const std::string path : {"/ops/", "/ops/metrics", "/ops/health", "/ops/api/v1/balancers",
                                   "/ops/api/v1/balancers/app/members/a"}) {
        const auto head = new_browser().request("HEAD", path);
        BOOST_TEST(head.status == 200);
        BOOST_TEST(head.body == "");
        BOOST_TEST(head.header("Content-Type") == new_browser().get(path).header("Content-Type"));
    }
}

BOOST_FIXTURE_TEST_CASE(the_page_is_below_a_slash_and_talks_to_its_server_only, ApiScenario)
{
    start();
    auto browser = new_browser();
    const auto redirect = browser.get("/ops");
    BOOST_TEST(redirect.status == 301);
    BOOST_TEST(redirect.header("Location") == "./ops/");
    const auto page = browser.get("/ops/");
    BOOST_TEST(page.status == 200);
    BOOST_TEST(page.header("Content-Type") == "text/html; charset=utf-8");
    BOOST_TEST(page.header("X-Content-Type-Options") == "nosniff");
    BOOST_TEST(page.header("Referrer-Policy") == "same-origin");
    const auto policy = page.header("Content-Security-Policy");
    BOOST_TEST(policy.find("default-src 'none'") != std::string::npos);
    BOOST_TEST(policy.find("unsafe") == std::string::npos);
    BOOST_TEST(policy.find("frame-ancestors 'none'") != std::string::npos);
    const auto etag = page.header("ETag");
    BOOST_TEST(browser.get("/ops/", {{"If-None-Match", etag}}).status == 304);
    BOOST_TEST(browser.get("/ops/index.html").body == page.body);
    BOOST_TEST(is_error(browser.get("/ops/none.js"), 404));
    BOOST_TEST(is_error(browser.post("/ops/", "x=1"), 405));
    BOOST_TEST(browser.get("/ops/api/v1/server").header("Cache-Control") == "no-store");
}

BOOST_AUTO_TEST_SUITE_END()
