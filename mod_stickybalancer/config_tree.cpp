// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/config_tree.hpp"

#include <cstring>

namespace stickybalancer {
namespace {

constexpr const char *kScheme = "balancer://";
constexpr std::size_t kSchemeLength = 11;

class TreeReader {
public:
    TreeReader(apr_pool_t *pool, ConfigTree &tree) : pool_(pool), tree_(tree) {}

    // Sections nest as deep as the configuration does.
    void read(const ap_directive_t *node, const char *section_balancer)
    {
        for (; node != nullptr; node = node->next) {
            const char *inner = section_balancer;
            const auto *around = host_;
            if (is(node, "<VirtualHost")) {
                host_ = node;
            } else if (is(node, "<Proxy")) {
                inner = mention(*node, nullptr);
                if (!configures_only(node->first_child))
                    APR_ARRAY_PUSH(tree_.request_sections, const char *) = first_word(node->args);
            } else if (is(node, "ProxyPass") || is(node, "ProxyPassMatch") || is(node, "ProxySet"))
                mention(*node, section_balancer);
            else if (is(node, "Header"))
                route_cookie(*node);
            read(node->first_child, inner);
            host_ = around;
        }
    }

private:
    static bool is(const ap_directive_t *node, const char *name)
    {
        return ap_cstr_casecmp(node->directive, name) == 0;
    }

    static bool configures_only(const ap_directive_t *node)
    {
        for (; node != nullptr; node = node->next)
            if (!is(node, "BalancerMember") && !is(node, "ProxySet") &&
                ap_cstr_casecmpn(node->directive, "Sticky", 6) != 0)
                return false;
        return true;
    }

    // Of a section's argument, as mod_proxy reads it.
    const char *first_word(const char *arguments) const
    {
        char *text = apr_pstrdup(pool_, arguments);
        if (char *end = std::strrchr(text, '>'); end != nullptr)
            *end = '\0';
        const char *rest = text;
        return ap_getword_conf(pool_, &rest);
    }

    // "balancer://NAME/path" to "balancer://name"; null for anything else.
    const char *balancer_of(const char *url) const
    {
        if (ap_cstr_casecmpn(url, kScheme, kSchemeLength) != 0)
            return nullptr;
        char *name = apr_pstrdup(pool_, url);
        name[kSchemeLength + std::strcspn(name + kSchemeLength, "/")] = '\0';
        ap_str_tolower(name);
        return name;
    }

    // Adds what the directive says; the balancer that it names, or null.
    const char *mention(const ap_directive_t &node, const char *section_balancer)
    {
        BalancerMention found{};
        found.balancer = section_balancer;
        found.host = host_;
        found.directive = node.directive;
        found.file = node.filename;
        found.line = node.line_num;
        found.sends_requests = is(&node, "ProxyPass") || is(&node, "ProxyPassMatch");
        const char *rest = apr_pstrdup(pool_, node.args);
        if (char *end = const_cast<char *>(std::strrchr(rest, '>'));
            end != nullptr && *node.directive == '<')
            *end = '\0';
        while (*rest != '\0') {
            const char *word = ap_getword_conf(pool_, &rest);
            if (const char *name = balancer_of(word); name != nullptr)
                found.balancer = name;
            else if (ap_cstr_casecmpn(word, "stickysession=", 14) == 0)
                found.stickysession = word + 14;
            else if (ap_cstr_casecmpn(word, "lbmethod=", 9) == 0)
                found.method = word + 9;
        }
        if (found.balancer != nullptr)
            APR_ARRAY_PUSH(tree_.mentions, BalancerMention) = found;
        return found.balancer;
    }

    void route_cookie(const ap_directive_t &node)
    {
        if (std::strstr(node.args, "BALANCER_WORKER_ROUTE") == nullptr)
            return;
        const char *rest = node.args;
        bool is_set_cookie = false;
        while (*rest != '\0') {
            const char *word = ap_getword_conf(pool_, &rest);
            const char *equals = std::strchr(word, '=');
            if (is_set_cookie && equals != nullptr) {
                const char *name =
                    apr_pstrmemdup(pool_, word, static_cast<apr_size_t>(equals - word));
                APR_ARRAY_PUSH(tree_.route_cookies, RouteCookie) = {name, node.filename,
                                                                    node.line_num};
                return;
            }
            is_set_cookie |= ap_cstr_casecmp(word, "Set-Cookie") == 0;
        }
    }

    apr_pool_t *pool_;
    ConfigTree &tree_;
    const ap_directive_t *host_ = nullptr;
};

bool is_of(const server_rec *s, const ap_directive_t &host)
{
    return s->is_virtual && s->defn_name != nullptr &&
           s->defn_line_number == static_cast<unsigned>(host.line_num) &&
           std::strcmp(s->defn_name, host.filename) == 0;
}

}  // namespace

ConfigTree read_config_tree(apr_pool_t *pool, const ap_directive_t *root)
{
    ConfigTree tree{apr_array_make(pool, 8, sizeof(BalancerMention)),
                    apr_array_make(pool, 2, sizeof(RouteCookie)),
                    apr_array_make(pool, 2, sizeof(const char *))};
    TreeReader(pool, tree).read(root, nullptr);
    return tree;
}

const char *named_method(const ConfigTree &tree, const server_rec *s, const char *balancer)
{
    const char *own = nullptr, *inherited = nullptr;
    for (int i = 0; i < tree.mentions->nelts; ++i) {
        const auto &mention = APR_ARRAY_IDX(tree.mentions, i, BalancerMention);
        if (mention.method == nullptr || std::strcmp(mention.balancer, balancer) != 0)
            continue;
        if (mention.host == nullptr)
            inherited = mention.method;
        else if (is_of(s, *mention.host))
            own = mention.method;
    }
    return own != nullptr ? own : inherited;
}

}  // namespace stickybalancer
