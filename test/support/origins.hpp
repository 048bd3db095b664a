// SPDX-License-Identifier: Apache-2.0
//
// The protocols that members speak. Each function serves one accepted connection, as the script
// says, until it is over; it leaves the descriptor open.
#pragma once

namespace stickybalancer::test {

class MemberScript;

void serve_http(int fd, MemberScript &script);
void serve_https(int fd, MemberScript &script);  // with test_certificate()
void serve_ajp(int fd, MemberScript &script);    // AJP/1.3
void serve_fcgi(int fd, MemberScript &script);   // FastCGI responder

}  // namespace stickybalancer::test
