// SPDX-License-Identifier: Apache-2.0
//
// JSON, written as it goes: the caller opens and closes, commas come by themselves. Any bytes may be text: what is no
// UTF-8 becomes U+FFFD, and nothing of it means anything where somebody puts the answer into a page.
//
// Thread safety: one thread's.
#pragma once

#include "mod_stickybalancer/api/output.hpp"

namespace stickybalancer::api {

class JsonWriter {
public:
    explicit JsonWriter(Output &out) : out_(out) {}

    // In an object with a key, in an array and at the top without.
    void open_object(std::string_view key = {}) { open(key, '{'); }
    void close_object() { close('}'); }
    void open_array(std::string_view key = {}) { open(key, '['); }
    void close_array() { close(']'); }

    void text(std::string_view key, std::string_view value);
    void element(std::string_view value);  // of an array
    void number(std::string_view key, std::uint64_t value) { begin(key) << value; }
    void number(std::string_view key, Hundredths value) { begin(key) << value; }
    void flag(std::string_view key, bool value) { begin(key) << (value ? "true" : "false"); }
    void null(std::string_view key) { begin(key) << "null"; }
    // Null for 0.
    void time(std::string_view key, std::int64_t us);

private:
    Output &begin(std::string_view key);
    void open(std::string_view key, char bracket);
    void close(char bracket);
    void write_string(std::string_view value);

    Output &out_;
    bool needs_comma_ = false;
};

}  // namespace stickybalancer::api
