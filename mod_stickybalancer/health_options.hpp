// SPDX-License-Identifier: Apache-2.0
//
// Values of StickyCheck that are more than a word.
//
// Thread safety: while the configuration is read; what is made is read-only afterwards. Lifetime: pconf.
#pragma once

#include "core/include/stickybalancer/stickybalancer.h"
#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

// Headers of a request, one line each.
struct HeaderLines {
    apr_array_header_t *lines;  // of const char *
};

// Each reads what one option says. Null; or what is wrong with it.
const char *add_header_line(cmd_parms *cmd, const char *text, const HeaderLines *&headers);
const char *read_status_list(cmd_parms *cmd, const char *text, const sb_status_list *&list);
const char *compile_match(cmd_parms *cmd, const char *text, const ap_regex_t *&expression);

}  // namespace stickybalancer
