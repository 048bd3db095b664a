// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/log.hpp"

#include <cstdarg>

namespace stickybalancer::detail {

void print(const request_rec *r, const server_rec *s, const Message *message, ...)
{
    char text[2048];
    va_list args;
    va_start(args, message);
    apr_vsnprintf(text, sizeof(text), message->format, args);
    va_end(args);
    if (r != nullptr)
        ap_log_rerror(APLOG_MARK, message->level, 0, r, "SB%d: %s", message->id, text);
    else
        ap_log_error(APLOG_MARK, message->level, 0, s, "SB%d: %s", message->id, text);
}

}  // namespace stickybalancer::detail
