// SPDX-License-Identifier: Apache-2.0
//
// Text in a buffer of exactly its size, so that a sanitizer sees a reader take one byte too many.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>

namespace stickybalancer::test {

class Exact {
public:
    // No text at all lies behind one byte: memory of no size is given one byte by every allocator.
    explicit Exact(std::string_view text)
        : bytes_(new char[std::max<std::size_t>(1, text.size())]),
          begin_(bytes_.get() + (text.empty() ? 1 : 0)),
          size_(text.size())
    {
        std::copy(text.begin(), text.end(), begin_);
    }
    std::string_view view() const { return {begin_, size_}; }
    operator std::string_view() const { return view(); }

private:
    std::unique_ptr<char[]> bytes_;
    char *begin_;
    std::size_t size_;
};

}  // namespace stickybalancer::test
