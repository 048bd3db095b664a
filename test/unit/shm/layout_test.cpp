// SPDX-License-Identifier: Apache-2.0
//
// The layout as it was released, number by number. Whoever changes a row here changes the version
// and LAYOUT.md too.
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstring>
#include <string_view>

#include "core/persistence/cookie_value.hpp"
#include "core/shm/block.hpp"
#include "core/shm/layout.hpp"

using namespace stickybalancer::shm;

namespace {

struct Row {
    const char *name;
    std::size_t value;
    std::size_t released;
};

#define SIZE(type, released)                    \
    {                                           \
        "sizeof " #type, sizeof(type), released \
    }
#define OFFSET(type, field, released)                      \
    {                                                      \
#type "::" #field, offsetof(type, field), released \
    }

constexpr Row kGolden[] = {
    {"kLayoutMajor", kLayoutMajor, 4},
    {"kLayoutMinor", kLayoutMinor, 0},
    {"kByteOrderMark", kByteOrderMark, 0x0102},
    {"kCursorCount", kCursorCount, 7},
    {"kRefusalCount", kRefusalCount, 16},
    {"kCauseCount", kCauseCount, 9},
    {"kCookieOutcomeCount", kCookieOutcomeCount, 6},
    {"kFailureCount", kFailureCount, 4},
    {"kSketchRows", kSketchRows, 20},
    {"sketch_columns(16)", sketch_columns(16), 2048},
    {"sketch_columns(512)", sketch_columns(512), 2048},
    {"sketch_columns(1250)", sketch_columns(1250), 1024},
    {"sketch_columns(12500)", sketch_columns(12500), 128},
    {"sketch_columns(65536)", sketch_columns(65536), 32},

    SIZE(RegionHeader, 192),
    OFFSET(RegionHeader, magic, 0),
    OFFSET(RegionHeader, major, 8),
    OFFSET(RegionHeader, minor, 10),
    OFFSET(RegionHeader, byte_order, 12),
    OFFSET(RegionHeader, waiter_count, 14),
    OFFSET(RegionHeader, fingerprint, 16),
    OFFSET(RegionHeader, process_count, 24),
    OFFSET(RegionHeader, processes_used, 28),
    OFFSET(RegionHeader, hash_key, 32),
    OFFSET(RegionHeader, used_bytes, 48),
    OFFSET(RegionHeader, tickets, 56),
    OFFSET(RegionHeader, lock, 64),
    OFFSET(RegionHeader, lame_duck_until_us, 128),
    OFFSET(RegionHeader, pins_until_us, 136),

    SIZE(Journal, 1024),
    OFFSET(Journal, target, 0),
    OFFSET(Journal, record, 8),

    SIZE(ProcessSlot, 64),
    OFFSET(ProcessSlot, pid, 0),
    OFFSET(ProcessSlot, waiters_used, 4),
    OFFSET(ProcessSlot, started_us, 8),

    SIZE(WaiterSlot, 64),
    OFFSET(WaiterSlot, word, 0),
    OFFSET(WaiterSlot, is_taken, 4),
    OFFSET(WaiterSlot, ticket, 8),
    OFFSET(WaiterSlot, block, 16),
    OFFSET(WaiterSlot, place, 24),
    OFFSET(WaiterSlot, deadline_us, 32),

    SIZE(BalancerState, 384),
    OFFSET(BalancerState, cursors, 0),
    OFFSET(BalancerState, generation, 64),
    OFFSET(BalancerState, last_fact, 72),
    OFFSET(BalancerState, refreshed_us, 80),
    OFFSET(BalancerState, prober, 88),
    OFFSET(BalancerState, next_swept, 96),
    OFFSET(BalancerState, pins_until_us, 104),
    OFFSET(BalancerState, pins_made_from_s, 112),
    OFFSET(BalancerState, pins_made_to_s, 120),
    OFFSET(BalancerState, refused_cookies, 128),
    OFFSET(BalancerState, identity, 256),
    OFFSET(BalancerState, block_bytes, 272),
    OFFSET(BalancerState, capacity, 280),
    OFFSET(BalancerState, removed_checks_passed, 288),
    OFFSET(BalancerState, total_active, 320),
    OFFSET(BalancerState, serving_weights, 328),

    SIZE(MemberConfig, 160),
    OFFSET(MemberConfig, weight_hundredths, 0),
    OFFSET(MemberConfig, set, 4),
    OFFSET(MemberConfig, state_bits, 8),
    OFFSET(MemberConfig, route, 16),
    OFFSET(MemberConfig, redirect, 80),

    SIZE(MemberRecord, 896),
    OFFSET(MemberRecord, check, 0),
    OFFSET(MemberRecord, identity, 8),
    OFFSET(MemberRecord, use, 24),
    OFFSET(MemberRecord, requested, 28),
    OFFSET(MemberRecord, requested_since_us, 32),
    OFFSET(MemberRecord, is_run_time_member, 40),
    OFFSET(MemberRecord, was_configured, 44),
    OFFSET(MemberRecord, drain_deadline_us, 48),
    OFFSET(MemberRecord, configured, 56),
    OFFSET(MemberRecord, in_force, 216),
    OFFSET(MemberRecord, url, 376),

    SIZE(MemberSlot, 1024),
    OFFSET(MemberSlot, record, 0),
    OFFSET(MemberSlot, drain_deadline_us, 896),
    OFFSET(MemberSlot, check_text, 904),
    OFFSET(MemberSlot, actual, 960),
    OFFSET(MemberSlot, started_us, 968),
    OFFSET(MemberSlot, draining_since_us, 976),
    OFFSET(MemberSlot, check, 984),
    OFFSET(MemberSlot, probe_due_us, 992),
    OFFSET(MemberSlot, probes_passed, 1000),
    OFFSET(MemberSlot, probes_failed, 1008),
    OFFSET(MemberSlot, last_probe, 1016),

    SIZE(MemberLoad, 64),
    OFFSET(MemberLoad, active, 0),
    OFFSET(MemberLoad, sessions, 4),
    OFFSET(MemberLoad, response_time, 8),
    OFFSET(MemberLoad, decayed_us, 16),

    SIZE(MemberTotals, 192),
    OFFSET(MemberTotals, cookies, 0),
    OFFSET(MemberTotals, causes, 48),
    OFFSET(MemberTotals, retried, 120),
    OFFSET(MemberTotals, failures, 128),
    OFFSET(MemberTotals, queue_waits, 160),
    OFFSET(MemberTotals, queue_us, 168),
    OFFSET(MemberTotals, queue_lost, 176),

    SIZE(SketchHead, 64),
    OFFSET(SketchHead, scale, 0),
    OFFSET(SketchHead, rows, 4),
    OFFSET(SketchHead, lifetime_us, 8),
    OFFSET(SketchHead, swept_us, 16),
    OFFSET(SketchHead, last_seen_us, 24),
    OFFSET(SketchHead, estimate, 32),
    OFFSET(SketchHead, last_of_table_us, 40),
    OFFSET(SketchHead, last_of_both_us, 48),
    SIZE(SketchCell, 1),

    SIZE(MemberQueue, 128),
    OFFSET(MemberQueue, lock, 0),
    OFFSET(MemberQueue, waiting, 64),

    SIZE(Gauge, 16),
    OFFSET(Gauge, attempts, 0),
    OFFSET(Gauge, connecting, 8),
    OFFSET(Gauge, queued, 12),
};

}  // namespace

