// SPDX-License-Identifier: Apache-2.0
//
// Mistakes that no single directive shows: found over the whole, merged configuration, and said
// with what to write instead. What the server would start with and serve wrongly is a warning; what
// contradicts a directive of ours is an error.
#pragma once

#include "mod_stickybalancer/config_tree.hpp"

namespace stickybalancer {

// kAtStart: what may be wrong by now because of changes at run time was said before, and is passed
// over.
enum class Saying { kErrors, kErrorsAndWarnings, kAtStart };

// Logs what it finds; false when there is an error. Says nothing where no balancer is ours.
bool check_configuration(apr_pool_t *pool, server_rec *main_server, const ConfigTree &tree,
                         Saying saying);

}  // namespace stickybalancer
