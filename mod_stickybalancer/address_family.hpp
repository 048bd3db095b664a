// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>

namespace stickybalancer {

// Of an address as text; AF_UNSPEC: it is a name.
inline int family_of(const char *text)
{
    unsigned char address[sizeof(in6_addr)];
    for (const int family : {AF_INET, AF_INET6})
        if (inet_pton(family, text, address) == 1)
            return family;
    return AF_UNSPEC;
}

}  // namespace stickybalancer
