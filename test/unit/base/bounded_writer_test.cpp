// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/bounded_writer.hpp"

using stickybalancer::base::BoundedWriter;

namespace {

// A buffer of exactly this size, on the heap, where a sanitizer sees its end.
struct Buffer {
    explicit Buffer(std::size_t size_bytes) : size(size_bytes), bytes(new char[size_bytes + 1])
    {
        std::fill_n(bytes.get(), size + 1, '#');
    }
    BoundedWriter writer() { return BoundedWriter({bytes.get(), size}); }
    std::string_view text(std::size_t length) const { return {bytes.get(), length}; }

    std::size_t size;
    std::unique_ptr<char[]> bytes;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(bounded_writer_test)

BOOST_AUTO_TEST_CASE(text_that_fits_exactly_is_written_whole)
{
    Buffer buffer(5);
    auto out = buffer.writer();
    out << "ab" << std::string_view() << "cde";
    BOOST_TEST(out.fits());
    BOOST_TEST(out.size_needed() == 5u);
    BOOST_TEST(buffer.text(6) == "abcde#");
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_not_cut_but_left_out)
{
    Buffer buffer(4);
    auto out = buffer.writer();
    out << "ab"
        << "cde";
    BOOST_TEST(!out.fits());
    BOOST_TEST(out.size_needed() == 5u);
    BOOST_TEST(buffer.text(5) == "ab###");
}

BOOST_AUTO_TEST_CASE(after_something_was_left_out_nothing_more_is_written)
{
    Buffer buffer(4);
    auto out = buffer.writer();
    out << "ab"
        << "cde"
        << "f"
        << "" << 7;
    BOOST_TEST(!out.fits());
    BOOST_TEST(out.size_needed() == 7u);
    BOOST_TEST(buffer.text(5) == "ab###");
}

BOOST_AUTO_TEST_CASE(the_size_needed_is_enough_and_one_less_is_not)
{
    const auto write = [](BoundedWriter &&out) {
        out << "seen=" << 1234567 << ";";
        return out;
    };
    const auto needed = write(BoundedWriter({})).size_needed();
    Buffer enough(needed), too_small(needed - 1);
    BOOST_TEST(write(enough.writer()).fits());
    BOOST_TEST(enough.text(needed) == "seen=1234567;");
    BOOST_TEST(!write(too_small.writer()).fits());
}

BOOST_AUTO_TEST_CASE(numbers_are_written_in_decimal_up_to_their_limits)
{
    Buffer buffer(64);
    auto out = buffer.writer();
    out << std::numeric_limits<std::int64_t>::min() << " "
        << std::numeric_limits<std::uint64_t>::max() << " " << 0;
    BOOST_TEST(buffer.text(out.size_needed()) == "-9223372036854775808 18446744073709551615 0");
}

BOOST_AUTO_TEST_CASE(no_buffer_counts_all_the_same)
{
    BoundedWriter out({});
    BOOST_TEST(out.fits());
    out << "abc";
    BOOST_TEST(!out.fits());
    BOOST_TEST(out.size_needed() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
