// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/unanswered_request.hpp"

namespace stickybalancer {
namespace {

// What mod_proxy says of one attempt.
constexpr const char *kNotes[] = {"error-notes", "verbose-error-to", "proxy-error-override",
                                  "proxy_timedout", "proxy-100-continue"};

// Nearly always there is nothing yet.
const apr_table_t *copy_of(apr_pool_t *pool, const apr_table_t *headers)
{
    return apr_is_empty_table(headers) ? nullptr : apr_table_copy(pool, headers);
}

apr_table_t *fresh(apr_pool_t *pool, const apr_table_t *headers)
{
    return headers != nullptr ? apr_table_copy(pool, headers) : apr_table_make(pool, 8);
}

}  // namespace

UnansweredRequest::UnansweredRequest(request_rec *r)
    : r_(r),
      headers_out_(copy_of(r->pool, r->headers_out)),
      err_headers_out_(copy_of(r->pool, r->err_headers_out)),
      content_type_(r->content_type),
      content_encoding_(r->content_encoding),
      content_languages_(r->content_languages),
      status_(r->status),
      status_line_(r->status_line),
      no_cache_(r->no_cache),
      no_local_copy_(r->no_local_copy),
      mtime_(r->mtime)
{
}

void UnansweredRequest::restore() const
{
    r_->headers_out = fresh(r_->pool, headers_out_);
    r_->err_headers_out = fresh(r_->pool, err_headers_out_);
    r_->content_type = content_type_;
    r_->content_encoding = content_encoding_;
    r_->content_languages = content_languages_;
    r_->status = status_;
    r_->status_line = status_line_;
    r_->no_cache = no_cache_;
    r_->no_local_copy = no_local_copy_;
    r_->mtime = mtime_;
    r_->sent_bodyct = 0;
    for (auto *each = r_; each != nullptr; each = each->prev)
        each->eos_sent = 0;
    for (const auto *note : kNotes)
        apr_table_unset(r_->notes, note);
}

}  // namespace stickybalancer
