// SPDX-License-Identifier: Apache-2.0
//
// nocache=skip, mark, off: our cookie and shared caches. skip withholds the cookie from what such a
// cache is told to keep, mark makes what a cache might keep private, off does neither.
// Caught if: a cache hands one client's cookie to all, a page that no shared cache keeps loses its
// cookie, two words contradict each other, or a client that needs no cookie pays for it.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cctype>
#include <set>

#include "test/e2e/steps.hpp"

using namespace stickybalancer::test;

namespace {

struct Row {
    Headers headers;
    bool is_shared;      // explicitly for shared caches: skip withholds the cookie
    std::string marked;  // what mark makes of Cache-Control
    const char *method = "GET";
    int status = 200;
};

Header cc(const std::string &value) { return {"Cache-Control", value}; }
Header expires(const std::string &value) { return {"Expires", value}; }

const std::string kFuture = "Fri, 01 Jan 2100 00:00:00 GMT",
                  kPast = "Thu, 01 Jan 1970 00:00:00 GMT";
const std::string kAsItWas = "as it was";
const std::string kEither = "no public";  // for one field only: mark may leave it or not

const std::vector<Row> kRows = {
    {{}, false, "private"},
    {{cc("public")}, true, "private"},
    {{cc("max-age=60")}, true, "max-age=60, private"},
    {{cc("public, max-age=60, immutable")}, true, "max-age=60, immutable, private"},
    {{cc("s-maxage=60")}, true, "private"},
    {{cc("max-age=0, s-maxage=60")}, true, "max-age=0, private"},
    {{cc("max-age=0")}, false, "max-age=0, private"},
    {{cc("max-age=60, s-maxage=0")}, false, "max-age=60, private"},
    {{cc("public, s-maxage=0")}, true, "private"},
    {{cc("max-age=99999999999999999999")}, true, "max-age=99999999999999999999, private"},
    {{expires(kFuture)}, true, "private"},
    {{cc("max-age=0"), expires(kFuture)}, false, "max-age=0, private"},
    {{cc("s-maxage=0"), expires(kFuture)}, false, "private"},
    {{cc("max-age=60"), expires(kPast)}, true, "max-age=60, private"},
    {{expires(kPast)}, false, "private"},
    {{expires("0")}, false, "private"},
    {{cc("no-cache")}, false, "no-cache, private"},
    {{cc("must-revalidate")}, false, "must-revalidate, private"},
    {{{"Pragma", "no-cache"}}, false, "private"},
    {{{"Pragma", "no-cache"}, cc("max-age=60")}, true, "max-age=60, private"},
    // what no shared cache keeps
    {{cc("private")}, false, kAsItWas},
    {{cc("private, max-age=60")}, false, kAsItWas},
    {{cc("no-store")}, false, kAsItWas},
    {{cc("no-store, max-age=60")}, false, kAsItWas},
    {{cc("private"), expires(kFuture)}, false, kAsItWas},
    // our line is not kept, the rest is
    {{cc("private=\"Set-Cookie\", max-age=60")}, false, kEither},
    {{cc("no-cache=\"Set-Cookie\", max-age=60")}, false, kEither},
    {{cc("max-age=60, private=\"X-Other, set-cookie\"")}, false, kEither},
    {{cc("max-age=60, private=\"X-Other\"")}, true, kEither},
    // however it is written
    {{cc("PUBLIC")}, true, "private"},
    {{cc("Max-Age=60")}, true, "max-age=60, private"},
    {{cc("PRIVATE, MAX-AGE=60")}, false, kAsItWas},
    {{cc("public"), cc("max-age=60")}, true, "max-age=60, private"},
    {{cc("max-age=60"), cc("private")}, false, kAsItWas},
    {{cc("no-transform"), {"cache-control", "s-maxage=60"}}, true, "no-transform, private"},
    {{cc("no-transform ,,public")}, true, "no-transform, private"},
    {{cc("max-age=\"60\"")}, true, "max-age=\"60\", private"},
    {{cc("ext=\"a, public, max-age=60\"")}, false, "ext=\"a, public, max-age=60\", private"},
    {{cc("ext=\"private\", public")}, true, "ext=\"private\", private"},
    {{cc("ext=\"\\\", private\", public")}, true, "ext=\"\\\", private\", private"},
    {{cc("xpublic, x-max-age=60")}, false, "xpublic, x-max-age=60, private"},
    // methods and statuses that caches keep, or do not
    {{cc("public")}, true, "private", "HEAD"},
    {{cc("public, max-age=60")}, false, kAsItWas, "POST"},
    {{cc("public, max-age=60")}, false, kAsItWas, "PUT"},
    {{}, false, kAsItWas, "POST"},
    {{}, false, "private", "GET", 301},
    {{}, false, kAsItWas, "GET", 302},
    {{cc("max-age=60")}, true, "max-age=60, private", "GET", 302},
    {{cc("public")}, true, "private", "GET", 304},
    {{}, false, "private", "GET", 404},
    {{cc("max-age=60")}, true, "max-age=60, private", "GET", 404},
    {{}, false, kAsItWas, "GET", 500},
};

// The words of a Cache-Control, as RFC 9111 splits them.
std::set<std::string> words_of(const std::string &line)
{
    std::set<std::string> words;
    std::string word;
    bool quoted = false;
    for (std::size_t i = 0; i <= line.size(); ++i) {
        if (i == line.size() || (line[i] == ',' && !quoted)) {
            if (!trim(word).empty())
                words.insert(trim(word));
            word.clear();
            continue;
        }
        if (quoted && line[i] == '\\')
            word += line[i++];
        else if (line[i] == '"')
            quoted = !quoted;
        word += static_cast<char>(std::tolower(static_cast<unsigned char>(line[i])));
    }
    return words;
}

struct OneMember : Scenario {
    FakeMember a = start_member("a");
    std::string row;  // the path of the row in hand

