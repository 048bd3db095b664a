// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/member_check.hpp"

#include <cstring>

#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_names.hpp"

namespace stickybalancer {
namespace {

class MemberChecker {
public:
    MemberChecker(apr_pool_t *pool, const server_rec *main_server, const server_rec *s,
                  const proxy_balancer &balancer, const MemberLines &lines)
        : pool_(pool),
          main_(main_server),
          s_(s),
          balancer_(balancer),
          lines_(lines),
          members_of_route_(apr_hash_make(pool)),
          said_(apr_array_make(pool, 4, sizeof(Said)))
    {
    }

    bool check()
    {
        for (int i = 0; i < lines_.count(); ++i)
            check_line(i);
        look_at_members();
        for (const auto *member : members_of(balancer_))
            check_member(*member);
        return is_good_;
    }

private:
    // What a line for all members was told already, not to be told again for each of them.
    struct Said {
        const MemberLine *line;
        const char *what;
    };

    void check_line(int i)
    {
        const auto &line = lines_[i];
        if (line.member == nullptr && !line.is_for_all) {
            if (!is_meant_for_another(line)) {
                is_good_ = false;
                log<message::member_unknown>(s_, line.options->file, line.options->line,
                                             line.name(), balancer_.s->name,
                                             names_of_members(pool_, balancer_));
            }
            return;
        }
        for (int j = 0; j < i; ++j) {
            const auto &earlier = lines_[j];
            if (earlier.section != line.section || earlier.member != line.member ||
                earlier.is_for_all != line.is_for_all)
                continue;
            if (const char *option = option_in_both(*earlier.options, *line.options);
                option != nullptr) {
                is_good_ = false;
                log<message::member_option_twice>(s_, line.options->file, line.options->line,
                                                  line.name(), option, earlier.options->file,
                                                  earlier.options->line);
            }
        }
    }

    // A section of the main server is for the balancers of its name in all virtual hosts, and they need
    // not have the same members.
    bool is_meant_for_another(const MemberLine &line) const
    {
        for (auto *s = has_section(config_of(main_), *line.section) ? main_ : nullptr; s != nullptr;
             s = s->next)
            for (const auto &other : balancers_of(s)) {
                const auto &lines = member_lines_of(s, other);
                for (int i = 0; i < lines.count(); ++i)
                    if (lines[i].options == line.options && lines[i].member != nullptr)
                        return true;
            }
        return false;
    }

    void look_at_members()
    {
        for (const auto *member : members_of(balancer_)) {
            const auto *shared = member->s;
            any_has_limit_ |= lines_.settings_of(*member).max_connections != 0;
            if (*shared->route == '\0')
                continue;
            auto *count = static_cast<int *>(
                apr_hash_get(members_of_route_, shared->route, APR_HASH_KEY_STRING));
            if (count == nullptr) {
                count = static_cast<int *>(apr_pcalloc(pool_, sizeof(int)));
                apr_hash_set(members_of_route_, shared->route, APR_HASH_KEY_STRING, count);
            }
            ++*count;
        }
        for (const auto *member : members_of(balancer_))
            any_stands_in_ |= stands_in(*member);
    }

    // For another member: a standby, or one of several with a route.
    bool stands_in(const proxy_worker &member) const
    {
        const auto *count = static_cast<const int *>(
            apr_hash_get(members_of_route_, member.s->route, APR_HASH_KEY_STRING));
        return (member.s->status & PROXY_WORKER_HOT_STANDBY) != 0 ||
               (count != nullptr && *count > 1);
    }

    void check_member(const proxy_worker &member)
    {
        const auto settings = lines_.settings_of(member);
        const auto most = settings.max_connections;
        if (most == 0)
            check_without_limit(member, settings);
        else if (settings.min_connections > most)
            complain_of_range(member, settings);
        if (stands_in(member))
            return;
        if (settings.failback.mode != FailbackMode::kNever)
            complain_of_place(member, &Options::member_failback, "failback=");
        if (!settings.learns)
            complain_of_place(member, &Options::member_no_learn, "nolearn");
    }

