// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/member_records.hpp"

#include <apr_hash.h>

#include <algorithm>
#include <cstring>

#include "mod_stickybalancer/core_settings.hpp"
#include "mod_stickybalancer/log.hpp"
#include "mod_stickybalancer/member_settings.hpp"

namespace stickybalancer {
namespace {

// What balancer-manager can set in a member's status word.
constexpr unsigned kOperatorBits = PROXY_WORKER_DISABLED | PROXY_WORKER_STOPPED |
                                   PROXY_WORKER_DRAIN | PROXY_WORKER_HOT_STANDBY |
                                   PROXY_WORKER_HOT_SPARE | PROXY_WORKER_IGNORE_ERRORS;
// Room for members that a later configuration adds, before a balancer needs another block.
constexpr std::uint32_t kSpareShare = 4;
constexpr std::uint32_t kLeastCapacity = 16;

// Of this generation: a member's address to its sb_member_config.
apr_hash_t *configured_members = nullptr;

sb_member_config in_force_of(const proxy_worker_shared &member)
{
    sb_member_config config{};
    config.weight = static_cast<std::uint32_t>(member.lbfactor);
    config.set = static_cast<std::uint32_t>(member.lbset);
    config.state_bits = member.status & kOperatorBits;
    apr_cpystrn(config.route, member.route, sizeof(config.route));
    apr_cpystrn(config.redirect, member.redirect, sizeof(config.redirect));
    return config;
}

void put_in_force(proxy_worker_shared &member, const sb_member_config &config)
{
    member.lbfactor = static_cast<int>(config.weight);
    member.lbset = static_cast<int>(config.set);
    __atomic_and_fetch(&member.status, ~kOperatorBits, __ATOMIC_RELAXED);
    __atomic_or_fetch(&member.status, config.state_bits & kOperatorBits, __ATOMIC_RELAXED);
    apr_cpystrn(member.route, config.route, sizeof(member.route));
    apr_cpystrn(member.redirect, config.redirect, sizeof(member.redirect));
}

sb_identity identity_of(const proxy_worker &worker)
{
    return sb_identity_of(str_of(worker.s->name_ex));
}

// The same over restarts and edits elsewhere in the file.
const char *server_name(apr_pool_t *pool, const server_rec *main_server, const server_rec *s)
{
    const auto is_alike = [s](const server_rec *other) {
        return other->is_virtual == s->is_virtual && other->port == s->port &&
               std::strcmp(other->server_hostname, s->server_hostname) == 0;
    };
    int earlier = 0;
    for (const auto *other = main_server; other != s; other = other->next)
        earlier += is_alike(other);
    return apr_psprintf(pool, "%s:%d:%d:%d", s->server_hostname, static_cast<int>(s->port),
                        s->is_virtual, earlier);
}

const char *described(apr_pool_t *pool, const sb_member_config &config, std::uint32_t fields)
{
    static constexpr struct {
        unsigned bit;
        const char *word;
    } kWords[] = {
        {PROXY_WORKER_DISABLED, "disabled"}, {PROXY_WORKER_STOPPED, "stopped"},
        {PROXY_WORKER_DRAIN, "draining"},    {PROXY_WORKER_HOT_STANDBY, "standby"},
        {PROXY_WORKER_HOT_SPARE, "spare"},   {PROXY_WORKER_IGNORE_ERRORS, "ignoring errors"}};
    const char *text = "";
    const auto add = [&](const char *word) {
        text = *text == '\0' ? word : apr_pstrcat(pool, text, ", ", word, nullptr);
    };
    if ((fields & SB_FIELD_STATE) != 0) {
        for (const auto &entry : kWords)
            if ((config.state_bits & entry.bit) != 0)
                add(entry.word);
        if (config.state_bits == 0)
            add("ready");
    }
    if ((fields & SB_FIELD_WEIGHT) != 0)
        add(apr_psprintf(pool, "weight %u.%02u", config.weight / 100, config.weight % 100));
    if ((fields & SB_FIELD_SET) != 0)
        add(apr_psprintf(pool, "set %u", config.set));
    if ((fields & SB_FIELD_ROUTE) != 0)
        add(apr_psprintf(pool, "route '%s'", config.route));
    if ((fields & SB_FIELD_REDIRECT) != 0)
        add(apr_psprintf(pool, "redirect '%s'", config.redirect));
    return text;
}

sb_requested requested_of(unsigned status)
{
    if ((status & (PROXY_WORKER_DISABLED | PROXY_WORKER_STOPPED)) != 0)
        return SB_STOPPED;
    return (status & PROXY_WORKER_DRAIN) != 0 ? SB_DRAIN : SB_READY;
}

class Claimer {
public:
    Claimer(apr_pool_t *pool, server_rec *main_server, SharedRegion &region)
        : pool_(pool), main_(main_server), region_(region)
    {
    }

