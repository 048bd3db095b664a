// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/status_page.hpp"

#include <mod_status.h>

#include "mod_stickybalancer/attachment.hpp"

namespace stickybalancer {
namespace {

template <typename Function>
void for_each_fault(Function &&function)
{
    for (std::uint32_t fault = 1; const char *name = sb_fault_name(fault); ++fault)
        function(fault, name);
}

int as_int(std::uint64_t count) { return static_cast<int>(count & 0x7FFFFFFF); }

void show_head_as_html(request_rec *r)
{
    ap_rputs(
        "\n<h1>Cookies refused by mod_stickybalancer</h1>\n<table "
        "border=\"0\"><tr><th>Balancer</th>",
        r);
    for_each_fault(
        [r](std::uint32_t, const char *name) { ap_rvputs(r, "<th>", name, "</th>", nullptr); });
    ap_rputs("</tr>\n", r);
}

void show_as_html(request_rec *r, const Attached &attached)
{
    ap_rvputs(r, "<tr><td>", ap_escape_html(r->pool, attached.name), "</td>", nullptr);
    for_each_fault([&](std::uint32_t fault, const char *) {
        ap_rprintf(r, "<td>%d</td>", as_int(sb_balancer_refused_cookies(attached.core, fault)));
    });
    ap_rputs("</tr>\n", r);
}

void show_as_text(request_rec *r, const Attached &attached, int number)
{
    ap_rprintf(r, "StickyBalancer[%d]Name: %s\n", number, attached.name);
    for_each_fault([&](std::uint32_t fault, const char *name) {
        ap_rprintf(r, "StickyBalancer[%d]CookiesRefused.%s: %d\n", number, name,
                   as_int(sb_balancer_refused_cookies(attached.core, fault)));
    });
}

int show_status(request_rec *r, int flags)
{
    const bool is_text = (flags & AP_STATUS_SHORT) != 0;
    const auto *list = config_of(r->server).attached;
    int number = 0;
    for (int i = 0; list != nullptr && i < list->nelts; ++i) {
        const auto &attached = *APR_ARRAY_IDX(list, i, const Attached *);
        if (!attached.elects())
            continue;
        if (number == 0 && !is_text)
            show_head_as_html(r);
        if (is_text)
            show_as_text(r, attached, number);
        else
            show_as_html(r, attached);
        ++number;
    }
    if (number > 0 && !is_text)
        ap_rputs("</table>\n", r);
    return OK;
}

}  // namespace

void register_status_page()
{
    APR_OPTIONAL_HOOK(ap, status_hook, show_status, nullptr, nullptr, APR_HOOK_MIDDLE);
}

}  // namespace stickybalancer
