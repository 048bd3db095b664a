// SPDX-License-Identifier: Apache-2.0
//
// The head of the page: which server this is, whether it answers, and its lame duck.

import { now, read, write } from "./api.js";
import { confirm } from "./dialog.js";
import { by_id, set_hidden, set_text } from "./dom.js";
import { ago, ahead, clock, duration } from "./format.js";
import { set_shape } from "./states.js";
import { guarded } from "./actions.js";
import { tell } from "./changes.js";

export class ServerBar {
    constructor(refresh) {
        this.refresh = refresh;
        this.server = null;
        set_text(by_id("host"), location.host);
        by_id("lameduck").addEventListener("click", () => this.ask_lame_duck());
    }

    get may_write() {
        return this.server?.may_write === true;
    }

    async look() {
        const { data } = await read("server");
        this.server = data;
        this.show();
    }

    show() {
        const { httpd, version, started, generation } = this.server;
        set_text(by_id("server"), `${httpd.split(" ")[0]}, mod_stickybalancer ${version}; started ${ago(started, now())}, ` +
            `generation ${generation}${this.may_write ? "" : "; this location only reads"}`);
        set_hidden(by_id("lameduck"), !this.may_write);
        this.show_lame_duck();
    }

    show_lame_duck() {
        const until = this.server?.lameduck_until ?? null;
        set_hidden(by_id("lameduck-note"), until === null);
        set_text(by_id("lameduck"), until === null ? "Lame duck" : "End lame duck");
        if (until !== null)
            set_text(by_id("lameduck-note"), `Lame duck: monitors are told that this server is not well, until ` +
                `${clock(until, now())} (${ahead(until, now())}). Traffic goes on.`);
    }

    // Each second, whether the server answers or not.
    show_life(poller) {
        const is_well = poller.failures === 0;
        set_shape(by_id("live-shape"), poller.last_seen === null && is_well ? "none" : is_well ? "up" : "down");
        by_id("live").classList.toggle("away", !is_well);
        set_text(by_id("live-text"), is_well ? (poller.last_seen === null ? "Asking the server" : "Live") : away_text(poller));
        if (this.server !== null)
            this.show_lame_duck();
    }

    async ask_lame_duck() {
        await guarded(this, () => (this.server.lameduck_until === null ? this.begin_lame_duck() : this.end_lame_duck()));
    }

    async begin_lame_duck() {
        const is_done = await confirm({
            title: "Make this server a lame duck?",
            lines: ["For that time health and StickyMonitorURI answer 503, so that a balancer in front sends its " +
                "clients to other servers. Requests that come all the same are served as always."],
            fields: [{ name: "lameduck", label: "For how long", value: "20s", required: true, hint: "Such as 20s or 5min" }],
            yes: "Begin",
            run: async ({ lameduck }) => this.set(lameduck),
        });
        if (is_done)
            tell("This server is a lame duck now.");
    }

    async end_lame_duck() {
        const is_done = await confirm({
            title: "End the lame duck?",
            lines: ["Monitors are told again how this server really is."],
            yes: "End",
            run: () => this.set("0s"),
        });
        if (is_done)
            tell("The lame duck has ended.");
    }

    async set(lameduck) {
        this.server = await write("PATCH", "server", { body: { lameduck } });
        this.show();
    }
}

function away_text(poller) {
    const seen = poller.last_seen === null ? "never seen" : `last seen ${duration(Date.now() - poller.last_seen)} ago`;
    const next = poller.is_running ? "asking now" : `asking again in ${duration(poller.next_at - Date.now())}`;
    return `${poller.error.message.replace(/\.$/, "")}; ${seen}, ${next}`;
}
