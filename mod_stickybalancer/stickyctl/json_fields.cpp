// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/json_fields.hpp"

#include <cstdio>

namespace stickybalancer::stickyctl {
namespace {

std::string decimal(double number)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.10g", number);
    return text;
}

std::string joined(const Json &list)
{
    std::string text;
    for (const auto &element : list)
        text += (text.empty() ? "" : ", ") +
                (element.is_string() ? element.get<std::string>() : dump(element, false));
    return text;
}

}  // namespace

std::string readable(const Json &value)
{
    switch (value.type()) {
    case Json::value_t::null: return {};
    case Json::value_t::string: return value.get<std::string>();
    case Json::value_t::boolean: return value.get<bool>() ? "yes" : "no";
    case Json::value_t::number_float: return decimal(value.get<double>());
    case Json::value_t::array: return joined(value);
    default: return dump(value, false);
    }
}

const Json *find_field(const Json &object, const std::string &path)
{
    const Json *value = &object;
    for (std::size_t at = 0; at <= path.size();) {
        const auto dot = std::min(path.find('.', at), path.size());
        if (!value->is_object())
            return nullptr;
        const auto found = value->find(path.substr(at, dot - at));
        if (found == value->end())
            return nullptr;
        value = &*found;
        at = dot + 1;
    }
    return value;
}

std::string text_of(const Json &object, const std::string &path)
{
    const auto *value = find_field(object, path);
    return value ? readable(*value) : std::string();
}

std::int64_t number_of(const Json &object, const std::string &path)
{
    const auto *value = find_field(object, path);
    return value && value->is_number() ? value->get<std::int64_t>() : 0;
}

bool is_true(const Json &object, const std::string &path)
{
    const auto *value = find_field(object, path);
    return value && value->is_boolean() && value->get<bool>();
}

const Json &list_of(const Json &object, const std::string &path)
{
    static const Json none = Json::array();
    const auto *value = find_field(object, path);
    return value && value->is_array() ? *value : none;
}

std::string dump(const Json &value, bool indented)
{
    return value.dump(indented ? 2 : -1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace stickybalancer::stickyctl
