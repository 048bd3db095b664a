// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/persistence_key.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "core/include/stickybalancer/stickybalancer.h"

namespace stickybalancer {
namespace {

using Kind = PersistenceKey::Kind;
using Text = std::optional<std::string_view>;

sb_str str_of(std::string_view text) { return {text.data(), text.size()}; }

Text text_or_none(const char *text)
{
    if (text == nullptr || *text == '\0')
        return std::nullopt;
    return text;
}

using Find = sb_status (*)(sb_str, sb_str, sb_str *);

// `text` is null where the request has no such header, path or query.
Text found(Find find, const char *text, std::string_view name)
{
    sb_str value{};
    if (text == nullptr || find(str_of(text), str_of(name), &value) != SB_OK)
        return std::nullopt;
    return std::string_view(value.data, value.len);
}

void keep_bits(unsigned char *address, int size, int bits)
{
    for (int i = 0; i < size; ++i) {
        const int kept = std::clamp(bits - 8 * i, 0, 8);
        address[i] = static_cast<unsigned char>(address[i] & (0xFF00 >> kept));
    }
}

Text client_of(request_rec *r, const PersistenceKey &key)
{
    const auto *from = r->useragent_addr;
    unsigned char bytes[16];
    bool is_ipv4 = from != nullptr && from->family == AF_INET;
    if (is_ipv4) {
        std::memcpy(bytes, &from->sa.sin.sin_addr, 4);
    } else if (from != nullptr && from->family == AF_INET6) {
        const auto &address = from->sa.sin6.sin6_addr;
        is_ipv4 = IN6_IS_ADDR_V4MAPPED(&address);
        std::memcpy(bytes, address.s6_addr + (is_ipv4 ? 12 : 0), is_ipv4 ? 4 : 16);
    } else {
        return std::nullopt;
    }
    keep_bits(bytes, is_ipv4 ? 4 : 16, is_ipv4 ? key.ipv4_bits : key.ipv6_bits);
    auto *text = static_cast<char *>(apr_palloc(r->pool, INET6_ADDRSTRLEN));
    return text_or_none(::inet_ntop(is_ipv4 ? AF_INET : AF_INET6, bytes, text, INET6_ADDRSTRLEN));
}

Text result_of(request_rec *r, const ap_expr_info_t *expression)
{
    const char *error = nullptr;
    return text_or_none(ap_expr_str_exec(r, expression, &error));
}

// A number of bits at the start of `text`, which is left with what follows it.
bool take_bits(std::string_view &text, int most, int &bits)
{
    if (!text.starts_with('/'))
        return false;
    const char *begin = text.data() + 1, *end = text.data() + text.size();
    const auto [behind, error] = std::from_chars(begin, end, bits);
    text.remove_prefix(static_cast<std::size_t>(behind - text.data()));
    return error == std::errc() && bits >= 1 && bits <= most;
}

const char *parse_client(std::string_view prefixes, PersistenceKey &key)
{
    key.kind = Kind::kClient;
    key.ipv4_bits = 32;
    key.ipv6_bits = 128;
    if (prefixes.empty())
        return nullptr;
    if (!take_bits(prefixes, 32, key.ipv4_bits))
        return "has no prefix length of IPv4, 1 to 32, behind client/";
    if (!prefixes.empty() && (!take_bits(prefixes, 128, key.ipv6_bits) || !prefixes.empty()))
        return "has no prefix length of IPv6, 1 to 128, behind the second '/'";
    return nullptr;
}

const char *parse_expression(cmd_parms *cmd, const char *text, PersistenceKey &key)
{
    key.kind = Kind::kExpression;
    key.name = text;
    const char *error = nullptr;
    if (*text == '\0')
        return "has no expression behind expr:";
    key.expression = ap_expr_parse_cmd(cmd, text, AP_EXPR_FLAG_STRING_RESULT, &error, nullptr);
    return error == nullptr ? nullptr
                            : apr_pstrcat(cmd->pool, "is no expression: ", error, nullptr);
}

const char *parse_name(const char *name, PersistenceKey &key)
{
    key.name = name;
    if (key.kind == Kind::kCookie || key.kind == Kind::kHeader)
        return sb_is_cookie_name(str_of(name)) != 0
                   ? nullptr
                   : "has no name of letters, digits and !#$%&'*+-.^_`|~";
    // What may not stand there, and what ends a name.
    return *name != '\0' && key.name.find_first_of(" =;&?#/") == std::string_view::npos
               ? nullptr
               : "has no name without spaces and =;&?#/";
}

const char *parse_into(cmd_parms *cmd, const char *text, PersistenceKey &key)
{
    static constexpr struct {
        const char *scheme;
        Kind kind;
    } kNamed[] = {{"cookie:", Kind::kCookie},
                  {"header:", Kind::kHeader},
                  {"query:", Kind::kQuery},
                  {"path:", Kind::kPath}};
    for (const auto &[scheme, kind] : kNamed) {
        if (const auto length = std::strlen(scheme); ap_cstr_casecmpn(text, scheme, length) == 0) {
            key.kind = kind;
            return parse_name(text + length, key);
        }
    }
    if (ap_cstr_casecmpn(text, "expr:", 5) == 0)
        return parse_expression(cmd, text + 5, key);
    if (ap_cstr_casecmpn(text, "client", 6) == 0 && (text[6] == '\0' || text[6] == '/'))
        return parse_client(text + 6, key);
    return "is not known";
}

}  // namespace

const PersistenceKey default_persistence_key{Kind::kClient, {}, 32, 128, nullptr, nullptr, 0};

std::optional<std::string_view> PersistenceKey::read(request_rec *r) const
{
    switch (kind) {
    case Kind::kCookie: return found(sb_find_cookie, apr_table_get(r->headers_in, "Cookie"), name);
    case Kind::kHeader: return text_or_none(apr_table_get(r->headers_in, name.data()));
    case Kind::kQuery: return found(sb_find_query_parameter, r->args, name);
    case Kind::kPath: return found(sb_find_path_parameter, r->parsed_uri.path, name);
    case Kind::kClient: return client_of(r, *this);
    case Kind::kExpression: return result_of(r, expression);
    }
    return std::nullopt;
}

std::optional<std::string_view> PersistenceKey::read_next(std::string_view value) const
{
    if (kind != Kind::kCookie)
        return std::nullopt;
    // The value points into the header, which ends with a NUL.
    const char *behind = value.data() + value.size();
    if (*behind == '"')
        ++behind;
    return *behind == ';' || *behind == ',' || *behind == ' ' || *behind == '\t'
               ? found(sb_find_cookie, behind, name)
               : std::nullopt;
}

bool is_same_key(const PersistenceKey &one, const PersistenceKey &other)
{
    if (one.kind != other.kind)
        return false;
    if (one.kind == Kind::kClient)
        return one.ipv4_bits == other.ipv4_bits && one.ipv6_bits == other.ipv6_bits;
    if (one.kind == Kind::kHeader)
        return ap_cstr_casecmp(one.name.data(), other.name.data()) == 0;
    return one.name == other.name;
}

const char *parse_persistence_key(cmd_parms *cmd, const char *text, const PersistenceKey *&key)
{
    auto *parsed = static_cast<PersistenceKey *>(apr_pcalloc(cmd->pool, sizeof(PersistenceKey)));
    parsed->file = cmd->directive->filename;
    parsed->line = cmd->directive->line_num;
    key = parsed;
    return parse_into(cmd, text, *parsed);
}

const char *key_text(apr_pool_t *pool, const PersistenceKey &key)
{
    if (key.kind == Kind::kClient)
        return key.ipv4_bits == 32 && key.ipv6_bits == 128
                   ? "client"
                   : apr_psprintf(pool, "client/%d/%d", key.ipv4_bits, key.ipv6_bits);
    const char *kind = key.kind == Kind::kCookie   ? "cookie:"
                       : key.kind == Kind::kHeader ? "header:"
                       : key.kind == Kind::kQuery  ? "query:"
                       : key.kind == Kind::kPath   ? "path:"
                                                   : "expr:";
    return apr_pstrcat(pool, kind, apr_pstrmemdup(pool, key.name.data(), key.name.size()), nullptr);
}

}  // namespace stickybalancer
