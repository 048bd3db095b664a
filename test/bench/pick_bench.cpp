// SPDX-License-Identifier: Apache-2.0
//
// Time of one decision in the core, through the C ABI as the module calls it: nanoseconds a pick, for a
// client with a valid cookie and for one without, by number of members. Fails when a pick allocates.
//
//   sb_pick_bench [--quick]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "core/include/stickybalancer/stickybalancer.h"

namespace {

std::size_t allocation_count = 0;

sb_str str_of(const std::string &text) { return {text.data(), text.size()}; }

class Bench {
public:
    explicit Bench(std::uint32_t member_count) : region_(sb_region_size(1) / 64 + 1)
    {
        const auto size = region_.size() * sizeof(Line);
        sb_region_format(region_.data(), size, 1);
        if (sb_balancer_create(region_.data(), size, 0, &balancer_) != SB_OK)
            std::abort();
        for (std::uint32_t i = 0; i < member_count; ++i)
            routes_.push_back("member" + std::to_string(i));
        configure();
        cookie_ = "theme=dark; session=0123456789abcdef; ROUTEID=." + routes_[member_count / 2];
    }
    ~Bench() { sb_balancer_destroy(balancer_); }
    Bench(const Bench &) = delete;
    Bench &operator=(const Bench &) = delete;

    // The median of several rounds, in nanoseconds a pick.
    double measure(bool with_cookie, int rounds, int picks)
    {
        std::vector<double> times;
        for (int round = 0; round < rounds; ++round)
            times.push_back(one_round(with_cookie, picks));
        std::nth_element(times.begin(), times.begin() + rounds / 2, times.end());
        return times[static_cast<std::size_t>(rounds / 2)];
    }

private:
    struct alignas(64) Line {
        char bytes[64];
    };

    void configure()
    {
        static const std::uint32_t up = 1;
        static const std::int64_t never = 0;
        std::vector<sb_member> members;
        for (std::size_t i = 0; i < routes_.size(); ++i)
            members.push_back({i + 1, str_of(routes_[i]), {}, 100, 0, &up, &never, &never});
        sb_settings settings{};
        settings.struct_size = sizeof(settings);
        settings.cookie_mode = SB_COOKIE_INSERT;
        settings.cookie_name = {"ROUTEID", 7};
        settings.url_parameter = {"ROUTEID", 7};
        settings.separator = '.';
        settings.cookie_path = {"/", 1};
        settings.policy = {"roundrobin", 10};
        settings.state_bits = {1, 2, 4, 8, 16, 32, 64};
        if (sb_balancer_configure(balancer_, &settings, members.data(), members.size()) != SB_OK)
            std::abort();
    }

    double one_round(bool with_cookie, int picks)
    {
        sb_request request{};
        request.struct_size = sizeof(request);
        request.path = {"/shop/cart", 10};
        if (with_cookie)
            request.cookie_header = str_of(cookie_);
        sb_pick pick{};
        pick.struct_size = sizeof(pick);
        std::uint64_t sum = 0;
        const auto before = allocation_count;
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < picks; ++i) {
            request.now_us = i;
            if (sb_balancer_pick(balancer_, &request, &pick) != SB_OK)
                std::abort();
            sum += pick.handle;
        }
        const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
        if (allocation_count != before || sum == 0) {
            std::fprintf(stderr, "a pick allocated memory\n");
            std::exit(1);
        }
        return spent.count() / picks;
    }

    std::vector<Line> region_;
    std::vector<std::string> routes_;
    std::string cookie_;
    sb_balancer *balancer_ = nullptr;
};

}  // namespace

void *operator new(std::size_t size)
{
    ++allocation_count;
    if (void *memory = std::malloc(size))
        return memory;
    throw std::bad_alloc();
}
void *operator new(std::size_t size, std::align_val_t alignment)
{
    ++allocation_count;
    const auto align = static_cast<std::size_t>(alignment);
    if (void *memory = std::aligned_alloc(align, (size + align - 1) / align * align))
        return memory;
    throw std::bad_alloc();
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void *memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

int main(int argc, char **argv)
{
    const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
    const int rounds = quick ? 1 : 15;
    const int picks = quick ? 2'000 : 1'000'000;
    std::printf("%8s %18s %18s   (ns a pick, median of %d)\n", "members", "valid cookie", "no cookie", rounds);
    for (const std::uint32_t members : {4U, 100U, 1000U, 10000U}) {
        Bench bench(members);
        std::printf("%8u %18.1f %18.1f\n", members, bench.measure(true, rounds, picks),
                    bench.measure(false, rounds, picks));
    }
    return 0;
}
