// SPDX-License-Identifier: Apache-2.0
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

#include "core/health/verdict.hpp"

using namespace stickybalancer;
using namespace stickybalancer::health;

namespace {

// A member and its checks: P passed, F failed, D passed and drains; a (an answer), f (a failed request), x (put
// out of use) are requests. What each came to: . nothing, ! went down, ^ came up, d drains, r is ready again.
struct Checked {
    base::Published<std::uint64_t> check{};
    Thresholds thresholds{2, 3, 0};

    std::uint32_t note(char what)
    {
        switch (what) {
        case 'P': return note_probe(check, ProbeResult::kPassed, thresholds);
        case 'D': return note_probe(check, ProbeResult::kPassedDraining, thresholds);
        case 'F': return note_probe(check, ProbeResult::kFailed, thresholds);
        case 'x': return note_out_of_use(check);
        default: return note_request(check, what == 'f', thresholds);
        }
    }
    std::string after(const std::string &all)
    {
        std::string changes;
        for (const char what : all) {
            const auto change = note(what);
            changes += change == kNoChange       ? "."
                       : change == kWentDown     ? "!"
                       : change == kCameUp       ? "^"
                       : change == kBeganToDrain ? "d"
                       : change == kIsReadyAgain ? "r"
                                                 : "?";
        }
        return changes;
    }
    shm::CheckState state() const { return shm::check_state_of(check.acquire()); }
};

struct Row {
    const char *what, *results, *changes;
};
std::ostream &operator<<(std::ostream &out, const Row &row) { return out << row.what; }

const Row kRows[] = {
    {"the first result decides, down", "FPP", "!.^"},
    {"the first result decides, up, and is no change", "PFFP", "...."},
    {"three failures in a row", "PFFF", "...!"},
    {"a passed one begins anew (mod_proxy_hcheck counts them together)", "PFFPFFPFFF",
     ".........!"},
    {"a failed one begins anew", "FPFPFPP", "!.....^"},
    {"more of the same change nothing", "PFFFFFFPPPPP", "...!....^..."},
    {"a drain, and its end", "PDDP", ".d.r"},
    {"a failure leaves a drain as it is", "PDFDP", ".d..r"},
    {"the first result drains", "DP", "dr"},
    {"who drains can be down, and come up draining", "PDFFFDDP", ".d..!.^r"},
    {"a request takes it down, and checks bring it back", "PxPP", ".!.^"},
    {"before the first check as well", "xPP", "!.^"},
    {"checks that passed before the request count for nothing", "PPPxPFPP", "...!...^"},
    {"who is down is not taken down again", "PxxPxP", ".!...^"},
    {"requests do not count where nobody observes them", "Pffffffff", "........."},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(verdict_test)

BOOST_DATA_TEST_CASE(results_in_a_row_decide, kRows, row)
{
    BOOST_TEST(Checked().after(row.results) == row.changes);
}

BOOST_AUTO_TEST_CASE(rise_and_fall_of_one_decide_at_each_result)
{
    Checked checked;
    checked.thresholds = {1, 1, 0};
    BOOST_TEST(checked.after("PFPFP") == ".!^!^");
}

BOOST_AUTO_TEST_CASE(observed_requests_in_a_row_take_it_down)
{
    Checked checked;
    checked.thresholds.observe = 3;
    BOOST_TEST(checked.after("PffaffPaPfff") == "...........!");
    BOOST_TEST(checked.after("fffa") == "....");  // who is down is not counted
    BOOST_TEST(checked.after("PPff") == ".^..");
    BOOST_TEST(checked.after("PPf") == "..!");  // checks that pass do not answer requests
}

BOOST_AUTO_TEST_CASE(an_answer_writes_nothing_where_nothing_has_failed)
{
    Checked checked;
    checked.thresholds.observe = 3;
    checked.after("P");
    const auto word = checked.check.acquire();
    checked.after("aaa");
    BOOST_TEST(checked.check.acquire() == word);
}

BOOST_AUTO_TEST_CASE(a_long_row_does_not_begin_anew)
{
    Checked checked;
    for (int i = 0; i < 70'000; ++i)
        checked.note('P');
    BOOST_TEST(checked.state().results == 65535);
    BOOST_TEST(checked.after("FFF") == "..!");
}

BOOST_AUTO_TEST_CASE(a_damaged_word_is_put_right_by_checks)
{
    Checked checked;
    checked.check.publish(~std::uint64_t{0});
    BOOST_TEST(checked.state().is_down);
    checked.after("PP");
    BOOST_TEST(!checked.state().is_down);
    BOOST_TEST(!checked.state().is_draining);
}

BOOST_AUTO_TEST_SUITE_END()
