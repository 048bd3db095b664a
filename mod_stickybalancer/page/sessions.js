// SPDX-License-Identifier: Apache-2.0
//
// One session, by its key: where it is, and forgetting it.

import { read, write } from "./api.js";
import { confirm } from "./dialog.js";
import { by_id, button, el } from "./dom.js";
import { ago, clock, count } from "./format.js";
import { now } from "./api.js";
import { tell } from "./changes.js";

const kColumns = {
    "Balancer": (session) => session.balancer,
    "Member": (session) => session.member,
    "Key": (session) => session.key,
    "Learned": (session) => `${clock(session.learned, now())}, from the ${session.by}`,
    "Last used": (session) => ago(session.used, now()),
    "Expires": (session) => clock(session.expires, now()),
    "Requests": (session) => count(session.requests),
};

export class Sessions {
    constructor() {
        this.may_write = false;
        this.key = null; // of what is shown
        by_id("sessions").addEventListener("submit", (event) => {
            event.preventDefault();
            this.look_up(by_id("session-key").value);
        });
    }

    async look_up(key) {
        this.key = key;
        try {
            const { data } = await read("sessions", { key });
            this.show(this.table(data.sessions), this.may_write ? this.forget_button() : null);
        } catch (error) {
            this.show(el("p", { class: error.status === 404 ? "" : "problem" }, error.message));
        }
    }

    show(...nodes) {
        by_id("sessions-found").replaceChildren(...nodes.filter((node) => node !== null));
    }

    table(sessions) {
        const titles = Object.keys(kColumns);
        return el("table", { class: "plain", role: "table" },
            el("thead", { role: "rowgroup" }, el("tr", { role: "row" },
                titles.map((title) => el("th", { scope: "col", role: "columnheader" }, title)))),
            el("tbody", { role: "rowgroup" }, sessions.map((session) => el("tr", { role: "row" },
                titles.map((title) => el("td", { role: "cell", "data-label": title }, kColumns[title](session)))))));
    }

    forget_button() {
        return button("Forget this session", { "data-action": "forget" }, () => this.forget(this.key));
    }

    async forget(key) {
        const is_done = await confirm({
            title: "Forget this session?",
            lines: ["The client that brings this key is placed anew at its next request, and may have to log in again."],
            yes: "Forget", is_grave: true,
            run: () => write("DELETE", "sessions", { query: { key } }),
        });
        if (!is_done)
            return;
        tell("The session is forgotten.");
        this.show(el("p", {}, "Forgotten."));
        by_id("session-key").focus();
    }
}
