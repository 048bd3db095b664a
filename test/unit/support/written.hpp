// SPDX-License-Identifier: Apache-2.0
//
// What a writer writes, in a buffer of exactly the size that it asks for.
#pragma once

#include <memory>
#include <string>

#include "core/base/bounded_writer.hpp"

namespace stickybalancer::test {

// `write` gets a BoundedWriter, twice.
template <typename Write>
std::string written(const Write &write)
{
    base::BoundedWriter asked({});
    write(asked);
    const auto size = asked.size_needed();
    const std::unique_ptr<char[]> text(new char[size]);
    base::BoundedWriter out({text.get(), size});
    write(out);
    return {text.get(), size};
}

}  // namespace stickybalancer::test
