// SPDX-License-Identifier: Apache-2.0
//
// What is in a balancer's table of sessions, page by page, by digests of its keys; over the API and as stickyctl shows it.
// Caught if: a session is not told, or twice, or of another member; a key is; a digest changes by a restart; a page has
// no end.
#include <boost/test/unit_test.hpp>

#include <map>
#include <set>

#include "test/e2e/api_steps.hpp"
#include "test/e2e/stickyctl_steps.hpp"

using namespace stickybalancer::test;

namespace {

const std::string kLines = "StickyOn header:X-Key\nStickyTable expire=10min";
constexpr int kSessions = 10;

struct Table : ApiScenario {
    std::map<std::string, int> expected;  // sessions of each member

    void learn()
    {
        for (int i = 0; i < kSessions; ++i)
            ++expected
                [new_browser().get("/", {{"X-Key", "secret-key-" + std::to_string(i)}}).member];
    }
    Json page(const std::string &query = "") const { return get("/balancers/app/table" + query); }
    static std::set<std::string> digests_in(const Json &entries)
    {
        std::set<std::string> all;
        for (const auto &entry : entries)
            all.insert(entry.at("digest").get<std::string>());
        return all;
    }
    std::set<std::string> digests() const { return digests_in(page().at("entries")); }
    // Of all pages of so many.
    Json entries_by(int count) const
    {
        Json all = Json::array();
        for (Json from = 0; !from.is_null();) {
            const auto one = page("?from=" + from.dump() + "&count=" + std::to_string(count));
            BOOST_TEST(one.at("entries").size() <= static_cast<std::size_t>(count));
            all.insert(all.end(), one.at("entries").begin(), one.at("entries").end());
            from = one.at("next");
            BOOST_TEST_REQUIRE(all.size() <= kSessions);
        }
        return all;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(api_table_test)

BOOST_FIXTURE_TEST_CASE(each_session_is_told_once_with_its_member_and_without_its_key, Table)
{
    start(kLines);
    learn();
    const auto all = page();
    BOOST_TEST(all.at("entry_count") == kSessions);
    BOOST_TEST(all.at("room") == 102400);
    BOOST_TEST(all.at("next").is_null());
    std::map<std::string, int> found;
    for (const auto &entry : all.at("entries")) {
        ++found[entry.at("member").get<std::string>()];
        BOOST_TEST(entry.at("requests") == 1);
        BOOST_TEST(entry.at("expires_s") <= 600);
        BOOST_TEST(entry.at("expires_s") >= 500);
        BOOST_TEST(entry.at("by") == "client");
    }
    BOOST_TEST((found == expected));
    BOOST_TEST(digests().size() == std::size_t{kSessions});
    BOOST_TEST(all.dump().find("secret-key") == std::string::npos);
    BOOST_TEST(schema_problems(*this, {all.dump(), page("?count=3").dump()}) == "");
    BOOST_TEST(is_error(call("DELETE", "/balancers/app/table", {}, {}), 405));
    BOOST_TEST(new_browser().get("/look/api/v1/balancers/app/table").status == 200);
}

BOOST_FIXTURE_TEST_CASE(pages_have_as_many_as_is_asked_for_and_an_end, Table)
{
    start(kLines);
    learn();
    for (const int count : {1, 3, kSessions})
        BOOST_TEST((digests_in(entries_by(count)) == digests()));
    for (const auto *bad : {"?count=0", "?count=x", "?from=-1", "?from="})
        BOOST_TEST(is_error(call("GET", std::string("/balancers/app/table") + bad), 400), bad);
    BOOST_TEST(page("?from=99999999999").at("next").is_null());
    BOOST_TEST(page("?from=99999999999").at("entries").empty());
}

BOOST_FIXTURE_TEST_CASE(digests_are_the_same_after_a_restart, Table)
{
    start(kLines);
    learn();
    const auto before = digests();
    BOOST_TEST(before.size() == std::size_t{kSessions});
    httpd.wait_until_idle(std::chrono::seconds(20));
    httpd.stop();
    httpd.start_again();
    BOOST_TEST((digests() == before));
}

BOOST_FIXTURE_TEST_CASE(without_a_table_there_is_none, Table)
{
    start();
    BOOST_TEST(is_error(call("GET", "/balancers/app/table"), 404));
}

BOOST_FIXTURE_TEST_CASE(stickyctl_shows_it_as_table_csv_and_json, StickyctlScenario)
{
    start(kLines);
    for (int i = 0; i < kSessions; ++i)
        new_browser().get("/", {{"X-Key", "secret-key-" + std::to_string(i)}});
    const auto csv = stickyctl({"--csv", "show", "table", "app"});
    BOOST_TEST(csv.code == 0);
    BOOST_TEST(csv.says("digest,member,requests,expires_s,used,learned,by\n"), csv.output);
    BOOST_TEST(std::count(csv.output.begin(), csv.output.end(), '\n') == kSessions + 1);
    BOOST_TEST(!csv.says("there are more"));
    const auto some = stickyctl({"show", "table", "app", "--count", "4"});
    BOOST_TEST(some.says("DIGEST"));
    BOOST_TEST(some.says("there are more: --from "), some.output);
    const auto at = some.output.find("--from ") + 7;
    const auto from = some.output.substr(at, some.output.find('\n', at) - at);
    const auto rest = stickyctl({"--json", "show", "table", "app", "--from", from});
    BOOST_TEST(Json::parse(rest.output).at("entries").size() == std::size_t{kSessions - 4});
    BOOST_TEST(code_of({"show", "table", "app", "--count", "0"}) == 2);
}

BOOST_AUTO_TEST_SUITE_END()
