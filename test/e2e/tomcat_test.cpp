// SPDX-License-Identifier: Apache-2.0
//
// examples/tomcat: two real Tomcats, which number the requests of a session that only they know. The
// module tells clients apart by the JSESSIONID that Tomcat gave them, in a cookie or in the address.
// Caught if: a session is asked for at the other Tomcat and begins again, a restart of httpd forgets
// one, or a Tomcat that ends takes clients of the other one along.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <sstream>

#include "test/e2e/example_steps.hpp"
#include "test/e2e/steps.hpp"
#include "test/support/wait.hpp"

using namespace stickybalancer::test;
using std::chrono::seconds;

namespace {

constexpr auto kStartOfTomcat = seconds(90);  // some three, where nothing else goes on
constexpr int kClients = 20;                  // of each kind
const char *const kPage = "/count.jsp";

// The page: a name and a value a line.
std::map<std::string, std::string> page_of(const Response &answer)
{
    std::map<std::string, std::string> page;
    std::istringstream in(answer.body);
    for (std::string name, value; in >> name >> value;)
        page[name] = value;
    return page;
}

// One instance of the example, which is one process: a Java VM.
class Tomcat {
public:
    Tomcat(std::string name, const std::filesystem::path &parent, bool has_route)
        : name_(std::move(name)),
          output_(parent / (name_ + ".output")),
          process_({{(example_folder("tomcat") / "instance").string(), (parent / name_).string(),
                     name_, std::to_string(port_.number()), has_route ? name_ : ""},
                    {},
                    output_})
    {
    }

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_.number()); }

    // Until it has made its page, which is compiled when it is first asked for.
    void wait_until_it_serves()
    {
        const auto serves = [this] {
            return Browser({.port = port_.number(), .timeout_s = 60}).get(kPage).member == name_;
        };
        wait_until(within(kStartOfTomcat), [&] { return serves() || !process_.is_running(); });
        BOOST_REQUIRE_MESSAGE(process_.is_running() && serves(), read_file(output_));
    }
    // Its sessions are gone with it.
    void stop()
    {
        process_.send(SIGKILL);
        process_.wait_for_end(within(seconds(10)));
    }

private:
    std::string name_;
    ReservedPort port_;
    std::filesystem::path output_;
    Process process_;
};

// A visitor, who is counted by whoever serves him.
class Visitor {
public:
    Visitor(Browser browser, bool keeps_cookies)
        : browser_(std::move(browser)), keeps_cookies_(keeps_cookies)
    {
    }

    // By a connection of its own, and the link of the last page. Empty, or what was not as expected.
    std::string visit()
    {
        const auto answer = browser_.get(keeps_cookies_ ? kPage : link_);
        browser_.disconnect();
        if (!keeps_cookies_)
            browser_.forget_cookies();
        const auto page = page_of(answer);
        if (answer.status != 200 || !page.count("again"))
            return "status " + std::to_string(answer.status) + ' ' + answer.error;
        const bool as_expected = page.at("count") == std::to_string(++count_) &&
                                 (instance.empty() || page.at("instance") == instance);
        link_ = page.at("again");
        instance = page.at("instance");
        set_cookies = answer.set_cookies();
        return as_expected ? "" : "not request " + std::to_string(count_) + ": " + answer.body;
    }
    // His Tomcat is gone: what he is told next is that he is new, elsewhere.
    void expect_to_be_new()
    {
        count_ = 0;
        instance.clear();
    }
    const std::string &link() const { return link_; }

    std::string instance;
    Lines set_cookies;  // of the last answer

private:
    Browser browser_;
    bool keeps_cookies_;
    std::string link_ = kPage;
    int count_ = 0;
};

struct TwoTomcats : ExampleScenario {
    Tomcat one, two;
    std::vector<Visitor> visitors;  // first those with cookies

    explicit TwoTomcats(bool with_routes)
        : ExampleScenario({}),
          one("one", root.path(), with_routes),
          two("two", root.path(), with_routes)
    {
        one.wait_until_it_serves();
        two.wait_until_it_serves();
        start_example();
    }

    void start_example()
    {
        start("tomcat", {"SB_PORT"}, {"MEMBER1 " + one.url(), "MEMBER2 " + two.url()});
    }
    void log_in()
    {
        for (int i = 0; i < 2 * kClients; ++i)
            visitors.emplace_back(browser(), i < kClients);
        check_all("the first request");
    }
    // Each visitor is counted on, at the Tomcat that he was at. In another order each time: where they are
    // placed in turn, the same order takes all of them where they were.
    void check_all(const std::string &when, int rounds = 1)
    {
        std::vector<std::size_t> order(visitors.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        for (int round = 0; round < rounds; ++round) {
            std::shuffle(order.begin(), order.end(), random_);
            for (const auto index : order) {
                const auto wrong = visitors[index].visit();
                BOOST_TEST(wrong == "", when << ": " << wrong);
            }
        }
    }
    Share share() const
    {
        Share share;
        for (const auto &visitor : visitors)
            ++share[visitor.instance];
        return share;
    }
    // Whose sessions were there is new; the others are where they were.
    void check_that_all_move_from(const std::string &instance)
    {
        for (const auto *id : {"AH00957", "AH00959", "AH01102", "AH01114", "AH10215", "SB2101"})
            log.allow(id);
        for (auto &visitor : visitors)
            if (visitor.instance == instance)
                visitor.expect_to_be_new();
        check_all("Tomcat " + instance + " has ended", 3);
        BOOST_TEST(share().count(instance) == 0u);
    }

private:
    std::mt19937 random_{1};
};

// What Tomcat itself sets, and nothing else; its ids end in the route where it has one.
void check_cookies(const TwoTomcats &scenario, bool with_routes)
{
    for (const auto &visitor : scenario.visitors) {
        BOOST_REQUIRE(visitor.set_cookies.size() == 1u);
        const auto &line = visitor.set_cookies.front();
        const auto end = line.find("; Path=/");
        BOOST_TEST(line.starts_with("JSESSIONID="));
        BOOST_TEST((line.substr(0, end).find('.') != std::string::npos) == with_routes);
        BOOST_TEST(line.substr(0, end).ends_with("." + visitor.instance) == with_routes);
        const auto id = line.substr(11, end - 11);
        BOOST_TEST(visitor.link() == (kPage + (";jsessionid=" + id)));
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tomcat_test)

BOOST_DATA_TEST_CASE(sessions_are_counted_on, (std::vector<bool>{false, true}), with_routes)
{
    TwoTomcats scenario(with_routes);
    scenario.log_in();
    BOOST_TEST((scenario.share() == Share{{"one", kClients}, {"two", kClients}}));
    check_cookies(scenario, with_routes);
    scenario.check_all("httpd runs", 3);
    scenario.graceful();
    scenario.check_all("after a graceful restart", 2);
    scenario.stop();
    scenario.start_example();
    scenario.check_all("after a stop and a start", 2);
    scenario.one.stop();
    scenario.check_that_all_move_from("one");
    BOOST_TEST((scenario.share() == Share{{"two", 2 * kClients}}));
}

BOOST_AUTO_TEST_SUITE_END()
