// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace stickybalancer::test {

// Self-made, for localhost, 127.0.0.1 and *.example.test; another one in each process. Clients that
// are to verify it take it as their only authority.
struct Certificate {
    std::string certificate_pem;
    std::string key_pem;
};
const Certificate &test_certificate();

}  // namespace stickybalancer::test
