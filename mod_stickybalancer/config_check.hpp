// SPDX-License-Identifier: Apache-2.0
//
// Mistakes that no single directive shows: found over the whole, merged configuration, and said
// with what to write instead. What the server would start with and serve wrongly is a warning; what
// contradicts a directive of ours is an error.
#pragma once

#include "mod_stickybalancer/config_tree.hpp"

namespace stickybalancer {

enum class Saying { kErrors, kErrorsAndWarnings };

// Logs what it finds; false when there is an error. Says nothing where no balancer is ours.
bool check_configuration(apr_pool_t *pool, server_rec *main_server, const ConfigTree &tree,
                         Saying saying);

}  // namespace stickybalancer
