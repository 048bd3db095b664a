// SPDX-License-Identifier: Apache-2.0
//
// What a table of sessions needs once a second, from one process: sessions that have expired make room,
// damage is looked for after a start; and that it loses sessions is said in the log, when it begins and then
// once a minute at most.
#pragma once

#include "mod_stickybalancer/attachment.hpp"

namespace stickybalancer {

// [child] What was lost so far is nothing new.
void begin_table_upkeep(Attached &attached);

// `most_steps`: each goes through a part of the table, and takes less than a millisecond.
void look_after_table(Attached &attached, const Occasion &occasion, int most_steps);

}  // namespace stickybalancer
