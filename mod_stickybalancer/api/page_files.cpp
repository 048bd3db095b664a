// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/page_files.hpp"

#include <cstring>

#include "mod_stickybalancer/api/answer.hpp"

namespace stickybalancer::api {
namespace {

#include "page_files.inc"  // kPageFiles

constexpr char kSchema[] = "schema.json";

// The page talks to its own server, and nobody puts it into a frame.
constexpr char kPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PageFile *find_file(const char *name)
{
    for (const auto &file : kPageFiles)
        if (std::strcmp(file.name, name) == 0)
            return &file;
    return nullptr;
}

int send(request_rec *r, const PageFile &file)
{
    begin_answer(r, HTTP_OK, file.type);
    // Another version of the module may have another file of this name.
    apr_table_setn(r->headers_out, "Cache-Control", "no-cache");
    apr_table_setn(r->headers_out, "Content-Security-Policy", kPolicy);
    apr_table_setn(r->headers_out, "ETag", file.etag);
    if (const int status = ap_meets_conditions(r); status != OK)
        return status;
    ap_set_content_length(r, static_cast<apr_off_t>(file.size));
    ap_rwrite(file.bytes, static_cast<int>(file.size), r);
    return OK;
}

}  // namespace

const PageFile *find_page_file(const char *name)
{
    return std::strcmp(name, kSchema) == 0 ? nullptr : find_file(name);
}

int send_page_file(request_rec *r, const char *name)
{
    const auto *file = find_page_file(name);
    return file != nullptr ? send(r, *file)
                           : refuse(r, HTTP_NOT_FOUND,
                                    "there is no such file: the page is at the location itself, "
                                    "the API below api/v1");
}

int send_schema(request_rec *r) { return send(r, *find_file(kSchema)); }

}  // namespace stickybalancer::api
