// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/login_file.hpp"

#include <iomanip>
#include <sstream>

#include "mod_stickybalancer/stickyctl/failure.hpp"
#include "mod_stickybalancer/stickyctl/web_address.hpp"
#include "mod_stickybalancer/stickyctl/words.hpp"

namespace stickybalancer::stickyctl {
namespace {

[[noreturn]] void fail(const std::string &name, const std::string &why)
{
    throw Failure(ExitCode::kUsage, name + ": " + why);
}

// Without comments and empty ones.
std::vector<std::string> lines_of(const std::string &text)
{
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        if (line = trimmed(line); !line.empty() && line[0] != '#')
            lines.push_back(line);
    return lines;
}

// What stands between quotes is one.
std::vector<std::string> quoted_words_in(const std::vector<std::string> &lines)
{
    std::vector<std::string> words;
    for (const auto &line : lines) {
        std::istringstream in(line);
        for (std::string word; in >> std::quoted(word);)
            words.push_back(word);
    }
    return words;
}

Login user_and_password(const std::string &name, const std::string &line)
{
    const auto colon = line.find(':');
    if (colon == std::string::npos || colon == 0)
        fail(name,
             "the first line is neither USER:PASSWORD nor machine HOST login USER password "
             "PASSWORD");
    return {line.substr(0, colon), line.substr(colon + 1)};
}

}  // namespace

LoginFile LoginFile::parse(const std::string &name, const std::string &text)
{
    LoginFile file;
    const auto lines = lines_of(text);
    const auto words = quoted_words_in(lines);
    if (words.empty() || words[0] != "machine") {
        file.entries_.push_back({"", user_and_password(name, lines.empty() ? "" : lines[0])});
        return file;
    }
    for (std::size_t i = 0; i < words.size(); i += 2)
        file.take(name, words[i], i + 1 < words.size() ? words[i + 1] : "");
    for (const auto &entry : file.entries_)
        if (entry.login.user.empty())
            fail(name, "machine " + entry.machine + " has no login USER");
    return file;
}

// A word that is not known may be a part of a password: it is not repeated.
void LoginFile::take(const std::string &name, const std::string &word, const std::string &value)
{
    if (word == "machine")
        entries_.push_back({value, {}});
    else if (word == "login")
        entries_.back().login.user = value;
    else if (word == "password")
        entries_.back().login.password = value;
    else
        fail(name, "behind machine " + entries_.back().machine +
                       " there is something else than login USER password PASSWORD; a password "
                       "with spaces goes between quotes");
    if (value.empty())
        fail(name, "there is nothing behind the last " + word);
}

bool LoginFile::names_servers() const
{
    return !entries_.empty() && !entries_.front().machine.empty();
}

std::optional<Login> LoginFile::login_for(const std::string &url, bool is_own) const
{
    for (const auto &entry : entries_)
        if (entry.machine.empty() ? is_own : is_at(url, entry.machine))
            return entry.login;
    return std::nullopt;
}

}  // namespace stickybalancer::stickyctl
