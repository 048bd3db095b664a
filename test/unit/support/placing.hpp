// SPDX-License-Identifier: Apache-2.0
//
// New clients, placed by any policy: for cases that run for each name of the register.
#pragma once

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <map>
#include <string>
#include <vector>

#include "test/unit/support/balancer.hpp"

namespace stickybalancer::test {

inline std::vector<std::string> names_of_policies()
{
    std::vector<std::string> names;
    for (const auto &entry : balance::policies())
        names.emplace_back(entry.name);
    return names;
}
inline const auto kPolicies = boost::unit_test::data::make(names_of_policies());

struct Placing : ThreeMembers {  // a, b, c: up, weight 1
    explicit Placing(const std::string &name) { policy = name; }

    // Who gets unbound clients, each with a key of its own; they stay.
    std::map<std::string, int> place(const selection::View &in_force, int count,
                                     const Request &request = unbound())
    {
        std::map<std::string, int> counts;
        for (int i = 0; i < count; ++i) {
            auto client = request;
            const auto name = pick_by(in_force, client.hashed_by(++clients * 0x9E3779B97F4A7C15));
            if (++counts[name]; !name.empty())
                BOOST_TEST((begin(in_force, name) != selection::SessionCount::kNoRoom));
        }
        return counts;
    }
    std::map<std::string, int> place(int count, const Request &request = unbound())
    {
        return place(view(), count, request);
    }
    // Their names, in alphabetical order.
    std::string takers(int count = 60, const Request &request = unbound())
    {
        return letters_of(place(count, request));
    }
    static std::string letters_of(const std::map<std::string, int> &counts)
    {
        std::string letters;
        for (const auto &[name, times] : counts)
            letters += name.empty() ? "-" : name;
        return letters;
    }

    std::uint64_t clients = 0;
};

}  // namespace stickybalancer::test
