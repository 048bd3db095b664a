// SPDX-License-Identifier: Apache-2.0
//
// The ETag of a member, and of a list of them: of what a write can change (what is asked of it, until when, its
// weight, that it is there), and of nothing that changes by itself. So it is for If-Match only: of two GETs with one
// ETag the later has newer figures, and If-None-Match is not looked at.
//
// Thread safety: one thread's.
#pragma once

#include <cstdint>
#include <string_view>

#include "mod_stickybalancer/member_view.hpp"

namespace stickybalancer::api {

class ETag {
public:
    ETag &operator<<(const MemberView &member);
    const char *text(apr_pool_t *pool) const;

private:
    void add(std::string_view bytes);
    void add(std::uint64_t number);

    std::uint64_t digest_ = 14695981039346656037U;  // FNV-1a, by Fowler, Noll and Vo
};

// Of what has none: it matches "*" only.
inline constexpr const char *kNoETag = nullptr;

bool has_condition(const request_rec *r);
// Whether If-Match, where there is one, has this one, or is "*"; else it was answered 412.
bool is_matched(request_rec *r, const char *etag);

}  // namespace stickybalancer::api
