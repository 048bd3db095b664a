// SPDX-License-Identifier: Apache-2.0
//
// Time of what is done for one cookie in the core, through the C ABI, by seal: a pick that reads and
// opens it, writing a new one, taking it off the member's header; and a pick whose header has fifty
// cookies. Fails when any of it allocates, OpenSSL included.
//
//   sb_cookie_bench [--quick]
#include <array>
#include <cstdio>

#include "test/bench/core_bench.hpp"

using namespace stickybalancer::bench;

namespace {

constexpr sb_time_us kNow_us = 1'700'000'000'000'000;

struct Row {
    const char *name;
    sb_seal seal;
};

// 49 others around it, 24 in front; about 1,500 bytes.
std::string among_others(const std::string &cookie)
{
    std::string header;
    for (int i = 0; i < 49; ++i) {
        if (i == 24)
            header += cookie + "; ";
        header += "name" + std::to_string(i) + "=0123456789abcdef0123" + (i < 48 ? "; " : "");
    }
    return header;
}

double time_of_pick(const Effort &effort, const BenchBalancer &balancer, const std::string &header)
{
    if (balancer.pick(str_of(header), kNow_us).cause != SB_CAUSE_COOKIE)
        fail("the cookie is not honoured");
    return measure(effort, [&](int i) { balancer.pick(str_of(header), kNow_us + i); });
}

double time_of_writing(const Effort &effort, const BenchBalancer &balancer)
{
    const auto pick = balancer.pick({}, kNow_us);
    const auto route = str_of(balancer.route(2));
    return measure(effort, [&](int i) {
        std::array<char, 512> out;
        auto length = out.size();
        if (sb_balancer_cookie(balancer.core(), &pick, route, 0, kNow_us + i, out.data(),
                               &length) != SB_OK)
            fail("no cookie was written");
    });
}

double time_of_hiding(const Effort &effort, const BenchBalancer &balancer,
                      const std::string &header)
{
    return measure(effort, [&](int) {
        std::array<char, 4096> out;
        auto length = out.size();
        if (sb_balancer_member_cookies(balancer.core(), str_of(header), out.data(), &length) !=
            SB_OK)
            fail("the cookie was not hidden");
    });
}

}  // namespace

int main(int argc, char **argv)
{
    const auto effort = effort_of(argc, argv);
    const sb_key key{{"1", 1}, {1, 2, 3, 4, 5, 6, 7, 8}};
    std::printf("%8s %14s %14s %14s %14s   (ns, median of %d)\n", "seal", "read and open", "write",
                "hide", "among fifty", effort.rounds);
    for (const auto &[name, seal] : {Row{"plain", SB_SEAL_PLAIN}, Row{"signed", SB_SEAL_SIGNED},
                                     Row{"opaque", SB_SEAL_OPAQUE}}) {
        auto settings = insert_settings();
        settings.cookie_seal = seal;
        settings.cookie_indirect = 1;
        settings.keys = &key;
        settings.key_count = 1;
        const BenchBalancer balancer(4, settings);
        const auto cookie = balancer.cookie_of(2, kNow_us);
        const auto few = "theme=dark; session=0123456789abcdef; " + cookie;
        std::printf("%8s %14.1f %14.1f %14.1f %14.1f\n", name, time_of_pick(effort, balancer, few),
                    time_of_writing(effort, balancer), time_of_hiding(effort, balancer, few),
                    time_of_pick(effort, balancer, among_others(cookie)));
    }
    return 0;
}
