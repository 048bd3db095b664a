// SPDX-License-Identifier: Apache-2.0
//
// Clients that a cookie or the URL keeps at their member are counted for its number of sessions, when the member
// answers them, and again when a long answer is over. Where the application has named its session in that cookie or
// URL, this is the client; else its address, as mod_remoteip sees it, with its User-Agent. One whose session the table
// of sessions has at this member is counted there.
#pragma once

#include "mod_stickybalancer/request.hpp"

namespace stickybalancer {

// What an answer gives to the client.
struct GivenCookie {
    bool is_given = false;  // it leads the client back
    bool is_over = false;   // it makes the client forget
    sb_str session{};       // what the application knows the client by, in it
};

// The member has answered.
void count_client(const request_rec *r, RequestState &state, const GivenCookie &given);

// The attempt is over.
void count_client_again(const request_rec *r, RequestState &state, apr_time_t now);

}  // namespace stickybalancer
