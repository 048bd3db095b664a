// SPDX-License-Identifier: Apache-2.0
//
// The files of the operator's page, built into the module (page/embed makes the table of them), and the schema of the
// API.
//
// Thread safety: read-only.
#pragma once

#include <cstddef>

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer::api {

struct PageFile {
    const char *name;
    const char *type;  // of HTTP
    const char *etag;
    const unsigned char *bytes;
    std::size_t size;
};

// Null: there is none of this name. Those of the page only, without the schema.
const PageFile *find_page_file(const char *name);

int send_page_file(request_rec *r, const char *name);
int send_schema(request_rec *r);

}  // namespace stickybalancer::api
