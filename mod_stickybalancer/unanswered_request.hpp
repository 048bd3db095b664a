// SPDX-License-Identifier: Apache-2.0
//
// What a request was before a member answered it, so that an answer that is thrown away leaves no trace.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

class UnansweredRequest {
public:
    explicit UnansweredRequest(request_rec *r);
    void restore() const;

private:
    request_rec *r_;
    const apr_table_t *headers_out_;  // null: there were none
    const apr_table_t *err_headers_out_;
    const char *content_type_;
    const char *content_encoding_;
    apr_array_header_t *content_languages_;
    int status_;
    const char *status_line_;
    int no_cache_;
    int no_local_copy_;
    apr_time_t mtime_;
};

}  // namespace stickybalancer
