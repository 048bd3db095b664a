// SPDX-License-Identifier: Apache-2.0
//
// Members that are one server, each reached from an address of its own.
#pragma once

#include <string>

#include "test/e2e/steps.hpp"

namespace stickybalancer::test {

// "http://127.0.0.1:80" to "http://1@127.0.0.1:80".
inline std::string with_user(std::string url, const std::string &user)
{
    return url.insert(url.find("://") + 3, user + '@');
}

inline std::string address(int number) { return "127.0.0.1" + std::to_string(number); }

inline std::string site(const std::string &lines)
{
    return "<Proxy \"balancer://app\">\n" + lines +
           "\nStickyCookie insert\n</Proxy>\nProxyPass \"/\" \"balancer://app/\"\n";
}

// One with the route `number`, at an address.
inline std::string member(const std::string &url, int number, const std::string &words = "")
{
    const auto route = std::to_string(number);
    return "BalancerMember \"" + url + "\" route=" + route + ' ' + words + "\nStickyMember " +
           route + " source=" + address(number) + '\n';
}

// The server is all of them.
inline std::string members(const std::string &url, int count, const std::string &words = "")
{
    std::string text;
    for (int i = 1; i <= count; ++i)
        text += member(with_user(url, std::to_string(i)), i, words);
    return text;
}

struct Sources : Scenario {
    Browser client_of(const std::string &route)
    {
        Browser client = new_browser();
        client.add_cookie("ROUTEID", '.' + route);
        return client;
    }
    // By which address a client of this member comes to the server.
    std::string peer_of_client(const FakeMember &server, const std::string &route,
                               const std::string &path = "/")
    {
        BOOST_TEST(client_of(route).get(path).status == 200);
        return server.last_request().peer;
    }
};

}  // namespace stickybalancer::test