    void check_without_limit(const proxy_worker &member, const MemberSettings &settings)
    {
        if (settings.min_connections != 0)
            complain_of_limit(member, &Options::member_min_connections, "minconn=");
        if (settings.max_queue != 0)
            complain_of_limit(member, &Options::member_max_queue, "maxqueue=");
        if (lines_.options_of(member).member_queue_timeout_us.is_set)
            complain_of_limit(member, &Options::member_queue_timeout_us, "queuetimeout=");
    }

    void complain_of_limit(const proxy_worker &member, Option<std::int64_t> Options::*field,
                           const char *option)
    {
        const auto &line = source(member, field);
        if (is_in_order(line, any_has_limit_, option))
            return;
        is_good_ = false;
        log<message::limit_needed>(s_, line.options->file, line.options->line, line.name(), option,
                                   balancer_.s->name);
    }

    void complain_of_range(const proxy_worker &member, const MemberSettings &settings)
    {
        const auto &line = source(member, &Options::member_min_connections);
        if (is_in_order(line, false, "range"))
            return;
        is_good_ = false;
        log<message::limits_crossed>(s_, line.options->file, line.options->line, line.name(),
                                     static_cast<int>(settings.min_connections),
                                     static_cast<int>(settings.max_connections), balancer_.s->name,
                                     static_cast<int>(settings.max_connections));
    }

    template <typename T>
    void complain_of_place(const proxy_worker &member, Option<T> Options::*field,
                           const char *option)
    {
        const auto &line = source(member, field);
        if (is_in_order(line, any_stands_in_, option))
            return;
        is_good_ = false;
        log<message::standby_needed>(s_, line.options->file, line.options->line, line.name(),
                                     option, balancer_.s->name);
    }

    // A line for all members may say what concerns only some; and is told of anything but once.
    bool is_in_order(const MemberLine &line, bool concerns_some, const char *what)
    {
        if (!line.is_for_all)
            return false;
        for (int i = 0; i < said_->nelts; ++i)
            if (const auto &said = APR_ARRAY_IDX(said_, i, Said);
                said.line == &line && std::strcmp(said.what, what) == 0)
                return true;
        APR_ARRAY_PUSH(said_, Said) = {&line, what};
        return concerns_some;
    }

    // The line that has the last word about an option which is set for the member.
    template <typename T>
    const MemberLine &source(const proxy_worker &member, Option<T> Options::*field) const
    {
        const MemberLine *found = nullptr;
        for (int i = 0; i < lines_.count(); ++i) {
            const auto &line = lines_[i];
            const bool names = line.member == &member;
            if ((line.options->*field).is_set &&
                (names || (line.is_for_all && (found == nullptr || found->is_for_all))))
                found = &line;
        }
        return *found;
    }

    apr_pool_t *pool_;
    const server_rec *main_;
    const server_rec *s_;
    const proxy_balancer &balancer_;
    const MemberLines &lines_;
    apr_hash_t *members_of_route_;  // to int
    apr_array_header_t *said_;      // of Said
    bool any_has_limit_ = false;
    bool any_stands_in_ = false;
    bool is_good_ = true;
};

}  // namespace

bool check_members(apr_pool_t *pool, const server_rec *main_server, const server_rec *s,
                   const proxy_balancer &balancer, const MemberLines &lines)
{
    return lines.count() == 0 || MemberChecker(pool, main_server, s, balancer, lines).check();
}

bool check_places_of_member_lines(const server_rec *main_server)
{
    bool is_good = true;
    for (const auto *s = main_server->next; s != nullptr; s = s->next) {
        const auto *sections = config_of(s).sections;
        for (int i = 0; i < sections->nelts; ++i) {
            const auto &section = *APR_ARRAY_IDX(sections, i, const Section *);
            if (section.member_lines->nelts == 0 || has_section(config_of(main_server), section))
                continue;
            for (const auto &balancer : balancers_of(main_server)) {
                if (ap_cstr_casecmp(balancer.s->name, section.name) != 0)
                    continue;
                const auto &line = *APR_ARRAY_IDX(section.member_lines, 0, const Options *);
                is_good = false;
                log<message::member_of_main_server>(s, line.file, line.line, line.member_name.value,
                                                    section.name);
            }
        }
    }
    return is_good;
}

}  // namespace stickybalancer