    OneMember()
    {
        std::string text =
            "<Location \"/skip/by-httpd\">\nHeader set Cache-Control \"public\"\n</Location>\n";
        for (const std::string mode : {"skip", "mark", "off"})
            text += "<Proxy \"balancer://" + mode + "\">\nBalancerMember \"{a.url}\" route=a\n" +
                    "StickyCookie insert name=" + mode +
                    (mode == "skip" ? "" : " nocache=" + mode) + "\n</Proxy>\nProxyPass \"/" +
                    mode + "/\" \"balancer://" + mode + "/\"\n";
        start_httpd(text);
    }
    void for_each_row(const std::function<void(const Row &)> &check)
    {
        for (std::size_t i = 0; i < kRows.size(); ++i) {
            row = "row" + std::to_string(i);
            a.on('/' + row, Answer{.status = kRows[i].status, .headers = kRows[i].headers});
            std::string text;
            for (const auto &header : kRows[i].headers)
                text += "\n" + header.name + ": " + header.value;
            BOOST_TEST_CONTEXT(kRows[i].method << ' ' << kRows[i].status << text)
            check(kRows[i]);
        }
    }
    Response ask(const Row &of, const std::string &mode, const Headers &extra = {})
    {
        return new_browser().request(of.method, '/' + mode + '/' + row, "", extra);
    }
};

void check_as_it_was(const Response &answer, const Row &row)
{
    for (const auto *name : {"Cache-Control", "Expires", "Pragma"})
        BOOST_TEST(answer.headers.all(name) == row.headers.all(name),
                   boost::test_tools::per_element());
}

bool is_bound(const Response &answer, const std::string &mode)
{
    BOOST_TEST(answer.set_cookies().size() <= 1u);
    return answer.set_cookie(mode) == mode + "=.a; path=/; HttpOnly; SameSite=Lax";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cookie_nocache_test)

BOOST_FIXTURE_TEST_CASE(skip_withholds_it_where_shared_caches_keep_the_answer, OneMember)
{
    for_each_row([&](const Row &of) {
        const auto answer = ask(of, "skip");
        BOOST_TEST(is_bound(answer, "skip") == !of.is_shared);
        check_as_it_was(answer, of);
    });
}

BOOST_FIXTURE_TEST_CASE(mark_sets_it_and_makes_the_answer_private, OneMember)
{
    for_each_row([&](const Row &of) {
        const auto answer = ask(of, "mark");
        const auto lines = answer.headers.all("Cache-Control");
        BOOST_TEST(is_bound(answer, "mark"));
        BOOST_TEST(answer.headers.all("Expires") == of.headers.all("Expires"),
                   boost::test_tools::per_element());
        if (of.marked == kAsItWas)
            return check_as_it_was(answer, of);
        BOOST_REQUIRE(lines.size() == 1u);
        BOOST_TEST_CONTEXT("became " << lines[0])
        if (of.marked == kEither)
            BOOST_TEST(!words_of(lines[0]).count("public"));
        else
            BOOST_TEST(words_of(lines[0]) == words_of(of.marked), boost::test_tools::per_element());
    });
}

BOOST_FIXTURE_TEST_CASE(off_sets_it_and_changes_nothing, OneMember)
{
    for_each_row([&](const Row &of) {
        const auto answer = ask(of, "off");
        BOOST_TEST(is_bound(answer, "off"));
        check_as_it_was(answer, of);
    });
}

BOOST_FIXTURE_TEST_CASE(a_client_that_has_its_cookie_gets_the_answer_as_it_is, OneMember)
{
    for (const std::string mode : {"skip", "mark", "off"})
        for_each_row([&](const Row &of) {
            const auto answer = ask(of, mode, {{"Cookie", mode + "=.a"}});
            BOOST_TEST(answer.set_cookies().empty(), mode);
            check_as_it_was(answer, of);
        });
}

BOOST_FIXTURE_TEST_CASE(a_client_without_it_is_bound_by_the_next_answer, OneMember)
{
    a.on("/public", Answer{.headers = {cc("public")}});
    Browser client = new_browser();
    BOOST_TEST(client.get("/skip/public").set_cookies().empty());
    BOOST_TEST(logged(httpd, "/skip/public").at("state") == "NN");
    BOOST_TEST(is_bound(client.get("/skip/page"), "skip"));
    BOOST_TEST(logged(httpd, "/skip/page").at("state") == "NI");
}

// An administrator writes these headers more often than an application does.
BOOST_FIXTURE_TEST_CASE(what_mod_headers_sets_counts_too, OneMember)
{
    const auto answer = new_browser().get("/skip/by-httpd");
    BOOST_TEST(answer.header("Cache-Control") == "public");
    BOOST_TEST(answer.set_cookies().empty());
}

BOOST_AUTO_TEST_SUITE_END()
