// SPDX-License-Identifier: Apache-2.0
//
// One session, by its key: in which balancers' tables it is, where it goes, and forgetting it.

import { now, read, sessions_path, write } from "./api.js";
import { confirm } from "./dialog.js";
import { by_id, button, el } from "./dom.js";
import { ago, clock, count } from "./format.js";
import { hush, tell } from "./changes.js";

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
        this.balancers = []; // as they were answered last
        by_id("sessions").addEventListener("submit", (event) => {
            event.preventDefault();
            this.look_up(by_id("session-key").value);
        });
    }

    async look_up(key) {
        hush();
        const tables = this.balancers.filter((balancer) => balancer.table?.room > 0);
        try {
            const found = (await Promise.all(tables.map((balancer) => sessions_in(balancer.name, key)))).flat();
            if (found.length === 0)
                this.show(el("p", {}, none_text(tables)));
            else
                this.show(this.table(found), this.may_write ? this.forget_button(key, found) : null);
        } catch (error) {
            this.show(el("p", { class: "problem" }, error.message));
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

    forget_button(key, found) {
        const balancers = [...new Set(found.map((session) => session.balancer))];
        return button("Forget this session", { "data-action": "forget" }, () => this.forget(key, balancers));
    }

    async forget(key, balancers) {
        hush();
        const is_done = await confirm({
            title: "Forget this session?",
            lines: ["The client that brings this key is placed anew at its next request, and may have to log in again."],
            yes: "Forget", is_grave: true,
            run: () => Promise.all(balancers.map((balancer) => forget_in(balancer, key))),
        });
        if (!is_done)
            return;
        tell("The session is forgotten.");
        this.show(el("p", {}, "Forgotten."));
        by_id("session-key").focus();
    }
}

const none_text = (tables) => (tables.length === 0 ? "No balancer of this server has a table of sessions (StickyOn)."
    : "There is no session with this key.");

async function sessions_in(balancer, key) {
    try {
        return (await read(sessions_path(balancer), { key })).data.sessions;
    } catch (error) {
        if (error.status === 404)
            return [];
        throw error;
    }
}

// One that has gone by itself meanwhile is forgotten, too.
async function forget_in(balancer, key) {
    try {
        await write("DELETE", sessions_path(balancer), { query: { key } });
    } catch (error) {
        if (error.status !== 404)
            throw error;
    }
}
