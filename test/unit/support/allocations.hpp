// SPDX-License-Identifier: Apache-2.0
//
// How often this thread has asked for memory. The executable's operator new counts, and
// what OpenSSL asks for.
#pragma once

#include <cstddef>

namespace stickybalancer::test {

std::size_t allocation_count();

}  // namespace stickybalancer::test
