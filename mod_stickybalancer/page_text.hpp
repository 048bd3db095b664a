// SPDX-License-Identifier: Apache-2.0
//
// Values as pages show them. Results live as long as the pool.
#pragma once

#include <cstdint>

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

// Between two tags. UTF-8 beyond ASCII becomes character references, so that a page of any character
// set shows it; what is no UTF-8 becomes '?'.
const char *html_text(apr_pool_t *pool, const char *text);
// On one line: control characters become '?'.
const char *line_text(apr_pool_t *pool, const char *text);

// "2026-11-21T19:24:56Z"; "" for 0.
const char *time_text(apr_pool_t *pool, apr_time_t time);
const char *count_text(apr_pool_t *pool, std::uint64_t count);
// "1", "1.5", "0.25".
const char *weight_text(apr_pool_t *pool, std::uint32_t hundredths);

}  // namespace stickybalancer
