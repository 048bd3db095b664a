// SPDX-License-Identifier: Apache-2.0
#include "test/bench/core_bench.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace stickybalancer::bench {
namespace {

std::size_t count_of_allocations = 0;

void *openssl_malloc(std::size_t size, const char *, int)
{
    ++count_of_allocations;
    return std::malloc(size);
}
void *openssl_realloc(void *memory, std::size_t size, const char *, int)
{
    ++count_of_allocations;
    return std::realloc(memory, size);
}
void openssl_free(void *memory, const char *, int) { std::free(memory); }

const bool counts_openssl =
    CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) == 1;

}  // namespace

sb_settings insert_settings()
{
    sb_settings settings{};
    settings.struct_size = sizeof(settings);
    settings.cookie_mode = SB_COOKIE_INSERT;
    settings.cookie_name = {"ROUTEID", 7};
    settings.url_parameter = {"ROUTEID", 7};
    settings.separator = '.';
    settings.cookie_path = {"/", 1};
    settings.cookie_http_only = 1;
    settings.cookie_same_site = SB_SAME_SITE_LAX;
    settings.policy = {"roundrobin", 10};
    settings.state_bits = {1, 2, 4, 8, 16, 32, 64, 128};
    settings.balancer_name = {"balancer://bench", 16};
    return settings;
}

BenchBalancer::BenchBalancer(std::uint32_t member_count, const sb_settings &settings,
                             sb_table *table)
{
    static const std::uint32_t up = 1;
    static const std::int64_t never = 0;
    const auto block = make_block(member_count);
    for (std::uint32_t i = 0; i < member_count; ++i)
        routes_.push_back("member" + std::to_string(i));
    std::vector<sb_member> members;
    for (const auto &route : routes_) {
        sb_member member{};
        member.handle = members.size() + 1;
        member.route = str_of(route);
        member.weight = 100;
        member.state = &up;
        member.failed_at_us = member.retry_us = &never;
        if (sb_member_claim(region_, block, sb_identity_of(member.route), &member.place) != SB_OK)
            fail("a member has no place");
        members.push_back(member);
    }
    if (!counts_openssl || sb_balancer_create(region_, block, 0, &core_) != SB_OK)
        fail("no balancer");
    if (table != nullptr)
        sb_balancer_use_table(core_, table, nullptr);
    if (sb_balancer_configure(core_, &settings, members.data(), members.size()) != SB_OK)
        fail("the settings are refused");
}

BenchBalancer::~BenchBalancer()
{
    sb_balancer_destroy(core_);
    sb_region_close(region_);
}

// A region for one process, which is this one, with a block for so many members.
std::uint64_t BenchBalancer::make_block(std::uint32_t member_count)
{
    const sb_geometry geometry{1, 1};
    const std::uint64_t random[2] = {3, 5};
    memory_.resize((sb_region_size(&geometry) + sb_block_size(&geometry, member_count)) /
                   sizeof(Line));
    const auto size = memory_.size() * sizeof(Line);
    const char *why = nullptr;
    std::uint64_t block = 0;
    std::uint32_t process = 0;
    if (sb_region_format(memory_.data(), size, &geometry, random) != SB_OK ||
        sb_region_open(memory_.data(), size, &region_, &why) != SB_OK ||
        sb_region_claim_block(region_, {7, 11}, member_count, &block) != SB_OK ||
        sb_region_claim_process(region_, 1, 1, &process) != SB_OK || process != 0)
        fail("no region");
    return block;
}

sb_pick BenchBalancer::pick(sb_str cookie_header, sb_time_us now_us) const
{
    sb_request request{};
    request.struct_size = sizeof(request);
    request.path = {"/shop/cart", 10};
    request.cookie_header = cookie_header;
    request.now_us = now_us;
    sb_pick pick{};
    pick.struct_size = sizeof(pick);
    if (sb_balancer_pick(core_, &request, &pick) != SB_OK || pick.handle == 0)
        fail("nobody was picked");
    return pick;
}

std::string BenchBalancer::cookie_of(std::size_t index, sb_time_us now_us) const
{
    const auto unbound = pick({}, now_us);
    char out[512];
    std::size_t length = sizeof(out);
    if (sb_balancer_cookie(core_, &unbound, str_of(routes_[index]), 0, now_us, out, &length) !=
        SB_OK)
        fail("no cookie was written");
    const std::string line(out, length);
    return line.substr(0, line.find(';'));
}

Effort effort_of(int argc, char **argv)
{
    const bool is_quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
    return is_quick ? Effort{1, 2'000} : Effort{15, 500'000};
}

std::size_t allocation_count() { return count_of_allocations; }

double median_of(std::vector<double> times)
{
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2),
                     times.end());
    return times[times.size() / 2];
}

void fail(const char *why)
{
    std::fprintf(stderr, "%s\n", why);
    std::exit(1);
}

double now_ns()
{
    const std::chrono::duration<double, std::nano> now =
        std::chrono::steady_clock::now().time_since_epoch();
    return now.count();
}

}  // namespace stickybalancer::bench

void *operator new(std::size_t size)
{
    ++stickybalancer::bench::count_of_allocations;
    if (void *memory = std::malloc(size))
        return memory;
    throw std::bad_alloc();
}
void *operator new(std::size_t size, std::align_val_t alignment)
{
    ++stickybalancer::bench::count_of_allocations;
    const auto align = static_cast<std::size_t>(alignment);
    if (void *memory = std::aligned_alloc(align, (size + align - 1) / align * align))
        return memory;
    throw std::bad_alloc();
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void *memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
