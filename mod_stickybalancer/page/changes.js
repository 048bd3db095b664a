// SPDX-License-Identifier: Apache-2.0
//
// What changes while somebody watches: told once, for eyes and for screen readers. Figures change in silence.

import { by_id, el, set_hidden, set_text } from "./dom.js";
import { clock } from "./format.js";
import { now } from "./api.js";
import { reason_text, requested_text } from "./states.js";

const kKept = 100;
const kAtOnce = 5; // more changes of a balancer than these are told as a number

let last_focused = null;
document.addEventListener("focusin", (event) => last_focused = event.target);

// Nobody who has clicked beside all buttons is taken away from where he reads.
const is_focus_lost = () => document.activeElement === document.body && last_focused !== null &&
    (last_focused.disabled || last_focused.getClientRects().length === 0);

// The one line below the head: what came of the last action.
export function tell(text, is_problem = false) {
    const place = by_id("message");
    place.className = is_problem ? "message problem" : "message";
    set_text(place, text);
    if (is_focus_lost())
        place.focus({ preventScroll: true }); // the button that was pressed is gone
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

export function note(text) {
    const list = by_id("changes");
    const at = new Date(now()).toISOString();
    list.prepend(el("li", {}, el("time", { datetime: at }, clock(at, now())), " ", text));
    while (list.children.length > kKept)
        list.lastElementChild.remove();
    set_hidden(by_id("changes-none"), true);
}
