// SPDX-License-Identifier: Apache-2.0
//
// Who asks for a change, as the log has it.
#pragma once

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer::api {

// "USER at ADDRESS"; '-' for a user without a name.
inline const char *operator_of(const request_rec *r)
{
    return apr_pstrcat(r->pool, r->user != nullptr ? r->user : "-", " at ", r->useragent_ip,
                       nullptr);
}

}  // namespace stickybalancer::api
