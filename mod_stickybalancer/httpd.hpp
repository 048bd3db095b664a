// SPDX-License-Identifier: Apache-2.0
//
// httpd's headers, once, with what C++ needs around them. AP_HAVE_DESIGNATED_INITIALIZER (set by
// the build) keeps the union of typed directive handlers, so that a setter of the wrong type does
// not compile.
#pragma once

#include <httpd.h>

#include <ap_listen.h>
#include <ap_mpm.h>
#include <ap_provider.h>
#include <apr_optional.h>
#include <apr_shm.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_cfgtree.h>
#include <util_filter.h>

// Of mod_proxy.h the hooks are not declared for C++; what it includes itself was included above, or
// is here.
#include <apr_optional_hooks.h>
#include <ap_slotmem.h>
#include <http_connection.h>
#include <http_main.h>
#include <http_vhost.h>
#include <apr_reslist.h>
#include <apr_uuid.h>
#include <scoreboard.h>
#include <util_mutex.h>
#include <apr_global_mutex.h>
extern "C" {
#include <mod_proxy.h>
}

// APR's for C++ looks through a null pointer, in each macro of a brigade.
#include <cstddef>
#undef APR_OFFSETOF
#define APR_OFFSETOF(type, field) offsetof(type, field)

extern "C" __attribute__((visibility("default")))
module AP_MODULE_DECLARE_DATA stickybalancer_module;
APLOG_USE_MODULE(stickybalancer);
