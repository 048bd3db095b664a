// SPDX-License-Identifier: Apache-2.0
//
// The operator's page. A round a second: what is shown is asked for, and brought up to date in place.

import { guarded } from "./actions.js";
import { read } from "./api.js";
import { BalancerView } from "./balancer_view.js";
import { Changes } from "./changes.js";
import { by_id, el, set_children, set_hidden, set_text } from "./dom.js";
import { History } from "./history.js";
import { kPage } from "./member_window.js";
import { look_at_pin, unpin } from "./pins.js";
import { Poller } from "./poller.js";
import { ServerBar } from "./server_bar.js";
import { Sessions } from "./sessions.js";

const kServerEvery = 5; // rounds

const views = new Map();
const links = new Map();
const history = new History();
const changes = new Changes();
const sessions = new Sessions();
const poller = new Poller(round);
const bar = new ServerBar(refresh);
let rounds = 0;

function refresh() {
    rounds = 0; // the server, too
    poller.poke();
}

async function round() {
    if (rounds++ % kServerEvery === 0 || bar.server === null)
        await look_at_server();
    const is_plain = [...views.values()].every((view) => view.window.is_plain);
    const { data } = await read("balancers", is_plain ? { from: 0, count: kPage } : { members: "no" });
    for (const balancer of data.balancers)
        await view_of(balancer.name).look(is_plain ? balancer : { ...balancer, members: undefined });
    sessions.balancers = data.balancers;
    show(data.balancers.map((balancer) => view_of(balancer.name)));
    history.forget(Date.now());
}

// What is told of this browser and of the server, whether the server answers or not.
function show_life() {
    look_at_pin();
    bar.show_life(poller);
}

// Who may write may change with a restart: the tables are made anew then.
async function look_at_server() {
    const could_write = bar.may_write;
    await bar.look();
    sessions.may_write = bar.may_write;
    if (could_write !== bar.may_write)
        views.clear();
}

function view_of(name) {
    if (!views.has(name))
        views.set(name, new BalancerView(name, { may_write: bar.may_write, history, refresh }));
    return views.get(name);
}

function show(shown) {
    set_children(by_id("balancers"), shown.length > 0 ? shown.map((view) => view.node) : [nothing]);
    for (const name of views.keys())
        if (!shown.some((view) => view.name === name))
            views.delete(name);
    for (const view of shown)
        changes.look(view.balancer, view.members);
    show_overview(shown);
    const down = shown.flatMap((view) => view.members).filter((member) => member.actual === "down").length;
    set_text(document.querySelector("title"), `${down > 0 ? `${down} down, ` : ""}${location.host}: sticky balancer`);
}

const nothing = el("p", { class: "card" }, "This server has no balancer of mod_stickybalancer.");

function show_overview(shown) {
    set_hidden(by_id("overview"), shown.length < 2);
    set_children(by_id("overview").firstElementChild, shown.map((view) => link_to(view)));
}

function link_to(view) {
    if (!links.has(view.id))
        links.set(view.id, el("li", {}, el("a", { href: `#${view.id}` })));
    const down = view.members.filter((member) => member.actual === "down").length;
    const item = links.get(view.id);
    set_text(item.firstElementChild, `${view.balancer.label}${down > 0 ? `: ${down} down` : ""}`);
    return item;
}

by_id("unpin").addEventListener("click", () => guarded({ refresh }, unpin));
look_at_pin();
setInterval(() => document.hidden || show_life(), 1000);
poller.poke();
