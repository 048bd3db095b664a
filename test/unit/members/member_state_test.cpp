// SPDX-License-Identifier: Apache-2.0
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "core/members/member_state.hpp"
#include "test/unit/support/members.hpp"
#include "test/unit/support/print.hpp"

using namespace stickybalancer;
using members::Readiness;
using test::kBits;

namespace {

constexpr std::uint32_t kFailed = test::kUp | kBits.error;

// What a member is at 1,000,000 us, when it failed and how long it is then left alone.
struct Row {
    const char *what;
    std::uint32_t state;
    std::int64_t failed_at_us, retry_us;
    Readiness expected;
};
std::ostream &operator<<(std::ostream &out, const Row &row) { return out << row.what; }

const Row kRows[] = {
    {"up", test::kUp, 0, 0, Readiness::kUsable},
    {"up, failed in the past", test::kUp, 999'999, 60'000'000, Readiness::kUsable},
    {"not initialised", 0, 0, 0, Readiness::kStopped},
    {"one of the stopped bits", test::kUp | 0x002, 0, 0, Readiness::kStopped},
    {"the other of the stopped bits", test::kUp | 0x004, 0, 0, Readiness::kStopped},
    {"stopped and failed", kFailed | 0x002, 0, 0, Readiness::kStopped},
    {"stopped, and errors are ignored", kFailed | kBits.ignore_errors | 0x002, 0, 0,
     Readiness::kStopped},
    {"not initialised, and errors are ignored", kBits.error | kBits.ignore_errors, 0, 0,
     Readiness::kStopped},
    {"draining", test::kUp | kBits.drain, 0, 0, Readiness::kUsable},
    {"standby and spare", test::kUp | kBits.standby | kBits.spare, 0, 0, Readiness::kUsable},
    {"a bit nobody told of", test::kUp | 0x8000, 0, 0, Readiness::kUsable},
    {"failed a moment ago", kFailed, 999'999, 500'000, Readiness::kFailed},
    {"failed exactly its interval ago", kFailed, 500'000, 500'000, Readiness::kFailed},
    {"failed a microsecond longer ago", kFailed, 499'999, 500'000, Readiness::kRetryDue},
    {"failed now", kFailed, 1'000'000, 500'000, Readiness::kFailed},
    {"failed now, no interval", kFailed, 1'000'000, 0, Readiness::kFailed},
    {"failed before, no interval", kFailed, 999'999, 0, Readiness::kRetryDue},
    {"failed a microsecond ahead, in another process's eyes", kFailed, 1'000'001, 500'000,
     Readiness::kFailed},
    {"failed its interval ahead", kFailed, 1'500'000, 500'000, Readiness::kFailed},
    {"failed longer ahead: the clock was stepped back", kFailed, 1'500'001, 500'000,
     Readiness::kRetryDue},
    {"failed ahead, no interval", kFailed, 1'000'001, 0, Readiness::kRetryDue},
    {"failed a year ahead", kFailed, 31'536'000'000'000, 500'000, Readiness::kRetryDue},
    {"failed, and errors are ignored", kFailed | kBits.ignore_errors, 999'999, 500'000,
     Readiness::kRetryDue},
};

struct OneMember {
    std::uint32_t status = test::kUp;
    std::int64_t failed_at_us = 0, retry_us = 0;
    members::LiveState live{&status, &failed_at_us, &retry_us};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(member_state_test, OneMember)

BOOST_DATA_TEST_CASE_F(OneMember, a_member_is_usable_due_failed_or_stopped, kRows, row)
{
    status = row.state;
    failed_at_us = row.failed_at_us;
    retry_us = row.retry_us;
    BOOST_TEST(live.readiness(kBits, {1'000'000}) == row.expected);
    BOOST_TEST(live.is_ready(kBits, {1'000'000}) ==
               (row.expected == Readiness::kUsable || row.expected == Readiness::kRetryDue));
}

// With checks a request tries a failed member no more, and what checks say counts beside the status.
BOOST_AUTO_TEST_CASE(a_member_with_checks_is_stopped_while_it_is_down_or_has_failed)
{
    base::Published<std::uint64_t> check{};
    live = members::LiveState(&status, &failed_at_us, &retry_us, &check);
    BOOST_TEST(live.readiness(kBits, {1'000'000}) == Readiness::kUsable);
    status = kFailed;
    BOOST_TEST(live.readiness(kBits, {1'000'000}) == Readiness::kStopped);
    status = kFailed | kBits.ignore_errors;
    BOOST_TEST(live.readiness(kBits, {1'000'000}) == Readiness::kRetryDue);
    check.publish(shm::kDownBit);
    BOOST_TEST(live.readiness(kBits, {1'000'000}) == Readiness::kStopped);
    status = test::kUp;
    BOOST_TEST(live.readiness(kBits, {1'000'000}) == Readiness::kStopped);
    BOOST_TEST(!live.is_draining(kBits));
    check.publish(shm::kDrainingBit);
    BOOST_TEST(live.readiness(kBits, {1'000'000}) == Readiness::kUsable);
    BOOST_TEST(live.is_draining(kBits));
}

BOOST_AUTO_TEST_CASE(a_change_is_seen_at_the_next_look)
{
    BOOST_TEST(live.readiness(kBits, {0}) == Readiness::kUsable);
    status |= test::kStoppedBit;
    BOOST_TEST(live.readiness(kBits, {0}) == Readiness::kStopped);
    status = test::kUp;
    BOOST_TEST(live.readiness(kBits, {0}) == Readiness::kUsable);
}

BOOST_AUTO_TEST_CASE(each_flag_is_read_from_its_own_bit)
{
    BOOST_TEST((!live.is_draining(kBits) && !live.is_standby(kBits) && !live.is_spare(kBits)));
    status = test::kUp | kBits.drain;
    BOOST_TEST((live.is_draining(kBits) && !live.is_standby(kBits) && !live.is_spare(kBits)));
    status = test::kUp | kBits.standby;
    BOOST_TEST((!live.is_draining(kBits) && live.is_standby(kBits) && !live.is_spare(kBits)));
    status = test::kUp | kBits.spare;
    BOOST_TEST((!live.is_draining(kBits) && !live.is_standby(kBits) && live.is_spare(kBits)));
}

BOOST_AUTO_TEST_CASE(all_required_bits_are_required)
{
    constexpr members::StateBits kTwo{.required = 0x3};
    status = 0x1;
    BOOST_TEST(live.readiness(kTwo, {0}) == Readiness::kStopped);
    status = 0x3;
    BOOST_TEST(live.readiness(kTwo, {0}) == Readiness::kUsable);
}

BOOST_AUTO_TEST_CASE(a_host_without_any_of_the_bits_has_members_that_are_always_usable)
{
    status = 0xFFFFFFFF;
    BOOST_TEST(live.readiness({}, {0}) == Readiness::kUsable);
    BOOST_TEST(!live.is_draining({}));
}

BOOST_AUTO_TEST_SUITE_END()
