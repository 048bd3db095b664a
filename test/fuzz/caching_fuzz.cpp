// SPDX-License-Identifier: Apache-2.0
//
// Input: the lines of Cache-Control, with commas between them.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/persistence/caching.hpp"
#include "test/fuzz/input.hpp"
#include "test/fuzz/reference.hpp"
#include "test/fuzz/require.hpp"

using namespace stickybalancer;
using persistence::CacheFacts;
using persistence::Caching;
using persistence::Expires;

namespace {

struct Directive {
    std::string text, name;
    bool has_argument;
};

// Between commas outside of quotes; a backslash in quotes takes the next byte as text.
std::vector<Directive> directives_of(std::string_view line)
{
    std::vector<std::string> parts(1);
    enum { kOutside, kInside, kEscaped } state = kOutside;
    for (const char c : line) {
        if (state == kOutside && c == ',') {
            parts.emplace_back();
            continue;
        }
        parts.back() += c;
        if (state == kEscaped)
            state = kInside;
        else if (state == kInside)
            state = c == '"' ? kOutside : c == '\\' ? kEscaped : kInside;
        else if (c == '"')
            state = kInside;
    }
    std::vector<Directive> directives;
    for (const auto &part : parts) {
        const std::string text(fuzz::without_space(part));
        const auto equals = text.find('=');
        std::string name(fuzz::without_space(text.substr(0, equals)));
        for (auto &c : name)
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        if (!text.empty())
            directives.push_back({text, name, equals != std::string::npos});
    }
    return directives;
}

std::string with_private(std::string_view cache_control)
{
    return test::written([&](auto &out) { persistence::write_private(out, cache_control); });
}

template <typename Check>
void for_all_facts(std::string_view cache_control, const Check &check)
{
    for (const std::uint32_t status : {200U, 302U, 404U, 500U})
        for (const auto expires : {Expires::kNone, Expires::kPast, Expires::kFuture})
            check(CacheFacts{true, status, expires, cache_control});
}

// What `private` makes of a line: the same, but for what would contradict.
void check_private(std::string_view cache_control)
{
    const auto marked = with_private(cache_control);
    for_all_facts(marked, [](const CacheFacts &facts) {
        SB_REQUIRE(persistence::caching_of(facts) == Caching::kNone);
    });
    std::vector<std::string> expected{"private"};
    for (const auto &directive : directives_of(cache_control))
        if (directive.name != "public" && directive.name != "s-maxage" &&
            directive.name != "private")
            expected.push_back(directive.text);
    std::vector<std::string> texts;
    for (const auto &directive : directives_of(marked))
        texts.push_back(directive.text);
    SB_REQUIRE(texts == expected);
    SB_REQUIRE(marked.size() <= 7 + 2 * (cache_control.size() + 1));
    SB_REQUIRE(with_private(marked) == marked);
}

void check_caching(const CacheFacts &facts)
{
    const auto caching = persistence::caching_of(facts);
    bool spares = false, says_public = false, says_age = false, says_shared_age = false;
    for (const auto &directive : directives_of(facts.cache_control)) {
        spares |= directive.name == "no-store";
        spares |= directive.name == "private" && !directive.has_argument;
        says_public |= directive.name == "public";
        says_age |= directive.name == "max-age";
        says_shared_age |= directive.name == "s-maxage";
    }
    const bool is_silent = !says_age && !says_shared_age;
    SB_REQUIRE(!spares || caching == Caching::kNone);
    if (caching == Caching::kShared)
        SB_REQUIRE(says_public || !is_silent || facts.expires == Expires::kFuture);
    if (caching == Caching::kNone && (says_public || !is_silent || facts.status == 200)) {
        bool has_said_so = false;
        for (const auto &directive : directives_of(facts.cache_control))
            has_said_so |= directive.name == "no-store" || directive.name == "private" ||
                           (directive.name == "no-cache" && directive.has_argument);
        SB_REQUIRE(has_said_so);
    }
    auto unsafe = facts;
    unsafe.is_get_or_head = false;
    SB_REQUIRE(persistence::caching_of(unsafe) == Caching::kNone);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view line(reinterpret_cast<const char *>(data), size);
    for_all_facts(line, check_caching);
    check_private(line);
    // On a line of its own in front of any other it wins, whatever quotes the other leaves open.
    const auto joined = "no-store, " + std::string(line);
    for_all_facts(joined, [](const CacheFacts &facts) {
        SB_REQUIRE(persistence::caching_of(facts) == Caching::kNone);
    });
    return 0;
}
