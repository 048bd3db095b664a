// SPDX-License-Identifier: Apache-2.0
//
// Picks by sealed cookies: when one is written anew, and with what dates.
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "test/unit/support/allocations.hpp"
#include "test/unit/support/balancer.hpp"
#include "test/unit/support/keys.hpp"
#include "test/unit/support/written.hpp"

using namespace stickybalancer;
using namespace stickybalancer::test;
using persistence::CookieFault;
using persistence::CookieMode;
using persistence::CookieState;
using persistence::Seal;
using selection::Cause;

namespace {

// Cookies of keys k1 and, until a short while ago, k0.
struct Sealed : ThreeMembers {
    Sealed()
    {
        settings.seal = Seal::kSigned;
        settings.keys = keys_of({"k1", "k0"});
    }
    std::string cookie(std::string_view route, std::int64_t issued_ago_s, std::int64_t seen_ago_s,
                       std::string_view key = "k1")
    {
        auto writing = settings;
        writing.keys = keys_of({key});
        return "ROUTEID=" + written([&](auto &out) {
                   write_cookie_value(out, writing, route,
                                      {kNow_s - issued_ago_s, kNow_s - seen_ago_s}, 7);
               });
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(pick_seal_test)

BOOST_FIXTURE_TEST_CASE(a_sealed_cookie_is_written_once, Sealed)
{
    for (const auto seal : {Seal::kSigned, Seal::kOpaque}) {
        settings.seal = seal;
        const auto bound = pick(unbound().cookie(cookie("b", 99'999, 99'999)));
        BOOST_TEST(bound.member == "b");
        BOOST_TEST(bound.cookie == CookieState::kValid);
        BOOST_TEST(!bound.wants_cookie);
        BOOST_TEST(pick(unbound()).dates == (persistence::CookieDates{kNow_s, kNow_s}));
    }
}

BOOST_FIXTURE_TEST_CASE(a_cookie_under_an_old_key_or_seal_is_written_anew_and_keeps_its_age, Sealed)
{
    settings.limits.life_s = 600;
    const auto old_key = cookie("b", 500, 400, "k0");
    settings.seal = Seal::kOpaque;
    const auto other_seal = cookie("b", 500, 400);
    settings.seal = Seal::kSigned;
    for (const auto &header : {old_key, other_seal}) {
        const auto bound = pick(unbound().cookie(header));
        BOOST_TEST(bound.member == "b");
        BOOST_TEST(bound.cookie == CookieState::kValid);
        BOOST_TEST(bound.wants_cookie);
        BOOST_TEST(bound.dates == (persistence::CookieDates{kNow_s - 500, kNow_s}));
    }
}

BOOST_FIXTURE_TEST_CASE(a_plain_cookie_is_refused_or_where_it_is_accepted_written_anew, Sealed)
{
    const auto refused = pick(bound_to("b"));
    BOOST_TEST(refused.cause == Cause::kPolicy);
    BOOST_TEST(refused.cookie_fault == CookieFault::kPlain);
    settings.accepts_plain = true;
    const auto accepted = pick(bound_to("b"));
    BOOST_TEST(accepted.member == "b");
    BOOST_TEST(accepted.wants_cookie);
    BOOST_TEST(accepted.dates.issued_s == kNow_s);
    const auto dated = pick(unbound().cookie("ROUTEID=1-1.a"));
    BOOST_TEST(dated.wants_cookie);
    BOOST_TEST(dated.dates.issued_s == 1);
}

BOOST_FIXTURE_TEST_CASE(an_application_sets_its_own_cookie_with_our_dates_in_it, Sealed)
{
    settings.mode = CookieMode::kRewrite;
    const auto bound = pick(unbound().cookie(cookie("b", 500, 400, "k0")));
    BOOST_TEST(bound.member == "b");
    BOOST_TEST(bound.binds_client);
    BOOST_TEST(!bound.wants_cookie);
    BOOST_TEST(bound.dates == (persistence::CookieDates{kNow_s - 500, kNow_s}));
    settings.mode = CookieMode::kPrefix;
    BOOST_TEST(!pick(unbound()).wants_cookie);
    BOOST_TEST(pick(unbound()).dates.is_known());
}

BOOST_FIXTURE_TEST_CASE(picks_by_sealed_cookies_allocate_nothing, Sealed)
{
    const auto in_force = view();
    const auto headers = {cookie("b", 10, 10), cookie("b", 10, 10, "k0"), cookie("b", 10, 10, "k9"),
                          std::string("ROUTEID=.b")};
    std::vector<Request> requests;
    for (const auto &header : headers)
        requests.push_back(unbound().cookie(header));
    std::vector<selection::PickRequest> views;
    for (const auto &request : requests)
        views.push_back(request.view());
    int failed = 0;
    const auto before = allocation_count();
    for (const auto &request : views)
        failed += selection::pick(request, in_force, cursors) ? 0 : 1;
    BOOST_TEST(allocation_count() - before == 0u);
    BOOST_TEST(failed == 0);
}

BOOST_AUTO_TEST_SUITE_END()
