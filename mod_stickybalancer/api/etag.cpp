// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/etag.hpp"

#include "mod_stickybalancer/api/answer.hpp"

namespace stickybalancer::api {

ETag &ETag::operator<<(const MemberView &member)
{
    add(std::string_view(member.url));
    add(member.request.requested);
    add(static_cast<std::uint64_t>(member.request.deadline_us));
    add(member.weight_hundredths);
    return *this;
}

const char *ETag::text(apr_pool_t *pool) const
{
    return apr_psprintf(pool, "\"%016" APR_UINT64_T_HEX_FMT "\"", digest_);
}

void ETag::add(std::string_view bytes)
{
    for (const char c : bytes)
        digest_ = (digest_ ^ static_cast<unsigned char>(c)) * 1099511628211U;
    add(bytes.size());
}

void ETag::add(std::uint64_t number)
{
    for (int shift = 0; shift < 64; shift += 8)
        digest_ = (digest_ ^ ((number >> shift) & 0xFF)) * 1099511628211U;
}

bool has_condition(const request_rec *r)
{
    return apr_table_get(r->headers_in, "If-Match") != nullptr;
}

bool is_matched(request_rec *r, const char *etag)
{
    const char *wanted = apr_table_get(r->headers_in, "If-Match");
    if (wanted == nullptr || ap_find_list_item(r->pool, wanted, "*") != 0 ||
        (etag != kNoETag && ap_find_etag_strong(r->pool, wanted, etag) != 0))
        return true;
    refuse(r, HTTP_PRECONDITION_FAILED,
           etag != kNoETag ? "it was changed since (If-Match): ask for it again"
                           : "it has no ETag, so nothing but * can match (If-Match)");
    return false;
}

}  // namespace stickybalancer::api
