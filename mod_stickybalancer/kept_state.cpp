// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/kept_state.hpp"

#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "mod_stickybalancer/attachment.hpp"
#include "mod_stickybalancer/log.hpp"

namespace stickybalancer {
namespace {

constexpr const char *kRetainedKey = "mod_stickybalancer.kept_state";
constexpr std::uint32_t kMagic = 0x5342'4b53;
constexpr std::uint32_t kVersion = 1;  // other: what is there is left alone

// What balancer-manager can set in a member's status word.
constexpr unsigned kOperatorBits = PROXY_WORKER_DISABLED | PROXY_WORKER_STOPPED |
                                   PROXY_WORKER_DRAIN | PROXY_WORKER_HOT_STANDBY |
                                   PROXY_WORKER_HOT_SPARE | PROXY_WORKER_IGNORE_ERRORS;

struct MemberState {
    unsigned status;
    int weight;
};

struct KeptMember {
    const char *server;
    const char *balancer;
    const char *member;
    MemberState configured;
    MemberState in_force;
};

// The members are one block of malloc's, their texts behind them: at the end of the process pools go in
// an order that must not matter here.
struct Retained {
    std::uint32_t magic;
    std::uint32_t version;
    KeptMember *members;
    std::size_t count;
};

// A member of the present generation, and what its configuration said.
struct Watched {
    const char *server;
    const proxy_balancer *balancer;
    proxy_worker *worker;
    MemberState configured;
};

struct Watch {
    apr_array_header_t *members;  // of Watched
    Retained *retained;
    pid_t parent;
};

MemberState state_of(const proxy_worker &worker)
{
    return {worker.s->status & kOperatorBits, worker.s->lbfactor};
}

bool is_same(const MemberState &a, const MemberState &b)
{
    return a.status == b.status && a.weight == b.weight;
}

Retained *retained_of(const server_rec *s)
{
    void *data = nullptr;
    apr_pool_userdata_get(&data, kRetainedKey, s->process->pool);
    if (data == nullptr) {
        auto *fresh = static_cast<Retained *>(apr_pcalloc(s->process->pool, sizeof(Retained)));
        fresh->magic = kMagic;
        fresh->version = kVersion;
        // Not setn: it keeps the pointer to the name, which goes when this module is unloaded.
        apr_pool_userdata_set(fresh, kRetainedKey, nullptr, s->process->pool);
        return fresh;
    }
    auto *retained = static_cast<Retained *>(data);
    return retained->magic == kMagic && retained->version == kVersion ? retained : nullptr;
}

// Copies a text to where `end` is, and moves it on.
const char *append(char *&end, const char *text)
{
    const char *copy = end;
    end = apr_cpystrn(end, text, std::strlen(text) + 1) + 1;
    return copy;
}

std::size_t bytes_for(const apr_array_header_t *members)
{
    std::size_t bytes = 1;
    for (int i = 0; i < members->nelts; ++i) {
        const auto &watched = APR_ARRAY_IDX(members, i, Watched);
        bytes += sizeof(KeptMember) + std::strlen(watched.server) +
                 std::strlen(watched.balancer->s->name) + std::strlen(watched.worker->s->name_ex) +
                 3;
    }
    return bytes;
}

// Runs before the memory of mod_proxy_balancer goes away; when a child ends, too.
apr_status_t keep_state(void *data)
{
    const auto &watch = *static_cast<Watch *>(data);
    if (watch.parent != getpid())
        return APR_SUCCESS;
    auto &retained = *watch.retained;
    const auto count = static_cast<std::size_t>(watch.members->nelts);
    auto *block = static_cast<KeptMember *>(std::malloc(bytes_for(watch.members)));
    std::free(retained.members);
    retained.members = block;
    retained.count = block != nullptr ? count : 0;
    char *end = reinterpret_cast<char *>(block + count);
    for (std::size_t i = 0; i < retained.count; ++i) {
        const auto &watched = APR_ARRAY_IDX(watch.members, i, Watched);
        block[i] = {append(end, watched.server), append(end, watched.balancer->s->name),
                    append(end, watched.worker->s->name_ex), watched.configured,
                    state_of(*watched.worker)};
    }
    return APR_SUCCESS;
}

bool is_of(const KeptMember &kept, const Watched &watched)
{
    return std::strcmp(kept.member, watched.worker->s->name_ex) == 0 &&
           std::strcmp(kept.balancer, watched.balancer->s->name) == 0 &&
           std::strcmp(kept.server, watched.server) == 0;
}

// `from` is where the last search ended: a configuration that is much as it was is gone through
// once.
const KeptMember *find_kept(const Retained &retained, const Watched &watched, std::size_t &from)
{
    for (std::size_t i = 0; i < retained.count; ++i) {
        const auto &kept = retained.members[(from + i) % retained.count];
        if (is_of(kept, watched)) {
            from += i + 1;
            return &kept;
        }
    }
    return nullptr;
}

const char *described(apr_pool_t *pool, const MemberState &state)
{
    const struct {
        unsigned bit;
        const char *word;
    } kWords[] = {
        {PROXY_WORKER_DISABLED, "disabled, "}, {PROXY_WORKER_STOPPED, "stopped, "},
        {PROXY_WORKER_DRAIN, "draining, "},    {PROXY_WORKER_HOT_STANDBY, "standby, "},
        {PROXY_WORKER_HOT_SPARE, "spare, "},   {PROXY_WORKER_IGNORE_ERRORS, "ignoring errors, "}};
    const char *text = "";
    for (const auto &entry : kWords)
        if ((state.status & entry.bit) != 0)
            text = apr_pstrcat(pool, text, entry.word, nullptr);
    return apr_psprintf(pool, "%sweight %d.%02d", text, state.weight / 100, state.weight % 100);
}

void restore(const server_rec *s, apr_pool_t *pool, const Retained &retained,
             const Watched &watched, std::size_t &from)
{
    const auto *kept = find_kept(retained, watched, from);
    if (kept == nullptr || !is_same(kept->configured, watched.configured) ||
        is_same(kept->in_force, watched.configured))
        return;
    auto &shared = *watched.worker->s;
    shared.status = (shared.status & ~kOperatorBits) | kept->in_force.status;
    shared.lbfactor = kept->in_force.weight;
    log<message::state_kept>(s, watched.balancer->s->name, kept->member,
                             described(pool, kept->in_force));
}

}  // namespace

void restore_kept_state(apr_pool_t *pconf, server_rec *main_server)
{
    auto *retained = retained_of(main_server);
    if (retained == nullptr)
        return;
    auto *watch = static_cast<Watch *>(apr_palloc(pconf, sizeof(Watch)));
    *watch = {apr_array_make(pconf, 16, sizeof(Watched)), retained, getpid()};
    std::size_t found_up_to = 0;
    std::uint32_t next_index =
        0;  // a balancer that several virtual hosts inherit is looked at once
    for (auto *s = main_server; s != nullptr; s = s->next) {
        const auto *conf =
            static_cast<proxy_server_conf *>(ap_get_module_config(s->module_config, &proxy_module));
        const auto *list = config_of(s).attached;
        for (int i = 0; i < list->nelts; ++i) {
            const auto &attached = *APR_ARRAY_IDX(list, i, Attached *);
            if (attached.region_index != next_index)
                continue;
            ++next_index;
            for (int k = 0;
                 attached.elects() && !conf->bal_persist && k < attached.balancer->workers->nelts;
                 ++k) {
                auto *worker = APR_ARRAY_IDX(attached.balancer->workers, k, proxy_worker *);
                const Watched watched{conf->id, attached.balancer, worker, state_of(*worker)};
                APR_ARRAY_PUSH(watch->members, Watched) = watched;
                restore(s, pconf, *retained, watched, found_up_to);
            }
        }
    }
    apr_pool_pre_cleanup_register(pconf, watch, keep_state);
}

}  // namespace stickybalancer
