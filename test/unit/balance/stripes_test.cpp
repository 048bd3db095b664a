// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <set>
#include <thread>
#include <vector>

#include "core/balance/stripes.hpp"

using namespace stickybalancer::balance;

namespace {

// From so deep that a good part of a stack lies between.
[[gnu::noinline]] const void *word_from_below(Stripes &stripes)
{
    volatile char between[256 * 1024];
    between[0] = 0;
    return &stripes.mine() + between[0];
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stripes_test)

BOOST_AUTO_TEST_CASE(a_thread_finds_its_own_word_again)
{
    Stripes stripes;
    stripes.mine().word.store(5);
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(stripes.mine().word.load() == 5u);
    BOOST_TEST(word_from_below(stripes) == &stripes.mine());
}

BOOST_AUTO_TEST_CASE(threads_that_live_together_have_several_words)
{
    Stripes stripes;
    std::vector<std::thread> threads;
    std::vector<const void *> found(8);
    Stripes::Word arrived{};
    for (std::size_t i = 0; i < found.size(); ++i)
        threads.emplace_back([&, i] {
            found[i] = &stripes.mine();
            arrived.fetch_add(1);
            while (arrived.load() < found.size())
                std::this_thread::yield();
        });
    for (auto &thread : threads)
        thread.join();
    BOOST_TEST((std::set<const void *>(found.begin(), found.end()).size() >= 3u));
}

BOOST_AUTO_TEST_CASE(an_allowance_is_packed_and_unpacked)
{
    for (const auto position : {std::uint64_t{0}, std::uint64_t{7}, (std::uint64_t{1} << 56) - 1})
        for (const int left : {0, 1, 255}) {
            const auto [p, l] = unpacked(packed({position, static_cast<std::uint8_t>(left)}));
            BOOST_TEST(p == position);
            BOOST_TEST(int{l} == left);
        }
}

BOOST_AUTO_TEST_CASE(numbers_differ_and_so_do_those_of_another_process)
{
    Stripes first, second;
    Stripes::Word shared{};
    std::set<std::uint64_t> numbers;
    for (int i = 0; i < 1000; ++i) {
        numbers.insert(next_number(first, shared));
        numbers.insert(next_number(second, shared));
    }
    BOOST_TEST(numbers.size() == 2000u);
    BOOST_TEST(shared.load() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
