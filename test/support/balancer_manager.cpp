// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "test/support/browser.hpp"
#include "test/support/httpd_instance.hpp"

namespace stickybalancer::test {
namespace {

constexpr const char *kPage = "/balancer-manager";

std::string url_encoded(const std::string &text)
{
    static const char kDigits[] = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z')
            encoded += c;
        else if ((byte >= '0' && byte <= '9') || c == '-' || c == '.' || c == '_')
            encoded += c;
        else
            encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return encoded;
}

// The page links each balancer as ?b=NAME&amp;...nonce=NONCE; each has its own nonce.
std::string nonce_of(const std::string &page, const std::string &balancer)
{
    const auto link = page.find("?b=" + balancer + "&");
    const auto nonce = link == std::string::npos ? link : page.find("nonce=", link);
    if (nonce == std::string::npos)
        throw std::runtime_error("balancer-manager does not know " + balancer + ":\n" + page);
    const auto begin = nonce + 6;
    return page.substr(begin, page.find_first_of("\"&'", begin) - begin);
}

}  // namespace

Response HttpdInstance::balancer_manager(const std::string &balancer, const std::string &member,
                                         const Form &changes)
{
    BrowserOptions options;
    options.port = port();
    options.host = "localhost";  // ServerName, which the Referer is compared with
    Browser administrator(options);
    // Also for reading: httpd 2.4.71 logs an error for every request without it.
    const Header referer{"Referer", "http://localhost:" + std::to_string(port()) + kPage};
    const auto page = administrator.get(kPage, {referer});
    if (page.status != 200)
        throw std::runtime_error("no balancer-manager: " + std::to_string(page.status));

    auto form = "b=" + url_encoded(balancer) + "&nonce=" + nonce_of(page.body, balancer);
    if (!member.empty())
        form += "&w=" + url_encoded(value_of(member + ".url").value_or(member));
    for (const auto &[name, value] : changes)
        form += '&' + name + '=' + url_encoded(value);
    auto answer = administrator.post(
        kPage, form, {referer, {"Content-Type", "application/x-www-form-urlencoded"}});
    if (answer.status != 200)
        throw std::runtime_error("balancer-manager refused: " + answer.body);
    return answer;
}

void HttpdInstance::drain(const std::string &balancer, const std::string &member)
{
    balancer_manager(balancer, member, {{"w_status_N", "1"}});
}

void HttpdInstance::undrain(const std::string &balancer, const std::string &member)
{
    balancer_manager(balancer, member, {{"w_status_N", "0"}});
}

}  // namespace stickybalancer::test
