// SPDX-License-Identifier: Apache-2.0
//
// Fields of the server's answers. A field that is not there, is null, or is of another type reads as nothing:
// an older or a newer server is no reason to stop.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace stickybalancer::stickyctl {

// Keeps the order in which the server tells things.
using Json = nlohmann::ordered_json;

// A field by its path, such as "drain.until".
const Json *find_field(const Json &object, const std::string &path);

// Text as it is, numbers and yes/no as a person reads them; empty for null.
std::string readable(const Json &value);
// Of a field, empty where there is none.
std::string text_of(const Json &object, const std::string &path);
std::int64_t number_of(const Json &object, const std::string &path);
bool is_true(const Json &object, const std::string &path);
// The elements of a list; none where it is no list.
const Json &list_of(const Json &object, const std::string &path);

// For a terminal or a file; bytes that are no UTF-8 are replaced.
std::string dump(const Json &value, bool indented);

}  // namespace stickybalancer::stickyctl