    bool claim(server_rec *s, Attached &attached)
    {
        auto &balancer = *attached.balancer;
        attached.place_count =
            static_cast<std::uint32_t>(balancer.workers->nelts + balancer.growth);
        attached.places = static_cast<std::uint32_t *>(
            apr_palloc(pool_, (attached.place_count + 1) * sizeof(std::uint32_t)));
        std::memset(attached.places, 0xFF, (attached.place_count + 1) * sizeof(std::uint32_t));
        attached.configured_count = balancer.workers->nelts;
        if (!claim_block(s, attached))
            return false;
        for (int i = 0; i < attached.configured_count; ++i)
            if (!claim_member(s, attached, *APR_ARRAY_IDX(balancer.workers, i, proxy_worker *)))
                return false;
        auto *conf = proxy_config_of(s);
        // With BalancerPersist mod_proxy_balancer brings them back by itself.
        if (attached.elects() && !conf->bal_persist) {
            std::uint32_t released = 0;
            sb_member_release_removed(region_.core, attached.block, &released);
            add_members_again(s, *conf, attached);
        }
        return true;
    }

private:
    bool claim_block(server_rec *s, Attached &attached)
    {
        attached.identity = sb_identity_of(
            str_of(apr_pstrcat(pool_, server_name(pool_, main_, s), " ", attached.name, nullptr)));
        // One without members is served, too: with 503.
        const auto least = std::max(1U, attached.place_count);
        auto status =
            sb_region_claim_block(region_.core, attached.identity, least, &attached.block);
        if (status == SB_NO_MEMORY) {
            const auto capacity =
                std::max(kLeastCapacity, attached.place_count + attached.place_count / kSpareShare);
            const auto geometry = sb_region_geometry(region_.core);
            if (!grow_region(s, sb_region_used(region_.core) + sb_block_size(&geometry, capacity),
                             region_))
                return false;
            status =
                sb_region_claim_block(region_.core, attached.identity, capacity, &attached.block);
        }
        return status == SB_OK || refuse(s, attached, status);
    }

    // Those that no configuration names any more, and that were not added at run time: their places
    // are wanted.
    bool forget_members_of_before(const Attached &attached) const
    {
        const auto workers = members_of(*attached.balancer);
        auto *known = static_cast<sb_identity *>(
            apr_palloc(pool_, (workers.size() + 1) * sizeof(sb_identity)));
        std::size_t count = 0;
        for (const auto *worker : workers)
            known[count++] = identity_of(*worker);
        std::uint32_t released = 0;
        return sb_member_keep(region_.core, attached.block, known, count, &released) == SB_OK &&
               released > 0;
    }

    bool refuse(const server_rec *s, const Attached &attached, sb_status status) const
    {
        log<message::no_place>(s, attached.name, sb_status_name(status));
        return false;
    }

