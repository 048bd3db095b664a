// SPDX-License-Identifier: Apache-2.0
//
// A check as a transfer of libcurl's: made once, used for each check, one at a time. Each check has a connection of
// its own: one over a connection that was kept says nothing of whether the member accepts any. No redirects, no
// proxy, no cookies, no verification of certificates.
//
// Thread safety: the thread that uses it.
#pragma once

#include <curl/curl.h>

#include <string>

#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/health_lines.hpp"

namespace stickybalancer {

class HealthTransfer {
public:
    // Texts are made in `pool`.
    HealthTransfer(apr_pool_t *pool, const Attached &attached, const proxy_worker &worker,
                   const CheckSettings &settings);
    ~HealthTransfer();
    HealthTransfer(const HealthTransfer &) = delete;
    HealthTransfer &operator=(const HealthTransfer &) = delete;

    // Null: there was no memory for all of it.
    CURL *easy() const { return is_whole_ ? easy_ : nullptr; }
    // Who is asked, and from where: the same text for the same.
    const std::string &target() const { return target_; }

private:
    void set_up(const CheckSettings &settings);
    void set_up_request(apr_pool_t *pool, const CheckSettings &settings);
    void set_up_address(apr_pool_t *pool, const Attached &attached, const proxy_worker &worker,
                        const CheckSettings &settings);
    template <typename Value>
    void set(CURLoption option, Value value)
    {
        is_whole_ &= curl_easy_setopt(easy_, option, value) != CURLE_OUT_OF_MEMORY;
    }
    void append(curl_slist *&list, const char *line);

    CURL *easy_;
    curl_slist *headers_ = nullptr;
    curl_slist *connect_to_ = nullptr;
    std::string target_;
    bool is_whole_;
};

}  // namespace stickybalancer
