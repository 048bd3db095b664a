// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/status_page.hpp"

#include <mod_status.h>

#include "mod_stickybalancer/member_view.hpp"
#include "mod_stickybalancer/page_text.hpp"
#include "mod_stickybalancer/status_facts.hpp"

namespace stickybalancer {
namespace {

// The texts of one row at a time: a balancer may have thousands.
class RowPool {
public:
    explicit RowPool(const request_rec *r) { apr_pool_create(&pool_, r->pool); }
    ~RowPool() { apr_pool_destroy(pool_); }
    RowPool(const RowPool &) = delete;
    RowPool &operator=(const RowPool &) = delete;

    apr_pool_t *fresh() const
    {
        apr_pool_clear(pool_);
        return pool_;
    }

private:
    apr_pool_t *pool_ = nullptr;
};

class Html {
public:
    explicit Html(request_rec *r) : r_(r), rows_(r) {}

    void show_members(const BalancerView &balancer) const
    {
        ap_rvputs(r_, "\n<h1>Members of ", html_text(r_->pool, balancer.name),
                  "</h1>\n<p>Active: ", count(balancer.active),
                  ", connecting: ", count(balancer.connecting),
                  ", queued: ", count(balancer.queued), "</p>\n<table border=\"0\"><tr>", nullptr);
        for (const auto &fact : member_facts())
            if (fact.title != nullptr)
                ap_rvputs(r_, "<th>", fact.title, "</th>", nullptr);
        ap_rputs("</tr>\n", r_);
        for (const auto &member : balancer.members)
            show_member(member);
        ap_rputs("</table>\n", r_);
        show_totals(balancer);
    }

    void show_refused_head() const
    {
        ap_rputs(
            "\n<h1>Cookies refused by mod_stickybalancer</h1>\n<table "
            "border=\"0\"><tr><th>Balancer</th>",
            r_);
        for_each_fault([this](std::uint32_t, const char *name) { show(r_->pool, "th", name); });
        ap_rputs("</tr>\n", r_);
    }

    void show_refused(const Attached &attached) const
    {
        ap_rputs("<tr>", r_);
        show(r_->pool, "td", attached.name);
        for_each_fault([&](std::uint32_t fault, const char *) {
            show(r_->pool, "td", count(sb_balancer_refused_cookies(attached.core, fault)));
        });
        ap_rputs("</tr>\n", r_);
    }

    void end_table() const { ap_rputs("</table>\n", r_); }

    void show_sessions_head() const
    {
        ap_rputs(
            "\n<h1>Sessions of mod_stickybalancer's tables</h1>\n<table "
            "border=\"0\"><tr><th>Balancer</th>",
            r_);
        for (const auto &fact : session_facts())
            show(r_->pool, "th", fact.title);
        ap_rputs("</tr>\n", r_);
    }

    void show_sessions(const Attached &attached) const
    {
        ap_rputs("<tr>", r_);
        show(r_->pool, "td", attached.name);
        for_each_session_fact(attached, [&](const SessionFact &, std::uint64_t number) {
            show(r_->pool, "td", count(number));
        });
        ap_rputs("</tr>\n", r_);
    }

private:
    void show_member(const MemberView &member) const
    {
        auto *pool = rows_.fresh();
        ap_rputs("<tr>", r_);
        for (const auto &fact : member_facts())
            if (fact.title != nullptr)
                show(pool, "td", fact.text(pool, member));
        ap_rputs("</tr>\n", r_);
    }
    void show_totals(const BalancerView &balancer) const
    {
        ap_rvputs(r_, "\n<h1>Totals of ", html_text(r_->pool, balancer.name),
                  "</h1>\n<table border=\"0\"><tr><th>Name</th>", nullptr);
        const sb_member_totals none{};
        for_each_total(none, [this](const char *group, const char *name, std::uint64_t) {
            show(r_->pool, "th", apr_pstrcat(r_->pool, group, name, nullptr));
        });
        ap_rputs("</tr>\n", r_);
        for (const auto &member : balancer.members)
            show_totals(member);
        ap_rputs("</table>\n", r_);
    }
    void show_totals(const MemberView &member) const
    {
        auto *pool = rows_.fresh();
        ap_rputs("<tr>", r_);
        show(pool, "td", member.name);
        for_each_total(member.totals, [&](const char *, const char *, std::uint64_t number) {
            show(pool, "td", count_text(pool, number));
        });
        ap_rputs("</tr>\n", r_);
    }
    void show(apr_pool_t *pool, const char *tag, const char *text) const
    {
        ap_rvputs(r_, "<", tag, ">", html_text(pool, text), "</", tag, ">", nullptr);
    }
    const char *count(std::uint64_t number) const { return count_text(r_->pool, number); }

