// SPDX-License-Identifier: Apache-2.0
//
// What httpd says of a configuration, without leaving anything anywhere: the text is in memory only.
#pragma once

#include <string>

namespace stickybalancer::stickyctl {

struct ConfigVerdict {
    bool is_good = false;
    std::string words;  // httpd's own, with `name` where it names the file
};

ConfigVerdict test_configuration(const std::string &httpd, const std::string &text,
                                 const std::string &name);

}  // namespace stickybalancer::stickyctl
