// SPDX-License-Identifier: Apache-2.0
//
// Splits a directive's raw arguments into words and options. httpd's own splitter knows quotes
// around a whole word only; here key="some text" is understood as well as "key=some text".
#pragma once

#include <cstdint>

#include "mod_stickybalancer/duration.hpp"
#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

struct OptionWord {
    const char *text;   // the whole word, quotes taken off
    const char *key;    // what stands before '=', or the whole word
    const char *value;  // what follows '='; null where there is none
    bool is_end;
};

// Takes the next word off `rest`. Null, or what is wrong with it.
const char *next_option_word(apr_pool_t *pool, const char *&rest, OptionWord &word);

// Digits, and nothing else.
bool parse_count(const char *text, std::int64_t &number);

// Digits, with k, m or g behind them for 1024 and its powers.
bool parse_size(const char *text, std::int64_t &number);

}  // namespace stickybalancer
