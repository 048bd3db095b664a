// SPDX-License-Identifier: Apache-2.0
//
// How far a drain is: who is left, until when they can stay, and what happens then.

import { ago, ahead, clock, several } from "./format.js";
import { sessions_text } from "./states.js";

// Lines, the most important one first; none where the member is not draining.
export function drain_lines(member, now) {
    if (member.requested !== "drain")
        return [];
    return [left_line(member), seen_line(member, now), end_line(member, now), deadline_line(member, now)]
        .filter((line) => line !== "");
}

export const is_drained = (member) =>
    member.requested === "drain" && member.sessions === 0 && member.active === 0;

function left_line(member) {
    if (is_drained(member))
        return member.sessions_kind === "none" ? "Idle: no request under way" : "Drained: no session is left";
    const active = `${several(member.active, "request")} under way`;
    if (member.sessions === 0)
        return member.sessions_kind === "none" ? active : `No session is left; ${active}`;
    return `${sessions_text(member)} left${member.active === 0 ? "" : `, ${active}`}`;
}

function seen_line(member, now) {
    if (member.sessions === 0 || member.last_seen === null)
        return "";
    return `last seen ${ago(member.last_seen, now)}`;
}

function end_line(member, now) {
    if (member.sessions === 0 || member.sessions_end === null)
        return "";
    return `the last can expire ${ahead(member.sessions_end, now)} (${clock(member.sessions_end, now)})`;
}

function deadline_line(member, now) {
    if (member.drain.clients === "moved")
        return "deadline passed: clients are moved at their next request";
    if (member.drain.until === null || is_drained(member))
        return "";
    return `deadline ${ahead(member.drain.until, now)} (${clock(member.drain.until, now)}): who is left is moved`;
}
