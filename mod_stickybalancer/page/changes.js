// SPDX-License-Identifier: Apache-2.0
//
// What changes while somebody watches: told once, for eyes and for screen readers. Figures change in silence.

import { by_id, el, set_hidden } from "./dom.js";
import { clock } from "./format.js";
import { now } from "./api.js";
import { reason_text, requested_text } from "./states.js";

const kKept = 100;
const kAtOnce = 5; // more changes of a balancer than these are told as a number
const kToldFor = 60000; // long enough to be found and read out, short enough not to be taken for news

let last_focused = null;
document.addEventListener("focusin", (event) => last_focused = event.target);

// Nobody who has clicked beside all buttons is taken away from where he reads.
const is_focus_lost = () => document.activeElement === document.body && last_focused !== null &&
    (last_focused.disabled || last_focused.getClientRects().length === 0);

let end_of_message = null;

// The one line below the head: what came of the last action, and when. What went wrong stays until the next one.
export function tell(text, is_problem = false) {
    hush();
    const place = by_id("message");
    place.className = is_problem ? "message problem" : "message";
    place.append(time_now(), " ", text);
    if (!is_problem)
        hush_later();
    if (is_focus_lost())
        place.focus({ preventScroll: true }); // the button that was pressed is gone
}

// The next action begins: what came of the one before is no news any more.
export function hush() {
    clearTimeout(end_of_message);
    by_id("message").replaceChildren();
}

// Nobody reads a page that is hidden.
function hush_later() {
    end_of_message = setTimeout(() => (document.hidden ? hush_later() : hush()), kToldFor);
}

export class Changes {
    constructor() {
        this.known = new Map();
    }

    look(balancer, members) {
        const changed = members.filter((member) => this.is_changed(balancer, member));
        if (changed.length > kAtOnce)
            return note(`${balancer.label}: ${changed.length} members changed`);
        for (const member of changed)
            note(sentence(balancer, member));
    }

    // Whether it was seen before in another state.
    is_changed(balancer, member) {
        const key = JSON.stringify([balancer.name, member.name]);
        const state = JSON.stringify([member.requested, member.actual, member.weight]);
        const before = this.known.get(key);
        this.known.set(key, state);
        return before !== undefined && before !== state;
    }
}

function sentence(balancer, member) {
    const why = member.actual === "up" ? "" : reason_text(member);
    return `${member.label || member.name} of ${balancer.label} is ${requested_text(member)} and ${member.actual}` +
        (why ? `: ${why}` : "");
}

function time_now() {
    const at = new Date(now()).toISOString();
    return el("time", { datetime: at }, clock(at, now()));
}

export function note(text) {
    const list = by_id("changes");
    list.prepend(el("li", {}, time_now(), " ", text));
    while (list.children.length > kKept)
        list.lastElementChild.remove();
    set_hidden(by_id("changes-none"), true);
}
