// SPDX-License-Identifier: Apache-2.0
//
// The columns of the members' table: what operators of appliances look at to take a server off line, and then some.
// `compare` sorts; `make` makes the cell's parts, and returns what brings them up to date.

import { now } from "./api.js";
import { el, set_attribute, set_children, set_hidden, set_text } from "./dom.js";
import { drain_lines, is_drained } from "./drain_text.js";
import { ago, clock, count, percent } from "./format.js";
import { Plot } from "./plot.js";
import { check_text, difference_text, requested_text, set_shape } from "./states.js";

const by_text = (text) => (a, b) => text(a).localeCompare(text(b), "en", { numeric: true });
const by_number = (number) => (a, b) => number(b) - number(a); // most first

const kBadFirst = ["down", "checking", "starting", "up"];
const kAskedFirst = ["stopped", "drain", "ready"];

function word_with_shape(cell) {
    const [mark, word, more] = [el("span", { class: "mark" }), el("span", { class: "word" }), el("span", { class: "muted" })];
    cell.append(mark, word, " ", more);
    return { mark, word, more };
}

function check(cell) {
    const parts = word_with_shape(cell);
    return (member) => {
        const text = check_text(member);
        set_shape(parts.mark, text.shape);
        set_text(parts.word, text.word);
        set_text(parts.more, text.more);
    };
}

function figure(read) {
    return (cell) => {
        cell.classList.add("number");
        return (member) => set_text(cell, count(read(member)));
    };
}

function figure_with_plot(cell) {
    const [text, plot] = [el("span"), new Plot()];
    cell.classList.add("number", "plotted");
    cell.append(text, plot.node);
    return { text, plot };
}

function sessions(cell) {
    const { text, plot } = figure_with_plot(cell);
    return (member, { track }) => {
        const is_counted = member.sessions_kind !== "none";
        set_text(text, is_counted ? (member.sessions_kind === "estimate" ? "~ " : "") + count(member.sessions) : "–");
        set_attribute(text, "title", is_counted && member.last_seen ? `last seen ${ago(member.last_seen, now())}` : null);
        const values = is_counted ? track.sessions() : [];
        plot.show(values, Math.max(4, ...values));
    };
}

function share(cell) {
    const { text, plot } = figure_with_plot(cell);
    return (member, { track }) => {
        const shares = track.shares();
        const last = shares[shares.length - 1] ?? null;
        set_text(text, last === null ? "–" : percent(last));
        plot.show(shares, Math.max(.1, ...shares));
    };
}

function requested(cell) {
    const parts = word_with_shape(cell);
    const drain = el("ul", { class: "left" });
    cell.append(drain);
    return (member) => {
        set_shape(parts.mark, member.requested);
        set_text(parts.word, requested_text(member));
        const since = member.requested === "ready" ? null : member.requested_since;
        set_text(parts.more, since === null ? "" : `since ${clock(since, now())}`);
        show_lines(drain, drain_lines(member, now()));
        drain.classList.toggle("done", is_drained(member));
    };
}

function show_lines(list, lines) {
    set_hidden(list, lines.length === 0);
    set_children(list, lines.map((line, i) => list.children[i] ?? el("li")));
    lines.forEach((line, i) => set_text(list.children[i], line));
}

function actual(cell) {
    const parts = word_with_shape(cell);
    const why = el("span", { class: "why" });
    cell.append(why);
    return (member) => {
        set_shape(parts.mark, member.actual);
        set_text(parts.word, member.actual);
        set_text(parts.more, since_text(member));
        set_text(why, difference_text(member));
    };
}

// Of what is well the time says enough.
function since_text({ since, actual }) {
    if (since === null)
        return "";
    return `since ${clock(since, now())}${actual === "up" ? "" : `, ${ago(since, now())}`}`;
}

function address(cell) {
    return (member) => {
        set_text(cell, member.address);
        set_attribute(cell, "title", member.url);
    };
}

const text_of = (member) => member.label || member.name;

function name(cell, { toggle }) {
    const small = el("span", { class: "muted" });
    cell.append(toggle, small);
    return (member) => {
        set_text(toggle.lastElementChild, text_of(member));
        const route = member.route === "" ? "no route" : `route ${member.route}`;
        set_text(small, [member.label ? member.name : "", route, member.added ? "added" : ""].filter((t) => t).join(", "));
    };
}

export const kColumns = [
    { id: "check", title: "Check", compare: by_number((m) => (m.check.last === "failed" ? m.check.in_a_row : 0)), make: check },
    { id: "name", title: "Member", compare: by_text(text_of), make: name },
    { id: "address", title: "Address", compare: by_text((m) => m.address), make: address },
    { id: "active", title: "Active", compare: by_number((m) => m.active), make: figure((m) => m.active) },
    { id: "connecting", title: "Connecting", compare: by_number((m) => m.connecting), make: figure((m) => m.connecting) },
    { id: "queued", title: "Queued", compare: by_number((m) => m.queued), make: figure((m) => m.queued) },
    { id: "sessions", title: "Sessions", compare: by_number((m) => m.sessions), make: sessions },
    { id: "share", title: "Share", compare: by_number((m) => m.totals.requests), make: share },
    { id: "requested", title: "Requested (weight)", compare: (a, b) => kAskedFirst.indexOf(a.requested) - kAskedFirst.indexOf(b.requested) || b.weight - a.weight, make: requested },
    { id: "change", title: "Change", compare: null, make: null }, // of those who may: member_row.js
    { id: "actual", title: "Actual", compare: (a, b) => kBadFirst.indexOf(a.actual) - kBadFirst.indexOf(b.actual), make: actual },
];
