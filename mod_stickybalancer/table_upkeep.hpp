// SPDX-License-Identifier: Apache-2.0
//
// What a table of sessions needs once a second, from one process: sessions that have expired make room,
// damage is looked for after a start; and that it loses sessions is said in the log, when it begins and then
// once a minute at most.
#pragma once

#include "mod_stickybalancer/attachment.hpp"

namespace stickybalancer {

// `most_steps`: each looks at a sixtieth of the table, or repairs a few parts of it, some milliseconds each.
void look_after_table(Attached &attached, const Occasion &occasion, int most_steps);

}  // namespace stickybalancer
