// SPDX-License-Identifier: Apache-2.0
//
// What members speak, by the scheme of their URL; mod_proxy has it in small letters.
#pragma once

#include <cstring>
#include <initializer_list>

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

inline bool has_scheme(const proxy_worker &member, const char *prefix)
{
    return std::strncmp(member.s->scheme, prefix, std::strlen(prefix)) == 0;
}

// http and https: mod_proxy_http.
inline bool is_http(const proxy_worker &member) { return has_scheme(member, "http"); }
// ws and wss: bytes go to and fro once the connection is upgraded.
inline bool is_websocket(const proxy_worker &member) { return has_scheme(member, "ws"); }
// It answers a request of HTTP/1.1, whatever mod_proxy speaks to it.
inline bool speaks_http(const proxy_worker &member)
{
    return is_http(member) || is_websocket(member) || has_scheme(member, "h2");
}
inline bool speaks_tls(const proxy_worker &member)
{
    for (const char *scheme : {"https", "wss", "h2"})
        if (std::strcmp(member.s->scheme, scheme) == 0)
            return true;
    return false;
}

}  // namespace stickybalancer
