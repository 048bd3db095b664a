// SPDX-License-Identifier: Apache-2.0
//
// What can only be seen from both sides of the C ABI: that its numbers are those of the core. The
// calls themselves are tested in C (test/abi).
#include <boost/test/unit_test.hpp>

#include <string>
#include <thread>
#include <vector>

#include "core/persistence/answer.hpp"
#include "core/persistence/cookie_writer.hpp"
#include "core/selection/pick.hpp"
#include "test/unit/support/abi.hpp"
#include "test/unit/support/allocations.hpp"

using namespace stickybalancer;
using test::number;
using test::OneMember;
using test::str;

BOOST_AUTO_TEST_SUITE(stickybalancer_test)

BOOST_AUTO_TEST_CASE(statuses_have_the_numbers_of_the_core)
{
    using base::Status;
    BOOST_TEST(number(Status::kOk) == SB_OK);
    BOOST_TEST(number(Status::kNotFound) == SB_NOT_FOUND);
    BOOST_TEST(number(Status::kNoUsableMember) == SB_NO_USABLE_MEMBER);
    BOOST_TEST(number(Status::kInvalidArgument) == SB_INVALID_ARGUMENT);
    BOOST_TEST(number(Status::kBufferTooSmall) == SB_BUFFER_TOO_SMALL);
    BOOST_TEST(number(Status::kLayoutMismatch) == SB_LAYOUT_MISMATCH);
    BOOST_TEST(number(Status::kNoMemory) == SB_NO_MEMORY);
    BOOST_TEST(number(Status::kInternal) == SB_INTERNAL);
    BOOST_TEST(number(Status::kBusy) == SB_BUSY);
    BOOST_TEST(number(Status::kFailoverForbidden) == SB_FAILOVER_FORBIDDEN);
    BOOST_TEST(number(Status::kSessionsFull) == SB_SESSIONS_FULL);
}

BOOST_AUTO_TEST_CASE(causes_and_choices_have_the_numbers_of_the_core)
{
    using persistence::CookieMode, persistence::SameSite, persistence::SecureMode, selection::Cause;
    using persistence::NoCache, persistence::Seal;
    BOOST_TEST(number(Cause::kPolicy) == SB_CAUSE_POLICY);
    BOOST_TEST(number(Cause::kCookie) == SB_CAUSE_COOKIE);
    BOOST_TEST(number(Cause::kPath) == SB_CAUSE_PATH);
    BOOST_TEST(number(Cause::kQuery) == SB_CAUSE_QUERY);
    BOOST_TEST(number(Cause::kForced) == SB_CAUSE_FORCED);
    BOOST_TEST(number(Cause::kRedispatch) == SB_CAUSE_REDISPATCH);
    BOOST_TEST(number(Cause::kHash) == SB_CAUSE_HASH);
    BOOST_TEST(number(Cause::kTable) == SB_CAUSE_TABLE);
    BOOST_TEST(number(Cause::kPersist) == SB_CAUSE_PERSIST);
    BOOST_TEST(number(selection::WhenDown::kRedispatch) == SB_WHEN_DOWN_REDISPATCH);
    BOOST_TEST(number(selection::WhenDown::kPersist) == SB_WHEN_DOWN_PERSIST);
    BOOST_TEST(number(selection::WhenDown::kForbid) == SB_WHEN_DOWN_FORBID);
    BOOST_TEST(number(CookieMode::kOff) == SB_COOKIE_OFF);
    BOOST_TEST(number(CookieMode::kPassive) == SB_COOKIE_PASSIVE);
    BOOST_TEST(number(CookieMode::kInsert) == SB_COOKIE_INSERT);
    BOOST_TEST(number(CookieMode::kRewrite) == SB_COOKIE_REWRITE);
    BOOST_TEST(number(CookieMode::kPrefix) == SB_COOKIE_PREFIX);
    BOOST_TEST(number(Seal::kPlain) == SB_SEAL_PLAIN);
    BOOST_TEST(number(Seal::kSigned) == SB_SEAL_SIGNED);
    BOOST_TEST(number(Seal::kOpaque) == SB_SEAL_OPAQUE);
    BOOST_TEST(number(NoCache::kSkip) == SB_NO_CACHE_SKIP);
    BOOST_TEST(number(NoCache::kMark) == SB_NO_CACHE_MARK);
    BOOST_TEST(number(NoCache::kOff) == SB_NO_CACHE_OFF);
    BOOST_TEST(number(SecureMode::kAuto) == SB_SECURE_AUTO);
    BOOST_TEST(number(SecureMode::kOn) == SB_SECURE_ON);
    BOOST_TEST(number(SecureMode::kOff) == SB_SECURE_OFF);
    BOOST_TEST(number(SameSite::kOff) == SB_SAME_SITE_OFF);
    BOOST_TEST(number(SameSite::kLax) == SB_SAME_SITE_LAX);
    BOOST_TEST(number(SameSite::kStrict) == SB_SAME_SITE_STRICT);
    BOOST_TEST(number(SameSite::kNone) == SB_SAME_SITE_NONE);
}

