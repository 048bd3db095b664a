// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/web_address.hpp"

#include <cctype>

#include "mod_stickybalancer/stickyctl/failure.hpp"
#include "mod_stickybalancer/stickyctl/words.hpp"

namespace stickybalancer::stickyctl {
namespace {

std::string_view authority_of(std::string_view url)
{
    const auto begin = url.find("://");
    if (begin == std::string_view::npos)
        return {};
    url.remove_prefix(begin + 3);
    return url.substr(0, url.find_first_of("/?#"));
}

std::string host_of(const std::string &authority)
{
    return authority[0] == '[' ? authority.substr(0, authority.find(']') + 1)
                               : authority.substr(0, authority.find(':'));
}

std::string encoded(std::string_view text, std::string_view as_it_is)
{
    constexpr char kDigits[] = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_plain =
            byte < 0x80 && (std::isalnum(byte) || as_it_is.find(c) != std::string_view::npos);
        if (is_plain)
            result += c;
        else
            result += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return result;
}

[[noreturn]] void refuse(const std::string &url, const std::string &why)
{
    throw Failure(ExitCode::kUsage, "'" + url + "': " + why);
}

}  // namespace

std::string checked_url(const std::string &url)
{
    const auto lower = lowered(url.substr(0, 8));
    if (lower.rfind("http://", 0) != 0 && lower.rfind("https://", 0) != 0)
        refuse(url,
               "write http:// or https://, the host, and the location of sticky-status or "
               "sticky-manager");
    const auto authority = authority_of(url);
    if (authority.find('@') != std::string_view::npos)
        refuse(url.substr(0, url.find("://") + 3) + "...",
               "no user or password here, where others see them: see LOGGING IN in stickyctl(1)");
    if (authority.empty())
        refuse(url, "there is no host in it");
    if (url.find_first_of("?#") != std::string::npos)
        refuse(url, "leave out what begins with '?' or '#'");
    return url.substr(0, url.find_last_not_of('/') + 1);
}

bool is_at(std::string_view url, std::string_view machine)
{
    const auto name = lowered(machine);
    if (host_of(name) == name)
        return host_of(lowered(authority_of(url))) == name;
    return origin_of(url) == origin_of(std::string(url.substr(0, url.find("://") + 3)) + name);
}

bool is_encrypted(std::string_view url) { return lowered(url.substr(0, 8)) == "https://"; }

bool is_on_this_host(std::string_view url)
{
    const auto host = host_of(lowered(authority_of(url)));
    const bool is_loopback_address =
        host.rfind("127.", 0) == 0 && host.find_first_not_of("0123456789.") == std::string::npos;
    return host == "localhost" || host == "[::1]" || is_loopback_address;
}

std::string origin_of(std::string_view url)
{
    auto origin = lowered(url.substr(0, url.find("://"))) + "://" + lowered(authority_of(url));
    const std::string usual = is_encrypted(url) ? ":443" : ":80";
    if (origin.size() > usual.size() && origin.ends_with(usual))
        origin.resize(origin.size() - usual.size());
    return origin;
}

std::string encoded_path(std::string_view text) { return encoded(text, "-._~/:@!$&'()*+,="); }

std::string encoded_value(std::string_view text) { return encoded(text, "-._~"); }

}  // namespace stickybalancer::stickyctl