    bool claim_member(server_rec *s, Attached &attached, const proxy_worker &worker)
    {
        auto &place = attached.places[worker.s->index];
        auto status = sb_member_claim(region_.core, attached.block, identity_of(worker), &place);
        if (status == SB_NO_MEMORY && forget_members_of_before(attached))
            status = sb_member_claim(region_.core, attached.block, identity_of(worker), &place);
        const auto *key = &worker;
        const auto *now = attached.elects() ? static_cast<const sb_member_config *>(apr_hash_get(
                                                  configured_members, &key, sizeof(key)))
                                            : nullptr;
        sb_merge merge{};
        if (status == SB_OK && now != nullptr)
            status = sb_member_configure(region_.core, attached.block, place, now, &merge);
        if (status != SB_OK)
            return refuse(s, attached, status);
        if (now == nullptr)
            return true;
        put_in_force(*worker.s, merge.in_force);
        sb_member_remember(region_.core, attached.block, place, &merge.in_force,
                           requested_of(merge.in_force.state_bits), SB_DRAIN_DEADLINE_KEPT, {},
                           apr_time_now());
        const char *name = ap_proxy_worker_name(pool_, const_cast<proxy_worker *>(&worker));
        if (merge.kept != 0)
            log<message::state_kept>(s, attached.name, name,
                                     described(pool_, merge.in_force, merge.kept));
        if (merge.overridden != 0)
            log<message::state_overridden>(s, attached.name, name,
                                           described(pool_, merge.in_force, merge.overridden));
        return true;
    }

    void add_members_again(server_rec *s, proxy_server_conf &conf, Attached &attached)
    {
        char url[512];
        sb_member_config in_force;
        for (std::uint32_t i = 0;; ++i) {
            std::size_t length = sizeof(url) - 1;
            if (sb_member_added(region_.core, attached.block, i, url, &length, &in_force) != SB_OK)
                return;
            url[length] = '\0';
            auto *worker = add_member(conf, *attached.balancer, url);
            if (worker == nullptr) {
                log<message::no_room_for_member>(s, attached.name, apr_pstrdup(pool_, url));
                continue;
            }
            put_in_force(*worker->s, in_force);
            sb_member_claim(region_.core, attached.block, identity_of(*worker),
                            &attached.places[worker->s->index]);
            log<message::member_added_again>(
                s, attached.name, apr_pstrdup(pool_, url),
                described(pool_, in_force, SB_FIELD_STATE | SB_FIELD_WEIGHT | SB_FIELD_ROUTE));
        }
    }

    // As balancer-manager does it; children initialise it with the others.
    proxy_worker *add_member(proxy_server_conf &conf, proxy_balancer &balancer, const char *url)
    {
        auto &storage = *balancer.storage;
        proxy_worker *worker = nullptr;
        proxy_worker_shared *shared = nullptr;
        unsigned index = 0;
        if (storage.num_free_slots(balancer.wslot) == 0 ||
            ap_proxy_define_worker(pool_, &worker, &balancer, &conf, url, 0) != nullptr)
            return nullptr;
        PROXY_COPY_CONF_PARAMS(worker, (&conf));
        if (storage.grab(balancer.wslot, &index) != APR_SUCCESS ||
            storage.dptr(balancer.wslot, index, reinterpret_cast<void **>(&shared)) !=
                APR_SUCCESS ||
            ap_proxy_share_worker(worker, shared, static_cast<int>(index)) != APR_SUCCESS)
            return nullptr;
        balancer.wupdated = balancer.s->wupdated = worker->s->updated = apr_time_now();
        return worker;
    }