BOOST_AUTO_TEST_CASE(answers_and_keys_have_the_numbers_of_the_core)
{
    using persistence::Expires, persistence::ItsCookie, persistence::OurCookie;
    BOOST_TEST(number(Expires::kNone) == SB_EXPIRES_NONE);
    BOOST_TEST(number(Expires::kPast) == SB_EXPIRES_PAST);
    BOOST_TEST(number(Expires::kFuture) == SB_EXPIRES_FUTURE);
    BOOST_TEST(number(OurCookie::kNone) == SB_OURS_NONE);
    BOOST_TEST(number(OurCookie::kBind) == SB_OURS_BIND);
    BOOST_TEST(number(OurCookie::kExpire) == SB_OURS_EXPIRE);
    BOOST_TEST(number(ItsCookie::kPass) == SB_ITS_PASS);
    BOOST_TEST(number(ItsCookie::kDrop) == SB_ITS_DROP);
    BOOST_TEST(number(ItsCookie::kEdit) == SB_ITS_EDIT);
    BOOST_TEST(persistence::kSecretSize == SB_SECRET_SIZE);
    BOOST_TEST(persistence::TokenKeys::kMostKeys == SB_KEYS_MAX);
}

BOOST_AUTO_TEST_CASE(faults_have_the_numbers_and_the_names_of_the_core)
{
    using persistence::CookieFault;
    const auto name = [](CookieFault fault) {
        return std::string_view(sb_fault_name(static_cast<std::uint32_t>(fault)));
    };
    BOOST_TEST(name(CookieFault::kUnknownRoute) == "unknown_route");
    BOOST_TEST(name(CookieFault::kPlain) == "plain");
    BOOST_TEST(name(CookieFault::kMalformed) == "malformed");
    BOOST_TEST(name(CookieFault::kUnknownKey) == "unknown_key");
    BOOST_TEST(name(CookieFault::kForeign) == "foreign");
    BOOST_TEST(name(CookieFault::kForged) == "forged");
    BOOST_TEST(name(CookieFault::kExpired) == "expired");
    BOOST_TEST(name(CookieFault::kOld) == "old");
    BOOST_TEST((sb_fault_name(persistence::kCookieFaultCount) == nullptr));
}

BOOST_FIXTURE_TEST_CASE(a_thousand_requests_through_the_abi_allocate_nothing, OneMember)
{
    const std::string header = "ROUTEID=.gone";
    sb_request request{};
    request.struct_size = sizeof(request);
    request.cookie_header = str(header);
    sb_key key{};
    key.id = {"k1", 2};
    settings.cookie_seal = SB_SEAL_OPAQUE;
    settings.cookie_indirect = 1;
    settings.keys = &key;
    settings.key_count = 1;
    BOOST_TEST_REQUIRE(configure() == SB_OK);
    sb_answer answer{};
    answer.struct_size = sizeof(answer);
    int failed = 0;
    const auto before = test::allocation_count();
    for (int i = 0; i < 1000; ++i) {
        sb_pick pick{};
        pick.struct_size = sizeof(pick);
        char cookie[128];
        size_t len = sizeof(cookie), member_len = sizeof(cookie);
        sb_answer_plan plan{};
        plan.struct_size = sizeof(plan);
        failed += sb_balancer_is_stale(balancer) != 0 ||
                  sb_balancer_pick(balancer, &request, &pick) != SB_OK ||
                  sb_balancer_member_cookies(balancer, request.cookie_header, cookie,
                                             &member_len) != SB_OK ||
                  sb_balancer_plan_answer(balancer, &pick, &answer, &plan) != SB_OK ||
                  sb_balancer_cookie(balancer, &pick, member.route, 0, 0, cookie, &len) != SB_OK;
        sb_waiting waiting{};
        auto entry = sb_balancer_enter(balancer, pick.place, 1, i, &waiting);
        failed += entry.verdict != SB_ADMITTED;
        sb_balancer_connecting(balancer, &entry.attempt, 1);
        sb_balancer_end(balancer, &entry.attempt, 1000, 1, i);
        sb_balancer_refresh(balancer, i * 1'000'000);
    }
    BOOST_TEST(test::allocation_count() - before == 0u);
    BOOST_TEST(failed == 0);
}

BOOST_FIXTURE_TEST_CASE(requests_go_on_while_another_thread_configures, OneMember)
{
    std::vector<std::thread> threads;
    std::vector<int> failed(3);
    for (std::size_t t = 0; t < failed.size(); ++t) {
        threads.emplace_back([this, &failed, t] {
            sb_request request{};
            request.struct_size = sizeof(request);
            for (int i = 0; i < 20'000; ++i) {
                sb_pick pick{};
                pick.struct_size = sizeof(pick);
                failed[t] +=
                    sb_balancer_pick(balancer, &request, &pick) != SB_OK || pick.handle != 1;
            }
        });
    }
    int refused = 0;
    for (int i = 0; i < 2000; ++i)
        refused += configure() != SB_OK;
    for (auto &thread : threads)
        thread.join();
    for (const int count : failed)
        BOOST_TEST(count == 0);
    BOOST_TEST(refused < 2000);
    BOOST_TEST(configure() == SB_OK);
}

BOOST_AUTO_TEST_SUITE_END()
