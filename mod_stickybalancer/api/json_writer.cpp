// SPDX-License-Identifier: Apache-2.0
#include "mod_stickybalancer/api/json_writer.hpp"

namespace stickybalancer::api {
namespace {

bool stands_for_itself(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
}

void write_escaped(Output &out, char c)
{
    static constexpr char kDigits[] = "0123456789abcdef";
    if (c == '"' || c == '\\') {
        out << '\\' << c;
        return;
    }
    const auto byte = static_cast<unsigned char>(c);
    out << "\\u00" << kDigits[byte >> 4] << kDigits[byte & 15];
}

}  // namespace

void JsonWriter::text(std::string_view key, std::string_view value)
{
    begin(key);
    write_string(value);
}

void JsonWriter::element(std::string_view value)
{
    begin({});
    write_string(value);
}

void JsonWriter::time(std::string_view key, std::int64_t us)
{
    if (us == 0)
        null(key);
    else
        begin(key) << '"' << Time{us} << '"';
}

// Keys are ours: they need no escape.
Output &JsonWriter::begin(std::string_view key)
{
    if (needs_comma_)
        out_ << ',';
    needs_comma_ = true;
    if (!key.empty())
        out_ << '"' << key << "\":";
    return out_;
}

void JsonWriter::open(std::string_view key, char bracket)
{
    begin(key) << bracket;
    needs_comma_ = false;
}

void JsonWriter::close(char bracket)
{
    out_ << bracket;
    needs_comma_ = true;
}

void JsonWriter::write_string(std::string_view value)
{
    out_ << '"';
    while (!value.empty()) {
        std::size_t plain = 0;
        while (plain < value.size() && stands_for_itself(value[plain]))
            ++plain;
        out_ << value.substr(0, plain);
        value.remove_prefix(plain);
        if (value.empty())
            break;
        const auto length = utf8_length(value);
        if (length > 1)
            out_ << value.substr(0, length);
        else if (length == 1)
            write_escaped(out_, value.front());
        else
            out_ << "\\ufffd";
        value.remove_prefix(length > 1 ? length : 1);
    }
    out_ << '"';
}

}  // namespace stickybalancer::api
