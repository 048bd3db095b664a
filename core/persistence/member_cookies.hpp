// SPDX-License-Identifier: Apache-2.0
//
// The Cookie header as the member gets it: without our cookie where that is hidden (indirect), without
// our prefix where the application's values have one. All other cookies keep their bytes and their
// order.
//
// Cost: one pass over the header. No allocation. Thread safety: pure.
#pragma once

#include <string_view>

#include "core/base/bounded_writer.hpp"
#include "core/persistence/settings.hpp"

namespace stickybalancer::persistence {

// False: nothing of it is ours, and nothing was written. What is written is never longer than the
// header; nothing at all: the member gets no such header.
bool write_member_cookies(base::BoundedWriter &out, std::string_view header,
                          const Settings &settings) noexcept;

// The same without any cookie of this name, whatever the settings are.
bool write_without_cookie(base::BoundedWriter &out, std::string_view header,
                          std::string_view name) noexcept;

}  // namespace stickybalancer::persistence
