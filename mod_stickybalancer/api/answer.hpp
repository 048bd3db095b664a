// SPDX-License-Identifier: Apache-2.0
//
// Answers of the handlers: their headers, and their body as it is written.
//
// Thread safety: the request's thread.
#pragma once

#include "mod_stickybalancer/api/json_writer.hpp"
#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer::api {

// What a body is written into, behind begin_answer().
class Body {
public:
    explicit Body(request_rec *r);

    Output out;
    JsonWriter json{out};
};

// What every answer has: that it is not kept, nor taken for anything else.
void begin_answer(request_rec *r, int status, const char *type);
// The same for application/json, without a body where the status has none.
void begin_json(request_rec *r, int status = HTTP_OK);

// {"error":"..."}. For what a handler returns: OK.
int refuse(request_rec *r, int status, const char *sentence);
// 405, with the methods that there are.
int refuse_method(request_rec *r, const char *allowed);

}  // namespace stickybalancer::api
