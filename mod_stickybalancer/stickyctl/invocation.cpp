// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/invocation.hpp"

#include "mod_stickybalancer/stickyctl/lookup.hpp"
#include "mod_stickybalancer/stickyctl/record_text.hpp"

namespace stickybalancer::stickyctl {

Api Invocation::api()
{
    if (!transport_)
        transport_ = connect_("");
    return Api(*transport_);
}

Json Invocation::balancers()
{
    auto balancers = api().balancers();
    if (!options_.balancer.empty())
        balancers["balancers"] = Json::array({find_balancer(balancers, options_.balancer)});
    return balancers;
}

ExitCode Invocation::show(const Json &value) const
{
    console_.out << dump(value, true) << '\n';
    return ExitCode::kDone;
}

ExitCode Invocation::show(const TextTable &table) const
{
    console_.out << (wants_csv() ? table.csv() : table.text(console_.terminal));
    return ExitCode::kDone;
}

ExitCode Invocation::show_record(const Json &thing) const
{
    if (wants_json())
        return show(thing);
    if (wants_csv())
        return show(record_table(thing));
    console_.out << record_text(thing, now());
    return ExitCode::kDone;
}

Instant now() { return std::chrono::floor<seconds>(std::chrono::system_clock::now()); }

}  // namespace stickybalancer::stickyctl
