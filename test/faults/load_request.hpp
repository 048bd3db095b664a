// SPDX-License-Identifier: Apache-2.0
//
// What the load sends, so that a member can tell whether it arrived whole: the body of a request
// follows from its target.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace stickybalancer::test {

constexpr std::size_t kLoadBodySize =
    6000;  // more than one packet, fewer bytes than any default of ours

std::string load_body(std::string_view target);
// With this Cookie header, where not empty. PUT and POST have a body.
std::string load_request(std::string_view method, std::string_view target, std::string_view cookie);

}  // namespace stickybalancer::test
