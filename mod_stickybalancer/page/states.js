// SPDX-License-Identifier: Apache-2.0
//
// What is asked of a member, what it is, and why the two differ, in words. Every state has a word and a shape;
// colour only repeats them.

import { svg } from "./dom.js";
import { count, several } from "./format.js";

const kShapes = {
    up: "M5 .8a4.2 4.2 0 1 0 .001 0z",
    down: "M.6 1.2h8.8L5 9.4z",
    checking: "M5 .8a4.2 4.2 0 1 0 .001 0zM5 2.2v5.6a2.8 2.8 0 0 0 0-5.6z",
    starting: "M5 .8l4.4 8H.6z",
    ready: "M2 .8l7 4.2-7 4.2z",
    drain: "M1 1h8v2H1zM2.4 4.2h5.2v2H2.4zM4 7.4h2v2H4z",
    stopped: "M1 1h8v8H1z",
    none: "M1 4h8v2H1z",
    passed: "M.8 5.2l1.4-1.4 2 2L7.8 1.6l1.4 1.3-5 5.7z",
    failed: "M1 2.4L2.4 1 5 3.6 7.6 1 9 2.4 6.4 5 9 7.6 7.6 9 5 6.4 2.4 9 1 7.6 3.6 5z",
};

export function shape(kind) {
    return svg("svg", { viewBox: "0 0 10 10", class: `shape ${kind}`, "aria-hidden": "true" },
        svg("path", { d: kShapes[kind] ?? kShapes.none, "fill-rule": "evenodd" }));
}

export function set_shape(place, kind) {
    if (place.dataset.kind === kind)
        return;
    place.dataset.kind = kind;
    place.replaceChildren(shape(kind));
}

const kRequested = { ready: "ONLINE", drain: "DRAIN", stopped: "OFFLINE" };

// "ONLINE (1)"
export const requested_text = (member) =>
    `${kRequested[member.requested] ?? member.requested} (${count(member.weight)})`;

const kReasons = {
    "connect-failed": "connections to it fail",
    "timeout": "it does not answer in time",
    "reset": "its connections break off",
    "status": "it answers with an error status",
    "check-failed": "its check fails",
    "check-passed": "its check passes again",
    "retry-due": "the next request tries it",
    "answered": "it answers again",
    "operator": "an operator said so",
    "configured": "it is configured so",
    "connected": "connections to it succeed again",
};

export function reason_text(member) {
    if (member.reason === "none" || !member.reason)
        return "";
    const { last, text } = member.check;
    const found = member.reason === "check-failed" && last === "failed" && text ? `: ${text}` : "";
    return (kReasons[member.reason] ?? member.reason) + found;
}

// Why it is not simply online and up; empty where it is.
export function difference_text(member) {
    const is_up = member.actual === "up";
    const parts = is_up ? [] : [reason_text(member)];
    if (member.requested === "drain")
        parts.push(is_up ? "well; only its bound clients" : "");
    if (member.requested === "stopped")
        parts.push(is_up ? "well, but gets nobody" : "");
    if (member.requested === "ready" && member.weight === 0)
        parts.push("weight 0: only its bound clients");
    if (member.check.draining)
        parts.push("its check asks for no new clients");
    if (member.standby)
        parts.push("standby: for when the others are gone");
    return parts.filter((part) => part !== "").join("; ");
}

export function check_text(member) {
    const { kind, last, in_a_row, latency_ms } = member.check;
    if (kind === "off")
        return { shape: "none", word: "no check", more: "" };
    if (last === "none")
        return { shape: "none", word: "not yet", more: kind };
    const times = last === "failed" && in_a_row > 1 ? ` ${count(in_a_row)} times` : "";
    const more = latency_ms === null ? kind : `${kind}, ${count(latency_ms)} ms`;
    return { shape: last, word: last + times, more };
}

export const sessions_text = (member) =>
    `${member.sessions_kind === "estimate" ? "about " : ""}${several(member.sessions, "session")}`;
