// SPDX-License-Identifier: Apache-2.0
//
// This browser's pin: a cookie that leads it to one member, whatever the member's state. It is sent to every
// application of this host name, so there is one. Whom it leads to is noted beside it: the cookie does not tell.

import { now, Refusal, write } from "./api.js";
import { confirm } from "./dialog.js";
import { by_id, set_hidden, set_text } from "./dom.js";
import { ahead, clock } from "./format.js";
import { tell } from "./changes.js";

const kCookie = "STICKYPIN";
const kNote = "mod_stickybalancer.pin";

let pin = null; // { value, balancer, member, label, until }

// Looks whether it is still there, and says so at the head of the page.
export function look_at_pin() {
    pin = find_pin();
    set_hidden(by_id("pin-note"), pin === null);
    if (pin !== null)
        set_text(by_id("pin-text"), `This browser is pinned to ${pin.label} of ${pin.balancer} until ` +
            `${clock(pin.until, now())} (${ahead(pin.until, now())}).`);
}

export const is_pinned_to = (balancer, member) => pin !== null && pin.balancer === balancer && pin.member === member;

// The plan of the question (actions.js).
export function pin_plan(member, { balancer }, path) {
    const name = member.label || member.name;
    let until = "";
    return {
        title: `Pin this browser to ${name}?`,
        lines: [
            `What it asks of ${balancer.label} at ${location.hostname} is answered by ${name} for that time, whatever its ` +
                "state, and by nobody else. Other clients go where they went.",
            member.actual === "down" ? `${name} is down: until it answers, this browser gets errors.` : "",
            pin === null ? "" : `The pin to ${pin.label} of ${pin.balancer} ends with it.`,
        ],
        fields: [{ name: "for", label: "For how long", value: "1h", required: true, hint: "Such as 15min or 2h; 30d at most" }],
        yes: "Pin",
        run: async (values, etag) => {
            const made = await write("POST", `${path}/pin`, { body: values, etag });
            until = made.until;
            keep(made, { balancer: balancer.name, member: member.name, label: name });
        },
        done: () => `This browser is pinned to ${name} until ${clock(until, now())}.`,
    };
}

export async function unpin() {
    const { label, balancer, until } = pin;
    const is_done = await confirm({
        title: "Unpin this browser?",
        lines: [
            "The cookie is taken out of this browser, which is a client as all others from then on.",
            `A copy of it that somebody has made elsewhere leads to ${label} until ${clock(until, now())}. To end that, too, take ` +
                `back all pins of the balancer: stickyctl unpin ${balancer}.`,
        ],
        yes: "Unpin",
        run: async () => forget(),
    });
    if (is_done)
        tell("This browser is not pinned any more.");
}

function keep({ cookie, until }, whom) {
    const value = cookie.split(";")[0].slice(kCookie.length + 1);
    const seconds = Math.max(1, Math.round((Date.parse(until) - now()) / 1000));
    set_cookie(value, seconds);
    note({ value, until, ...whom });
    look_at_pin();
    if (pin === null)
        throw new Refusal(0, "This browser does not keep the cookie: it keeps none of this address, or has another " +
            `${kCookie} that a page cannot replace.`);
}

function forget() {
    set_cookie("", 0);
    note(null);
    look_at_pin();
}

function set_cookie(value, seconds) {
    document.cookie = `${kCookie}=${value}; path=/; SameSite=Lax; Max-Age=${seconds}` +
        (location.protocol === "https:" ? "; Secure" : "");
}

function find_pin() {
    const noted = read_note();
    const is_there = noted !== null && document.cookie.split("; ").includes(`${kCookie}=${noted.value}`);
    return is_there && Date.parse(noted.until) > now() ? noted : null;
}

// A browser that keeps nothing of this address throws.
function read_note() {
    try {
        return JSON.parse(localStorage.getItem(kNote));
    } catch {
        return null;
    }
}
function note(what) {
    try {
        if (what === null)
            localStorage.removeItem(kNote);
        else
            localStorage.setItem(kNote, JSON.stringify(what));
    } catch {
        // keep() finds that it is not there
    }
}