    apr_pool_t *pool_;
    server_rec *main_;
    SharedRegion &region_;
};

// Calls visit(server, attached) for each balancer, once where several servers share it.
template <typename Visit>
bool each_balancer(server_rec *main_server, const Visit &visit)
{
    std::uint32_t next_index = 0;
    for (auto *s = main_server; s != nullptr; s = s->next) {
        const auto *list = config_of(s).attached;
        for (int i = 0; i < list->nelts; ++i) {
            auto &attached = *APR_ARRAY_IDX(list, i, Attached *);
            if (attached.region_index != next_index)
                continue;
            ++next_index;
            if (!visit(s, attached))
                return false;
        }
    }
    return true;
}

// What it was the first of several servers to get.
void copy_to_others(server_rec *main_server, const Attached &first)
{
    for (auto *s = main_server; s != nullptr; s = s->next) {
        const auto *list = config_of(s).attached;
        for (int i = 0; i < list->nelts; ++i) {
            auto &other = *APR_ARRAY_IDX(list, i, Attached *);
            if (other.region_index != first.region_index)
                continue;
            other.identity = first.identity;
            other.block = first.block;
            other.places = first.places;
            other.place_count = first.place_count;
            other.configured_count = first.configured_count;
        }
    }
}

}  // namespace

void note_configured_members(apr_pool_t *pconf, const server_rec *main_server)
{
    configured_members = apr_hash_make(pconf);
    for (const auto *s = main_server; s != nullptr; s = s->next)
        for (const auto &balancer : balancers_of(s))
            for (auto *worker : members_of(balancer)) {
                auto &shared = *worker->s;
                if (const auto weight = member_settings(s, balancer, *worker).weight; weight)
                    shared.lbfactor = static_cast<int>(*weight * 100);
                const auto config = in_force_of(shared);
                apr_hash_set(configured_members, apr_pmemdup(pconf, &worker, sizeof(worker)),
                             sizeof(worker), apr_pmemdup(pconf, &config, sizeof(config)));
            }
}

bool claim_members(apr_pool_t *pconf, server_rec *main_server, SharedRegion &region)
{
    Claimer claimer(pconf, main_server, region);
    return each_balancer(main_server, [&](server_rec *s, Attached &attached) {
        const bool is_good = claimer.claim(s, attached);
        copy_to_others(main_server, attached);
        return is_good;
    });
}

bool find_place(Attached &attached, const proxy_worker &worker, std::uint32_t &place)
{
    const auto index = static_cast<std::uint32_t>(worker.s->index);
    if (index >= attached.place_count)
        return false;
    auto &known = attached.places[index];
    if (known == kNoPlace &&
        sb_member_claim(attached.region, attached.block, identity_of(worker), &known) != SB_OK)
        return false;
    place = known;
    return true;
}

bool claim_place(Attached &attached, const proxy_worker &worker)
{
    std::uint32_t place = kNoPlace;
    return sb_member_claim(attached.region, attached.block, identity_of(worker), &place) == SB_OK;
}

sb_member_request request_of(Attached &attached, const proxy_worker &worker)
{
    sb_member_request recorded{sizeof(recorded), SB_READY, 0, 0};
    if (std::uint32_t place = kNoPlace; find_place(attached, worker, place))
        sb_balancer_member_request(attached.core, place, &recorded);
    const auto requested = requested_of(__atomic_load_n(&worker.s->status, __ATOMIC_RELAXED));
    const bool is_recorded = requested == recorded.requested;
    return {sizeof(recorded), requested, is_recorded ? recorded.since_us : 0,
            is_recorded ? recorded.deadline_us : 0};
}

bool was_added(const Attached &attached, const proxy_worker &worker)
{
    const auto members = members_of(*attached.balancer);
    const auto configured =
        std::min(static_cast<std::size_t>(attached.configured_count), members.size());
    const auto added = members.subspan(configured);
    return std::find(added.begin(), added.end(), &worker) != added.end();
}

// One that was removed is not added again: nobody remembers its URL.
void remember_member(Attached &attached, const proxy_worker &worker, sb_time_us drain_deadline_us,
                     apr_time_t now)
{
    std::uint32_t place = kNoPlace;
    if (!find_place(attached, worker, place))
        return;
    const auto in_force = in_force_of(*worker.s);
    const bool is_to_come_back = was_added(attached, worker) && !is_removed(worker);
    sb_member_remember(attached.region, attached.block, place, &in_force,
                       requested_of(in_force.state_bits), drain_deadline_us,
                       is_to_come_back ? str_of(worker.s->name_ex) : sb_str{}, now);
}

// Places are given to others when the server restarts, so a process of before has nothing more to say of them.
void remember_members(Attached &attached, apr_time_t now)
{
    if (is_outdated_child())
        return;
    for (const auto *worker : members_of(*attached.balancer))
        remember_member(attached, *worker, SB_DRAIN_DEADLINE_KEPT, now);
}

}  // namespace stickybalancer
