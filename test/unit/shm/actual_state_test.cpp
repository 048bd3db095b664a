// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <cstring>
#include <string_view>

#include "core/shm/actual_state.hpp"
#include "test/unit/support/print.hpp"

using namespace stickybalancer::shm;

namespace {

struct Slot {
    MemberSlot slot{};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(actual_state_test, Slot)

BOOST_AUTO_TEST_CASE(zero_bytes_are_a_member_that_is_up)
{
    BOOST_TEST((actual_state(slot) == ActualState{Actual::kUp, Reason::kNone, 0}));
}

BOOST_AUTO_TEST_CASE(a_change_is_told_once_with_reason_and_time)
{
    BOOST_TEST(change_actual(slot, Actual::kDown, Reason::kConnectFailed, {1'700'000'000'123'456}));
    BOOST_TEST(!change_actual(slot, Actual::kDown, Reason::kTimeout, {1'700'000'009'000'000}));
    const auto state = actual_state(slot);
    BOOST_TEST(state.actual == Actual::kDown);
    BOOST_TEST(state.reason == Reason::kConnectFailed);
    BOOST_TEST(state.since_ms == 1'700'000'000'123);
    BOOST_TEST(change_actual(slot, Actual::kUp, Reason::kAnswered, {1'700'000'010'000'000}));
    BOOST_TEST(actual_state(slot).actual == Actual::kUp);
}

BOOST_AUTO_TEST_CASE(a_trial_that_is_not_made_leaves_no_trace_but_where_others_changed_it)
{
    ActualState before;
    BOOST_TEST(change_actual(slot, Actual::kStarting, Reason::kAnswered, {1'000'000}));
    BOOST_TEST(begin_trial(slot, {5'000'000}, {2'000'000}, before));
    BOOST_TEST(actual_state(slot).actual == Actual::kChecking);
    cancel_trial(slot, before, {2'000'000});
    BOOST_TEST((actual_state(slot) == ActualState{Actual::kStarting, Reason::kAnswered, 1'000}));

    BOOST_TEST(begin_trial(slot, {5'000'000}, {3'000'000}, before));
    BOOST_TEST(change_actual(slot, Actual::kDown, Reason::kTimeout, {4'000'000}));
    cancel_trial(slot, before, {3'000'000});
    BOOST_TEST(actual_state(slot).actual == Actual::kDown);
}

BOOST_AUTO_TEST_CASE(checking_for_another_reason_is_no_trial)
{
    BOOST_TEST(change_actual(slot, Actual::kChecking, Reason::kConfigured, {1'000'000}));
    BOOST_TEST(!is_tried(actual_state(slot), {5'000'000}, {1'000'000}));
    ActualState before;
    BOOST_TEST(begin_trial(slot, {5'000'000}, {1'000'000}, before));
    BOOST_TEST(is_tried(actual_state(slot), {5'000'000}, {1'000'000}));
}

BOOST_AUTO_TEST_CASE(every_state_and_reason_has_a_name_and_other_numbers_have_none)
{
    using std::string_view_literals::operator""sv;
    BOOST_TEST(name_of(Actual::kStarting) == "starting"sv);
    BOOST_TEST(name_of(static_cast<Actual>(4)) == "unknown"sv);
    BOOST_TEST(name_of(Reason::kNone) == "none"sv);
    BOOST_TEST(name_of(Reason::kOperator) == "operator"sv);
    BOOST_TEST(name_of(Reason::kConfigured) == "configured"sv);
    BOOST_TEST(name_of(Reason::kConnected) == "connected"sv);
    BOOST_TEST(name_of(static_cast<Reason>(12)) == "unknown"sv);
    BOOST_TEST(name_of(Requested::kStopped) == "stopped"sv);
    BOOST_TEST(name_of(static_cast<Requested>(3)) == "unknown"sv);
}

BOOST_AUTO_TEST_SUITE_END()
