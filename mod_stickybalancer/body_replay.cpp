// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/body_replay.hpp"

#include <cstring>

namespace stickybalancer {
namespace {

ap_filter_rec_t *replay_filter_handle = nullptr;  // httpd's, made anew at each (re)start

// Where mod_proxy_http and mod_proxy_fcgi leave what they have read for the next attempt of the same request.
constexpr const char *kReadAhead[] = {"proxy-req-input", "proxy-fcgi-input"};

void give_up(BodyReplay &replay)
{
    replay.is_whole = false;
    apr_brigade_cleanup(replay.kept);
}

// Whether it could be kept.
bool keep_data(BodyReplay &replay, apr_bucket *bucket)
{
    const char *data = nullptr;
    apr_size_t length = 0;
    if (apr_bucket_read(bucket, &data, &length, APR_BLOCK_READ) != APR_SUCCESS)
        return false;
    replay.kept_bytes += static_cast<apr_off_t>(length);
    return replay.kept_bytes <= replay.most_bytes &&
           apr_brigade_write(replay.kept, nullptr, nullptr, data, length) == APR_SUCCESS;
}

bool has_end(const BodyReplay &replay)
{
    return !APR_BRIGADE_EMPTY(replay.kept) && APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(replay.kept));
}

bool keep_bucket(BodyReplay &replay, apr_bucket *bucket)
{
    if (!APR_BUCKET_IS_METADATA(bucket))
        return keep_data(replay, bucket);
    // Whoever reads on behind the end meets it again.
    if (APR_BUCKET_IS_EOS(bucket) && !has_end(replay))
        APR_BRIGADE_INSERT_TAIL(replay.kept, apr_bucket_eos_create(replay.kept->bucket_alloc));
    return !AP_BUCKET_IS_ERROR(bucket);
}

void keep(BodyReplay &replay, apr_bucket_brigade *brigade)
{
    for (auto *bucket = APR_BRIGADE_FIRST(brigade);
         replay.is_whole && bucket != APR_BRIGADE_SENTINEL(brigade);
         bucket = APR_BUCKET_NEXT(bucket))
        if (!keep_bucket(replay, bucket))
            give_up(replay);
}

// So much of what is pending as was asked for.
apr_status_t take_pending(BodyReplay &replay, apr_bucket_brigade *out, apr_off_t wanted)
{
    apr_bucket *end = nullptr;
    const auto status = apr_brigade_partition(replay.pending, wanted, &end);
    if (status != APR_SUCCESS && status != APR_INCOMPLETE)
        return status;
    // The end of the body costs nothing more.
    while (end != APR_BRIGADE_SENTINEL(replay.pending) && APR_BUCKET_IS_METADATA(end))
        end = APR_BUCKET_NEXT(end);
    while (APR_BRIGADE_FIRST(replay.pending) != end) {
        auto *bucket = APR_BRIGADE_FIRST(replay.pending);
        APR_BUCKET_REMOVE(bucket);
        APR_BRIGADE_INSERT_TAIL(out, bucket);
    }
    return APR_SUCCESS;
}

// The lines of a chunked body's trailers come through here, too: the protocol's filter reads them from the first
// of its kind, as if it were that.
apr_status_t read_body(ap_filter_t *filter, apr_bucket_brigade *brigade, ap_input_mode_t mode,
                       apr_read_type_e block, apr_off_t wanted)
{
    auto &replay = *static_cast<BodyReplay *>(filter->ctx);
    if (mode == AP_MODE_READBYTES && !APR_BRIGADE_EMPTY(replay.pending))
        return take_pending(replay, brigade, wanted);
    const auto status = ap_get_brigade(filter->next, brigade, mode, block, wanted);
    if (status == APR_SUCCESS && mode == AP_MODE_READBYTES)
        keep(replay, brigade);
    else if (mode == AP_MODE_EXHAUSTIVE)
        give_up(replay);
    return status;
}

// Newer httpd says of an HTTP/2 request whether it has a body that no header tells of.
template <typename Request>
bool has_body_of_unknown_length(const Request &r)
{
    if constexpr (requires { r.body_indeterminate; })
        return r.body_indeterminate != 0;
    else
        return false;
}

}  // namespace

void register_body_replay()
{
    replay_filter_handle =
        ap_register_input_filter("STICKYBALANCER_BODY", read_body, nullptr,
                                 static_cast<ap_filter_type>(AP_FTYPE_PROTOCOL - 1));
}

BodyReplay *keep_body(request_rec *r, apr_off_t most_bytes)
{
    if (r->input_filters != r->proto_input_filters)
        return nullptr;
    auto *replay = static_cast<BodyReplay *>(apr_pcalloc(r->pool, sizeof(BodyReplay)));
    replay->kept = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    replay->pending = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    replay->most_bytes = most_bytes;
    replay->is_whole = true;
    replay->filter = ap_add_input_filter_handle(replay_filter_handle, replay, r, r->connection);
    r->proto_input_filters = replay->filter;
    return replay;
}

void replay_body(request_rec *r, BodyReplay &replay)
{
    apr_brigade_cleanup(replay.pending);
    for (auto *bucket = APR_BRIGADE_FIRST(replay.kept); bucket != APR_BRIGADE_SENTINEL(replay.kept);
         bucket = APR_BUCKET_NEXT(bucket)) {
        apr_bucket *copy = nullptr;
        apr_bucket_copy(bucket, &copy);  // what is kept is on the heap, or the end: it can be
        APR_BRIGADE_INSERT_TAIL(replay.pending, copy);
    }
    for (const auto *key : kReadAhead)
        apr_pool_userdata_setn(nullptr, key, nullptr, r->pool);
}

void drop_body(BodyReplay &replay)
{
    apr_brigade_cleanup(replay.kept);
    apr_brigade_cleanup(replay.pending);
    ap_remove_input_filter(replay.filter);
}

bool may_have_body(const request_rec *r)
{
    if (apr_table_get(r->headers_in, "Transfer-Encoding") != nullptr)
        return true;
    const char *length = apr_table_get(r->headers_in, "Content-Length");
    return length != nullptr ? std::strcmp(length, "0") != 0 : has_body_of_unknown_length(*r);
}

}  // namespace stickybalancer
