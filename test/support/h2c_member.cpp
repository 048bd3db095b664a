// SPDX-License-Identifier: Apache-2.0
#include "test/support/h2c_member.hpp"

namespace stickybalancer::test {

H2cMember::H2cMember(const std::string &name) : name_(name)
{
    write_file(httpd_.root() / "htdocs/name.txt", name);
    HttpdOptions options;
    options.http2 = true;
    options.mpm = "event";
    options.with_module = false;
    httpd_.start(
        "AliasMatch \"^/\" \"{root}/htdocs/name.txt\"\n"
        "<Directory \"{root}/htdocs\">\n    Require all granted\n</Directory>\n"
        "Header set X-Peer \"expr=%{REMOTE_ADDR}\"\nHeader set X-Member \"" +
            name + "\"\n",
        options);
}

}  // namespace stickybalancer::test