BOOST_AUTO_TEST_SUITE(layout_test)

BOOST_AUTO_TEST_CASE(version_4_of_the_layout_stays_as_it_was_released)
{
    for (const auto &row : kGolden)
        BOOST_TEST(row.value == row.released,
                   row.name << " is " << row.value << ", was released as " << row.released);
}

BOOST_AUTO_TEST_CASE(words_in_the_region_keep_their_numbers)
{
    BOOST_TEST(static_cast<std::uint32_t>(PlaceUse::kNever) == 0u);
    BOOST_TEST(static_cast<std::uint32_t>(PlaceUse::kInUse) == 1u);
    BOOST_TEST(static_cast<std::uint32_t>(PlaceUse::kReleased) == 2u);
    BOOST_TEST(static_cast<std::uint32_t>(Requested::kReady) == 0u);
    BOOST_TEST(static_cast<std::uint32_t>(Requested::kDrain) == 1u);
    BOOST_TEST(static_cast<std::uint32_t>(Requested::kStopped) == 2u);
}

BOOST_AUTO_TEST_CASE(what_requests_write_shares_no_cache_line_with_what_they_only_read)
{
    BOOST_TEST(alignof(BalancerState) == 64u);
    BOOST_TEST(sizeof(BalancerState::cursors) <= 64u);
    BOOST_TEST(offsetof(BalancerState, generation) % 64 == 0u);
    BOOST_TEST(offsetof(BalancerState, refused_cookies) % 64 == 0u);
    BOOST_TEST(offsetof(BalancerState, identity) % 64 == 0u);
    BOOST_TEST(offsetof(BalancerState, total_active) % 64 == 0u);
    BOOST_TEST(offsetof(MemberSlot, actual) % 64 == 0u);
    BOOST_TEST(offsetof(MemberQueue, waiting) % 64 == 0u);
    BOOST_TEST(alignof(WaiterSlot) == 64u);
}

BOOST_AUTO_TEST_CASE(there_is_room_to_count_every_fault_of_a_cookie)
{
    BOOST_TEST(stickybalancer::persistence::kCookieFaultCount <= kRefusalCount);
}

BOOST_AUTO_TEST_CASE(the_magic_reads_as_text_in_a_dump)
{
    char text[sizeof(kMagic)];
    std::memcpy(text, &kMagic, sizeof(text));
    BOOST_TEST(std::string_view(text, sizeof(text)) == "stickyb\n");
}

BOOST_AUTO_TEST_SUITE_END()
