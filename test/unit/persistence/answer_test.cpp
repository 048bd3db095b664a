// SPDX-License-Identifier: Apache-2.0
//
// A plan in words: our cookie (bind, expire), the application's (pass, drop, edit), whether the answer
// is made private, and the letter; "bind,pass,I" or "none,drop,D" or "bind,pass,private,U".
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

#include "core/persistence/answer.hpp"
#include "test/unit/support/print.hpp"

using namespace stickybalancer;
using persistence::CookieMode;
using persistence::CookieState;
using persistence::Expires;
using persistence::NoCache;

namespace {

constexpr std::string_view kNothing = "none,pass,N";

// An answer 302 to a GET, whose request had no cookie and wants one.
struct Answer {
    persistence::Settings settings;
    persistence::AnswerContext context{true, true, CookieState::kNone};
    persistence::AnswerFacts facts;

    Answer()
    {
        settings.mode = CookieMode::kInsert;
        settings.cookie_name = "ROUTEID";
        facts.cache.status = 302;
    }
    std::string plan() const
    {
        static constexpr const char *kOurs[] = {"none", "bind", "expire"};
        static constexpr const char *kIts[] = {"pass", "drop", "edit"};
        const auto plan = plan_answer(context, facts, settings);
        return std::string(kOurs[static_cast<int>(plan.ours)]) + ',' +
               kIts[static_cast<int>(plan.application)] + (plan.makes_private ? ",private," : ",") +
               plan.letter;
    }
    std::string plan_with(std::string_view cache_control)
    {
        facts.cache.cache_control = cache_control;
        return plan();
    }
};

struct Row {
    CookieMode mode;
    // Of an answer that wants no cookie, that wants one, and that is a release of a client with one;
    // and the same where the application sets a cookie of our name.
    std::string_view idle, wants, release, idle_sets, wants_sets, release_sets;
};
std::ostream &operator<<(std::ostream &out, const Row &row)
{
    return out << "mode " << static_cast<int>(row.mode);
}

constexpr std::string_view kPasses = "none,pass,P", kEdits = "none,edit,R";
const Row kModes[] = {
    {CookieMode::kOff, kNothing, kNothing, kNothing, kNothing, kNothing, kNothing},
    {CookieMode::kPassive, kNothing, kNothing, kNothing, kPasses, kPasses, kPasses},
    {CookieMode::kInsert, kNothing, "bind,pass,U", "expire,pass,D", "none,drop,D", "bind,drop,U",
     "expire,drop,D"},
    {CookieMode::kRewrite, kNothing, kNothing, kNothing, kEdits, kEdits, kEdits},
    {CookieMode::kPrefix, kNothing, kNothing, kNothing, kEdits, kEdits, kEdits},
};

struct StateRow {
    CookieState state;
    std::string_view wants, release;
};
std::ostream &operator<<(std::ostream &out, const StateRow &row) { return out << row.state; }
const StateRow kStates[] = {
    {CookieState::kNone, "bind,pass,I", kNothing},
    {CookieState::kInvalid, "bind,pass,I", "expire,pass,D"},
    {CookieState::kDown, "bind,pass,I", "expire,pass,D"},
    {CookieState::kValid, "bind,pass,U", "expire,pass,D"},
    {CookieState::kExpired, "bind,pass,I", "expire,pass,D"},
    {CookieState::kOld, "bind,pass,I", "expire,pass,D"},
};

struct CacheRow {
    std::string_view cache_control;
    Expires expires;
    std::string_view skip, mark;  // without either it is always "bind,pass,I"
};
std::ostream &operator<<(std::ostream &out, const CacheRow &row)
{
    return out << '[' << row.cache_control << "] " << static_cast<int>(row.expires);
}
const CacheRow kCaching[] = {
    {"", Expires::kNone, "bind,pass,I", "bind,pass,I"},
    {"public", Expires::kNone, kNothing, "bind,pass,private,I"},
    {"max-age=60", Expires::kNone, kNothing, "bind,pass,private,I"},
    {"", Expires::kFuture, kNothing, "bind,pass,private,I"},
    {"", Expires::kPast, "bind,pass,I", "bind,pass,private,I"},
    {"max-age=0", Expires::kNone, "bind,pass,I", "bind,pass,private,I"},
    {"private, max-age=60", Expires::kFuture, "bind,pass,I", "bind,pass,I"},
    {"no-store", Expires::kNone, "bind,pass,I", "bind,pass,I"},
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(answer_test, Answer)

BOOST_DATA_TEST_CASE_F(Answer, each_mode_has_its_own_way_with_an_answer, kModes, row)
{
    settings.mode = row.mode;
    context.request_cookie = CookieState::kValid;
    for (const bool sets : {false, true}) {
        facts.sets_our_cookie = sets;
        context.wants_cookie = facts.is_release = false;
        BOOST_TEST(plan() == (sets ? row.idle_sets : row.idle));
        context.wants_cookie = true;
        BOOST_TEST(plan() == (sets ? row.wants_sets : row.wants));
        facts.is_release = true;
        BOOST_TEST(plan() == (sets ? row.release_sets : row.release));
        context.wants_cookie = false;
        BOOST_TEST(plan() == (sets ? row.release_sets : row.release));
    }
}

BOOST_DATA_TEST_CASE_F(Answer, a_request_that_does_not_bind_leaves_its_answer_alone, kModes, row)
{
    settings.mode = row.mode;
    context = {false, true, CookieState::kUnused};
    for (const bool sets : {false, true})
        for (const bool is_release : {false, true}) {
            facts.sets_our_cookie = sets;
            facts.is_release = is_release;
            BOOST_TEST(plan() == kNothing);
            settings.preserves_cookie = !settings.preserves_cookie;
        }
}

BOOST_DATA_TEST_CASE_F(Answer, without_a_name_there_is_nothing_to_do, kModes, row)
{
    settings.mode = row.mode;
    settings.cookie_name.clear();
    facts.sets_our_cookie = true;
    BOOST_TEST(plan() == kNothing);
    facts.is_release = true;
    BOOST_TEST(plan() == kNothing);
}

BOOST_DATA_TEST_CASE_F(Answer, the_letter_tells_what_the_client_had, kStates, row)
{
    context.request_cookie = row.state;
    BOOST_TEST(plan() == row.wants);
    facts.is_release = true;
    BOOST_TEST(plan() == row.release);
}

BOOST_AUTO_TEST_CASE(a_preserved_cookie_passes_and_none_of_ours_is_added)
{
    settings.preserves_cookie = true;
    BOOST_TEST(plan() == "bind,pass,I");
    facts.sets_our_cookie = true;
    BOOST_TEST(plan() == kPasses);
    facts.cache = {true, 200, Expires::kFuture, "public"};
    settings.no_cache = NoCache::kMark;
    BOOST_TEST(plan() == kPasses);
}

BOOST_AUTO_TEST_CASE(only_on_post_means_answers_to_post_and_spares_neither_release_nor_the_other)
{
    settings.only_on_post = true;
    BOOST_TEST(plan() == kNothing);
    facts.sets_our_cookie = true;
    BOOST_TEST(plan() == "none,drop,D");
    facts.is_post = true;
    BOOST_TEST(plan() == "bind,drop,I");
    facts = {};
    facts.is_release = true;
    context.request_cookie = CookieState::kValid;
    BOOST_TEST(plan_with("private") == "expire,pass,D");
    settings.only_on_post = false;
    facts = {};
    facts.is_post = true;
    BOOST_TEST(plan_with("private") == "bind,pass,U");
}

BOOST_DATA_TEST_CASE_F(Answer, an_answer_that_others_get_too_goes_without_or_is_made_private,
                       kCaching, row)
{
    facts.cache.expires = row.expires;
    BOOST_TEST(plan_with(row.cache_control) == row.skip);
    settings.no_cache = NoCache::kMark;
    BOOST_TEST(plan_with(row.cache_control) == row.mark);
    settings.no_cache = NoCache::kOff;
    BOOST_TEST(plan_with(row.cache_control) == "bind,pass,I");
}

BOOST_AUTO_TEST_CASE(an_answer_that_gets_no_cookie_is_not_made_private)
{
    settings.no_cache = NoCache::kMark;
    context.wants_cookie = false;
    BOOST_TEST(plan_with("public") == kNothing);
    facts.sets_our_cookie = true;
    BOOST_TEST(plan_with("public") == "none,drop,D");
    context.wants_cookie = settings.only_on_post = true;
    BOOST_TEST(plan_with("public") == "none,drop,D");
}

BOOST_AUTO_TEST_CASE(the_applications_cookie_goes_also_where_ours_is_withheld)
{
    facts.sets_our_cookie = true;
    BOOST_TEST(plan_with("public") == "none,drop,D");
}

BOOST_AUTO_TEST_CASE(what_no_cache_keeps_is_left_as_it_is_in_the_answer_to_a_post)
{
    facts.cache.is_get_or_head = false;
    facts.cache.status = 200;
    BOOST_TEST(plan_with("public") == "bind,pass,I");
    settings.no_cache = NoCache::kMark;
    BOOST_TEST(plan_with("public") == "bind,pass,I");
}

BOOST_AUTO_TEST_CASE(the_answer_with_the_deletion_is_made_private_wherever_a_cache_might_keep_it)
{
    facts.is_release = true;
    context.request_cookie = CookieState::kValid;
    for (const auto no_cache : {NoCache::kSkip, NoCache::kMark}) {
        settings.no_cache = no_cache;
        BOOST_TEST(plan_with("public") == "expire,pass,private,D");
        BOOST_TEST(plan_with("max-age=0") == "expire,pass,private,D");
        BOOST_TEST(plan_with("private") == "expire,pass,D");
    }
    settings.no_cache = NoCache::kOff;
    BOOST_TEST(plan_with("public") == "expire,pass,D");
}

BOOST_AUTO_TEST_CASE(a_release_without_a_cookie_of_the_client_only_drops_the_applications)
{
    facts.is_release = true;
    settings.no_cache = NoCache::kMark;
    BOOST_TEST(plan_with("public") == kNothing);
    facts.sets_our_cookie = true;
    BOOST_TEST(plan_with("public") == "none,drop,D");
}

BOOST_AUTO_TEST_SUITE_END()
