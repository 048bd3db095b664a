// SPDX-License-Identifier: Apache-2.0
//
// Text on its way to somebody, handed on in pieces of some kilobytes: what is shown of thousands of members
// is never in memory as a whole.
//
// Thread safety: one thread's. Lifetime: what is left is handed on by the destructor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stickybalancer::api {

class Output {
public:
    using Write = void (*)(void *whom, const char *bytes, std::size_t count);

    Output(Write write, void *whom) : write_(write), whom_(whom) {}
    ~Output() { flush(); }
    Output(const Output &) = delete;
    Output &operator=(const Output &) = delete;

    Output &operator<<(std::string_view text);
    Output &operator<<(char c);
    Output &operator<<(std::uint64_t number);
    Output &operator<<(std::int64_t number);
    Output &operator<<(int number) { return *this << std::int64_t{number}; }
    Output &operator<<(std::uint32_t number) { return *this << std::uint64_t{number}; }
    void flush();

private:
    Write write_;
    void *whom_;
    std::size_t used_ = 0;
    char buffer_[4096];
};

// A number of hundredths as "1", "1.5", "0.25".
struct Hundredths {
    std::uint64_t count;
};
Output &operator<<(Output &out, Hundredths number);

// A time as RFC 3339 has it, in UTC and whole seconds: "2026-11-21T19:24:56Z".
struct Time {
    std::int64_t us;
};
Output &operator<<(Output &out, Time time);

// The character that `text` begins with, in bytes; 0: it begins with none of UTF-8.
std::size_t utf8_length(std::string_view text);

}  // namespace stickybalancer::api
