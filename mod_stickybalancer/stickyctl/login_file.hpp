// SPDX-License-Identifier: Apache-2.0
//
// The file of --login. Its first line is USER:PASSWORD, for the server that the command talks to; or it has, as
// netrc(5) does, a login for each of several servers, and none for others:
//
//     machine lb1.example.org login op password "with a space"
//     machine lb2.example.org:8443 login op password other
//
// A machine without a port is meant with each of its ports; the first line that fits counts. Lines that begin with #
// are comments.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace stickybalancer::stickyctl {

struct Login {
    std::string user, password;
};

class LoginFile {
public:
    // `name` is for a Failure that says what is not understood, without what may be a password.
    static LoginFile parse(const std::string &name, const std::string &text);

    // `is_own`: the command would talk to this server without being told another one.
    std::optional<Login> login_for(const std::string &url, bool is_own) const;

    // Whoever is not named gets nothing, from elsewhere neither.
    bool names_servers() const;

private:
    struct Entry {
        std::string machine;  // empty: the command's own server
        Login login;
    };

    void take(const std::string &name, const std::string &word, const std::string &value);

    std::vector<Entry> entries_;
};

}  // namespace stickybalancer::stickyctl