    request_rec *r_;
    RowPool rows_;
};

class Text {
public:
    Text(request_rec *r, int number)
        : r_(r), rows_(r), prefix_(apr_psprintf(r->pool, "StickyBalancer[%d]", number))
    {
    }

    void show_balancer(const BalancerView &balancer, const Attached &attached) const
    {
        show(prefix_, "Name", balancer.name);
        show(prefix_, "Active", count(balancer.active));
        show(prefix_, "Connecting", count(balancer.connecting));
        show(prefix_, "Queued", count(balancer.queued));
        for_each_fault([&](std::uint32_t fault, const char *name) {
            show(prefix_, apr_pstrcat(r_->pool, "CookiesRefused.", name, nullptr),
                 count(sb_balancer_refused_cookies(attached.core, fault)));
        });
        for_each_session_fact(attached, [&](const SessionFact &fact, std::uint64_t number) {
            show(prefix_, fact.key, count(number));
        });
    }

    void show_members(const BalancerView &balancer) const
    {
        int number = 0;
        for (const auto &member : balancer.members)
            show_member(member, number++);
    }

private:
    void show_member(const MemberView &member, int number) const
    {
        auto *pool = rows_.fresh();
        const char *prefix = apr_psprintf(pool, "%sMember[%d]", prefix_, number);
        for (const auto &fact : member_facts())
            if (fact.key != nullptr)
                show(prefix, fact.key, line_text(pool, fact.text(pool, member)));
        for_each_total(
            member.totals, [&](const char *group, const char *name, std::uint64_t total) {
                show(prefix, apr_pstrcat(pool, group, name, nullptr), count_text(pool, total));
            });
    }
    void show(const char *prefix, const char *key, const char *line) const
    {
        ap_rvputs(r_, prefix, key, ": ", line, "\n", nullptr);
    }
    const char *count(std::uint64_t number) const { return count_text(r_->pool, number); }

    request_rec *r_;
    RowPool rows_;
    const char *prefix_;
};

template <typename Visit>
int for_each_of_ours(const request_rec *r, const Visit &visit)
{
    const auto *list = config_of(r->server).attached;
    int count = 0;
    for (int i = 0; list != nullptr && i < list->nelts; ++i)
        if (auto &attached = *APR_ARRAY_IDX(list, i, Attached *); attached.elects())
            visit(attached, count++);
    return count;
}

void show_as_text(request_rec *r)
{
    for_each_of_ours(r, [r](Attached &attached, int number) {
        const Text text(r, number);
        const auto view = view_of(attached, r, r->pool);
        text.show_balancer(view, attached);
        text.show_members(view);
    });
}

void show_tables(const request_rec *r, const Html &html)
{
    bool is_any = false;
    for_each_of_ours(r, [&](const Attached &attached, int) {
        if (!attached.has_table())
            return;
        if (!is_any)
            html.show_sessions_head();
        is_any = true;
        html.show_sessions(attached);
    });
    if (is_any)
        html.end_table();
}

void show_as_html(request_rec *r)
{
    const Html html(r);
    const int count = for_each_of_ours(
        r, [&](Attached &attached, int) { html.show_members(view_of(attached, r, r->pool)); });
    if (count == 0)
        return;
    html.show_refused_head();
    for_each_of_ours(r, [&](const Attached &attached, int) { html.show_refused(attached); });
    ap_rputs("</table>\n", r);
    show_tables(r, html);
}

int show_status(request_rec *r, int flags)
{
    if ((flags & AP_STATUS_SHORT) != 0)
        show_as_text(r);
    else
        show_as_html(r);
    return OK;
}

}  // namespace

void register_status_page()
{
    APR_OPTIONAL_HOOK(ap, status_hook, show_status, nullptr, nullptr, APR_HOOK_MIDDLE);
}

}  // namespace stickybalancer
