// SPDX-License-Identifier: Apache-2.0
//
// Prints conf.d/stickybalancer-reference.conf: mod_stickybalancer/directives.def, for people.
#include <cstdint>
#include <initializer_list>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/include/stickybalancer/stickybalancer.h"

namespace {

constexpr std::size_t kColumns = 100;

struct Option {
    std::string name;  // empty: the directive's own first word
    std::string fallback;
    std::string allowed;
    std::string example;  // a value to start from; empty: none is better than another
    std::string with;     // empty: every first word
    std::string help;
    bool may_be_bare = false;
};

struct Directive {
    std::string name, syntax, contexts, since, help;
    std::vector<Option> options = {};
};

struct Word {
    const char *text;
    std::int64_t value;
};

// The default where it is one of the words, else the last of them.
Option choice(const char *name, const std::string &fallback, std::initializer_list<Word> words,
              const char *with, const char *help)
{
    Option option{name, fallback, "", "", with, help};
    for (const auto &word : words) {
        if (*word.text == '\0') {
            option.may_be_bare = true;
            continue;
        }
        option.allowed.append(option.allowed.empty() ? "" : ", ").append(word.text);
        if (option.example != fallback)
            option.example = word.text;
    }
    return option;
}

Option text(const char *name, const std::string &fallback, const char *allowed, const char *with,
            const char *help)
{
    const bool is_value = fallback != "none" && fallback.find(' ') == std::string::npos;
    return {name, fallback, allowed, is_value ? fallback : "", with, help};
}

std::string duration_text(std::int64_t duration_s)
{
    constexpr std::pair<std::int64_t, const char *> kUnits[] = {
        {86400, "d"}, {3600, "h"}, {60, "min"}};
    for (const auto &[size_s, unit] : kUnits)
        if (duration_s != 0 && duration_s % size_s == 0)
            return std::to_string(duration_s / size_s) + unit;
    return std::to_string(duration_s) + "s";
}

Option duration(const char *name, const char *fallback, std::int64_t least_s, std::int64_t most_s,
                const char *with, const char *help)
{
    return {
        name, fallback, "a duration, " + duration_text(least_s) + " to " + duration_text(most_s),
        "",   with,     help};
}

Option count(const char *name, const std::string &fallback, std::int64_t least, std::int64_t most,
             const char *with, const char *help)
{
    const bool is_value = fallback.find_first_not_of("0123456789") == std::string::npos;
    return {name,
            fallback,
            "a number, " + std::to_string(least) + " to " + std::to_string(most),
            is_value ? fallback : "",
            with,
            help};
}

Option size(const char *name, const char *fallback, std::int64_t least, std::int64_t most,
            const char *with, const char *help)
{
    return {name,
            fallback,
            "a number, " + std::to_string(least) + " to " + std::to_string(most) +
                ", or one with k, m or g behind it",
            fallback,
            with,
            help};
}

std::vector<Directive> all_directives()
{
    std::vector<Directive> all;
#define SB_DIRECTIVE(name, syntax, contexts, since, help) \
    all.push_back({#name, syntax, contexts, since, help});
#define SB_CHOICE(directive, option, field, fallback, words, with, help) \
    all.back().options.push_back(choice(option, fallback, words, with, help));
#define SB_TEXT(directive, option, field, fallback, check, allowed, with, help) \
    all.back().options.push_back(text(option, fallback, allowed, with, help));
#define SB_DURATION(directive, option, field, fallback, least_s, most_s, with, help) \
    all.back().options.push_back(duration(option, fallback, least_s, most_s, with, help));
#define SB_COUNT(directive, option, field, fallback, least, most, with, help) \
    all.back().options.push_back(count(option, fallback, least, most, with, help));
#define SB_SIZE(directive, option, field, fallback, least, most, with, help) \
    all.back().options.push_back(size(option, fallback, least, most, with, help));
#define SB_INTERVAL(directive, option, field, fallback, least, most, with, help) \
    all.back().options.push_back(                                                \
        {option, fallback, std::string("a duration, ") + least + " to " + most, "", with, help});
#define SB_PARSED(directive, option, field, fallback, type, parse, times, allowed, with, help) \
    all.back().options.push_back(text(option, fallback, allowed, with, help));
#define SB_FILE(directive, option, field, fallback, type, read, allowed, with, help) \
    all.back().options.push_back(text(option, fallback, allowed, with, help));
#include "mod_stickybalancer/directives.def"
    return all;
}

// "#<indent><label>" and the text behind it, wrapped; further lines begin where the text began.
void print(std::string_view label, const std::string &words, std::size_t indent)
{
    const std::string first = "#" + std::string(indent, ' ') + std::string(label);
    const std::string next = "#" + std::string(first.size() - 1, ' ');
    std::string line = first;
    std::istringstream in(words);
    for (std::string word; in >> word;) {
        const bool is_begun = line != first && line != next;
        if (is_begun && line.size() + 1 + word.size() > kColumns) {
            std::cout << line << '\n';
            line = next;
        } else if (is_begun) {
            line += ' ';
        }
        line += word;
    }
    std::cout << line << '\n';
}

void print_option(const Option &option)
{
    std::cout << "#\n";
    if (option.name.empty())
        std::cout << "#   first word\n";
    else
        std::cout << "#   " << option.name << (option.may_be_bare ? ", " + option.name : "")
                  << "=\n";
    print("", option.help, 7);
    print("allowed  ", option.allowed, 7);
    print("default  ", option.fallback, 7);
    if (!option.with.empty())
        print("with     ", option.with, 7);
}

void print_directive(const Directive &directive)
{
    std::cout << "\n# " << std::string(kColumns - 2, '-') << "\n# " << directive.name << ' '
              << directive.syntax << "\n#\n";
    print("", directive.help, 3);
    std::cout << "#\n";
    print("context  ", directive.contexts, 3);
    print("since    ", directive.since, 3);
    std::string line = "#" + directive.name;
    for (const auto &option : directive.options) {
        print_option(option);
        if (option.name.empty() && option.example.empty())
            line += ' ' + directive.syntax.substr(0, directive.syntax.find(' '));
        else if (!option.example.empty())
            line += ' ' + (option.name.empty() ? "" : option.name + '=') + option.example;
    }
    std::cout << "#\n" << line << '\n';
}

}  // namespace

int main()
{
    std::cout <<
        R"(# Every directive of mod_stickybalancer and every option, commented out.
#
# Generated from mod_stickybalancer/directives.def: "cmake --build BUILD --target reference" writes
# it again. To start from a configuration that works, take stickybalancer.conf.
#
# A directive at server or virtual host level gives the defaults of the balancers there; in the
# section of a balancer, <Proxy "balancer://NAME">, it has the last word, option by option. An
# option is written key=value, each at most once; a value with spaces as key="some text" or
# "key=some text". Option names and words may be in upper or lower case. A duration is a number with
# ms, s, min (or m), h or d behind it; in seconds where nothing is.
)";
    for (const auto &directive : all_directives())
        print_directive(directive);
}
