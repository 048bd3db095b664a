// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/networks.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace stickybalancer {
namespace {

struct Address {
    int bits;  // 32 or 128; 0: neither IPv4 nor IPv6
    unsigned char bytes[16];
};

struct Network {
    Address address;
    int prefix;
};

constexpr int kMappedPrefix = 96;  // what stands before an IPv4 address in ::ffff:192.0.2.1

Address ipv4_address(const void *bytes)
{
    Address address{32, {}};
    std::memcpy(address.bytes, bytes, 4);
    return address;
}

Address ipv6_address(const in6_addr &from)
{
    if (IN6_IS_ADDR_V4MAPPED(&from))
        return ipv4_address(from.s6_addr + kMappedPrefix / 8);
    Address address{128, {}};
    std::memcpy(address.bytes, from.s6_addr, sizeof(address.bytes));
    return address;
}

Address address_of(const apr_sockaddr_t &from)
{
    if (from.family == AF_INET)
        return ipv4_address(&from.sa.sin.sin_addr);
    return from.family == AF_INET6 ? ipv6_address(from.sa.sin6.sin6_addr) : Address{};
}

// The address with nothing but its first bits.
Address cut(Address address, int prefix)
{
    for (int i = 0; i < address.bits / 8; ++i) {
        const int kept = std::clamp(prefix - 8 * i, 0, 8);
        address.bytes[i] = static_cast<unsigned char>(address.bytes[i] & (0xFF00 >> kept));
    }
    return address;
}

bool is_same(const Address &one, const Address &other)
{
    return one.bits == other.bits && std::memcmp(one.bytes, other.bytes, sizeof(one.bytes)) == 0;
}

// How many bits of the written address there are before it is one of Address; 0 but for ::ffff:192.0.2.1.
bool parse_address(const char *text, Address &address, int &skipped)
{
    in6_addr bytes{};
    skipped = 0;
    if (inet_pton(AF_INET, text, &bytes) == 1) {
        address = ipv4_address(&bytes);
        return true;
    }
    if (inet_pton(AF_INET6, text, &bytes) != 1)
        return false;
    address = ipv6_address(bytes);
    skipped = 128 - address.bits;
    return true;
}

bool parse_prefix(const char *text, int skipped, Network &network)
{
    const auto [end, error] = std::from_chars(text, text + std::strlen(text), network.prefix);
    network.prefix -= skipped;
    return error == std::errc() && *end == '\0' && *text != '-' && network.prefix >= 0 &&
           network.prefix <= network.address.bits;
}

const char *text_of(apr_pool_t *pool, const Network &network)
{
    char text[INET6_ADDRSTRLEN];
    const int family = network.address.bits == 32 ? AF_INET : AF_INET6;
    inet_ntop(family, network.address.bytes, text, sizeof(text));
    return apr_psprintf(pool, "%s/%d", text, network.prefix);
}

const char *parse(apr_pool_t *pool, const char *text, Network &network)
{
    const char *slash = std::strchr(text, '/');
    const auto length = slash != nullptr ? slash - text : static_cast<std::ptrdiff_t>(strlen(text));
    int skipped = 0;
    if (!parse_address(apr_pstrmemdup(pool, text, static_cast<apr_size_t>(length)), network.address,
                       skipped))
        return "is no address and no network";
    network.prefix = network.address.bits;
    if (slash != nullptr && !parse_prefix(slash + 1, skipped, network))
        return apr_psprintf(pool, "has no prefix length of %d to %d", skipped,
                            network.address.bits + skipped);
    const Network meant{cut(network.address, network.prefix), network.prefix};
    if (is_same(meant.address, network.address))
        return nullptr;
    return apr_psprintf(pool, "has bits set behind its prefix; the network is %s",
                        text_of(pool, meant));
}

}  // namespace

const char *parse_network(cmd_parms *cmd, const char *text, const Networks *&networks)
{
    Network network{};
    if (const char *wrong = parse(cmd->pool, text, network); wrong != nullptr)
        return wrong;
    if (networks == nullptr) {
        auto *made = static_cast<Networks *>(apr_palloc(cmd->pool, sizeof(Networks)));
        made->all = apr_array_make(cmd->pool, 4, sizeof(Network));
        networks = made;
    }
    APR_ARRAY_PUSH(networks->all, Network) = network;
    return nullptr;
}

bool contains(const Networks &networks, const apr_sockaddr_t &from)
{
    const auto address = address_of(from);
    for (int i = 0; i < networks.all->nelts; ++i) {
        const auto &network = APR_ARRAY_IDX(networks.all, i, Network);
        if (is_same(cut(address, network.prefix), network.address))
            return true;
    }
    return false;
}

}  // namespace stickybalancer
