// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/answer.hpp"

namespace stickybalancer::api {
namespace {

void write_to_client(void *r, const char *bytes, std::size_t count)
{
    ap_rwrite(bytes, static_cast<int>(count), static_cast<request_rec *>(r));
}

}  // namespace

Body::Body(request_rec *r) : out(write_to_client, r) {}

void begin_answer(request_rec *r, int status, const char *type)
{
    r->status = status;
    r->status_line = nullptr;
    if (type != nullptr)
        ap_set_content_type(r, type);
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
    apr_table_setn(r->headers_out, "Referrer-Policy", "same-origin");
}

void begin_json(request_rec *r, int status)
{
    begin_answer(r, status, status == HTTP_NO_CONTENT ? nullptr : "application/json");
}

int refuse(request_rec *r, int status, const char *sentence)
{
    begin_json(r, status);
    Body body(r);
    body.json.open_object();
    body.json.text("error", sentence);
    body.json.close_object();
    body.out << '\n';
    return OK;
}

int refuse_method(request_rec *r, const char *allowed)
{
    apr_table_setn(r->headers_out, "Allow", allowed);
    return refuse(r, HTTP_METHOD_NOT_ALLOWED,
                  *allowed == '\0'
                      ? "there is nothing to read here, and this location only reads"
                      : apr_pstrcat(r->pool, "here the methods are ", allowed, nullptr));
}

}  // namespace stickybalancer::api
