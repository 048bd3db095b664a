// SPDX-License-Identifier: Apache-2.0
//
// Messages as data (log_ids.def). `log<message::started>(server, 1, 2)` is checked when it is
// compiled: as many arguments as the text has places, each of the type that the place takes. Text
// is never the format.
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>

#include "mod_stickybalancer/httpd.hpp"

namespace stickybalancer {

struct Message {
    int id;
    int level;
    const char *format;
};

namespace message {
#define SB_MESSAGE(id, level, name, text, action) \
    inline constexpr Message name{id, APLOG_##level, text};
#include "mod_stickybalancer/log_ids.def"
}  // namespace message

// Whether a message of this level is printed; ask before computing what only a message needs.
inline bool is_logged(const request_rec *r, const Message &message)
{
    return APLOG_R_IS_LEVEL(r, message.level);
}

inline bool is_logged(const server_rec *s, const Message &message)
{
    return APLOG_IS_LEVEL(s, message.level);
}

namespace detail {

template <typename Arg>
constexpr char conversion_of()
{
    using Plain = std::decay_t<Arg>;
    if constexpr (std::is_same_v<Plain, const char *> || std::is_same_v<Plain, char *>)
        return 's';
    else if constexpr (std::is_same_v<Plain, char>)
        return 'c';
    else if constexpr (std::is_same_v<Plain, int>)
        return 'd';
    else
        return '?';
}

template <typename... Args>
consteval bool fits(std::string_view format)
{
    constexpr char wanted[] = {conversion_of<Args>()..., '\0'};
    std::size_t place = 0;
    for (std::size_t i = 0; i + 1 < format.size(); ++i)
        if (format[i] == '%' && format[++i] != '%' && wanted[place++] != format[i])
            return false;
    return place == sizeof...(Args);
}

void print(const request_rec *r, const server_rec *s, const Message *message, ...);

}  // namespace detail

template <const Message &message, typename... Args>
void log(const request_rec *r, Args... args)
{
    static_assert(detail::fits<Args...>(message.format),
                  "arguments do not match the message's text");
    if (is_logged(r, message))
        detail::print(r, r->server, &message, args...);
}

template <const Message &message, typename... Args>
void log(const server_rec *s, Args... args)
{
    static_assert(detail::fits<Args...>(message.format),
                  "arguments do not match the message's text");
    detail::print(nullptr, s, &message, args...);
}

}  // namespace stickybalancer
