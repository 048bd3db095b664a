// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/invocation.hpp"

namespace stickybalancer::stickyctl {

Api Invocation::api()
{
    if (!transport_)
        transport_ = connect_("");
    return Api(*transport_);
}

ExitCode Invocation::show(const Json &value) const
{
    console_.out << dump(value, true) << '\n';
    return ExitCode::kDone;
}

ExitCode Invocation::show(const TextTable &table) const
{
    console_.out << (options_.form == Form::kCsv ? table.csv() : table.text(console_.terminal));
    return ExitCode::kDone;
}

Instant now() { return std::chrono::floor<seconds>(std::chrono::system_clock::now()); }

}  // namespace stickybalancer::stickyctl
