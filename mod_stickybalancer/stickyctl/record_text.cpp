// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/stickyctl/record_text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "mod_stickybalancer/stickyctl/terminal.hpp"

namespace stickybalancer::stickyctl {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string shown(const std::string &text, Instant now)
{
    if (text.empty())
        return "-";
    const auto relative = relative_to(now, text);
    return relative.empty() ? printable(text) : text + " (" + relative + ")";
}

// The server's answers are not deep; what is deeper than this would not be one.
void add_fields(Fields &fields, const std::string &prefix, const Json &object, int depth)
{
    for (const auto &[name, value] : object.items())
        if (value.is_object() && depth > 0)
            add_fields(fields, prefix + name + ".", value, depth - 1);
        else
            fields.emplace_back(prefix + name, readable(value));
}

Fields fields_of(const Json &thing)
{
    Fields fields;
    add_fields(fields, "", thing, 4);
    return fields;
}

}  // namespace

std::string record_text(const Json &thing, Instant now)
{
    auto fields = fields_of(thing);
    std::size_t width = 0;
    for (auto &[name, value] : fields) {
        name = printable(name);
        width = std::max(width, display_width(name));
    }
    std::string text;
    for (const auto &[name, value] : fields)
        text += name + std::string(width - display_width(name) + 2, ' ') + shown(value, now) + "\n";
    return text;
}

TextTable record_table(const Json &thing)
{
    TextTable table({{"NAME"}, {"VALUE"}});
    for (const auto &[name, value] : fields_of(thing))
        table.add_row({name, value});
    return table;
}

}  // namespace stickybalancer::stickyctl
