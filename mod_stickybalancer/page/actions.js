// SPDX-License-Identifier: Apache-2.0
//
// What can be done to a member or a balancer. Each is planned on a fresh look at the member, says what will happen,
// and is refused by the server (412) where somebody else has changed the member since that look.

import { balancer_path, member_path, now, read, Refusal, write } from "./api.js";
import { confirm } from "./dialog.js";
import { clock, count, several } from "./format.js";
import { reason_text, sessions_text } from "./states.js";
import { hush, tell } from "./changes.js";
import { is_pinned_to, pin_plan, unpin } from "./pins.js";

const name_of = (member) => member.label || member.name;

const is_last = (member, context) => member.taking && context.balancer.taking_count === 1;

const last_line = (member, context) =>
    is_last(member, context) ? `No other member of ${context.balancer.label} takes new clients: they will get an error.` : "";

function end_of_sessions(member) {
    if (member.sessions === 0)
        return "";
    const end = member.sessions_end === null ? "" : `, until ${clock(member.sessions_end, now())} if nobody comes again`;
    return `It keeps ${sessions_text(member)}${end}.`;
}

const plans = {
    ready: (member) => ({
        title: `Take ${name_of(member)} online?`,
        lines: [
            member.weight > 0 ? `It takes new clients again, with weight ${count(member.weight)}.`
                : "Its weight is 0: it takes its bound clients only.",
            member.actual === "up" ? "" : `It is ${member.actual} (${reason_text(member)}), and gets nobody before it is up.`,
        ],
        yes: "Take online",
        change: () => ({ requested: "ready" }),
        done: `${name_of(member)} is online.`,
    }),
    drain: (member, context) => ({
        title: `Drain ${name_of(member)}?`,
        lines: [
            "It gets no new clients from now on. Those that are bound to it stay until their sessions end.",
            end_of_sessions(member),
            last_line(member, context),
        ],
        fields: [{
            name: "deadline", label: "Deadline, after which they are moved to other members",
            placeholder: "none", hint: "Such as 30min or 2h; empty: as configured",
        }],
        yes: "Drain",
        change: ({ deadline }) => ({ requested: "drain", deadline: deadline || null }),
        done: `${name_of(member)} is draining.`,
    }),
    stopped: (member, context) => ({
        title: `Take ${name_of(member)} offline?`,
        lines: [
            "It gets no request from now on, from nobody. What is under way there is finished" +
                (member.active > 0 ? ` (${several(member.active, "request")}).` : "."),
            member.sessions > 0 ? `Its clients (${sessions_text(member)}) go to other members and may have to log in again. ` +
                "To let them finish first, drain it." : "",
            last_line(member, context),
        ],
        yes: "Take offline", is_grave: true,
        change: () => ({ requested: "stopped" }),
        done: `${name_of(member)} is offline.`,
    }),
    weight: (member) => ({
        title: `Weight of ${name_of(member)}`,
        lines: [`Its share of new clients, against the weights of the others. It is ${count(member.weight)} now; ` +
            "0 means bound clients only. Clients that are bound stay where they are."],
        fields: [{
            name: "weight", label: "Weight", value: String(member.weight), type: "number", min: "0", max: "256",
            step: "0.01", required: true, inputmode: "decimal",
        }],
        yes: "Set weight",
        change: ({ weight }) => ({ weight: Number(weight) }),
        done: `The weight of ${name_of(member)} is changed.`,
    }),
};

// Reads the member again, asks, and does it. `context`: { balancer, title, refresh }.
export async function change_member(kind, shown, context) {
    await guarded(context, async () => {
        const path = member_path(context.balancer.name, shown.name);
        const { data: member, etag } = await read(path);
        const { change, done, ...plan } = plans[kind](member, context);
        plan.lines = plan.lines.filter((line) => line !== "");
        plan.run = (values) => changed_elsewhere(context, () => write("PATCH", path, { body: change(values), etag }));
        if (await confirm(plan))
            tell(done);
    });
}

// Leads this browser to the member, or not any more.
export async function pin_to_member(shown, context) {
    await guarded(context, async () => {
        if (is_pinned_to(context.balancer.name, shown.name))
            return unpin();
        const path = member_path(context.balancer.name, shown.name);
        const { data: member, etag } = await read(path);
        const { done, run, ...plan } = pin_plan(member, context, path);
        plan.lines = plan.lines.filter((line) => line !== "");
        plan.run = (values) => changed_elsewhere(context, () => run(values, etag));
        if (await confirm(plan))
            tell(done());
    });
}

export async function remove_member(shown, context) {
    await guarded(context, async () => {
        const path = member_path(context.balancer.name, shown.name);
        const { data: member, etag } = await read(path);
        const is_done = await confirm({
            title: `Remove ${name_of(member)}?`,
            lines: [`${member.url} was added at run time. It is taken out of ${context.balancer.label}, for good: ` +
                "a restart does not bring it back.",
                member.sessions > 0 ? `Its clients (${sessions_text(member)}) go to other members.` : "",
                last_line(member, context)].filter((line) => line !== ""),
            yes: "Remove", is_grave: true,
            run: () => changed_elsewhere(context, () => write("DELETE", path, { etag })),
        });
        if (!is_done)
            return;
        context.title.focus(); // the button goes with its row
        tell(`${name_of(member)} is removed.`);
    });
}

export async function add_member(context) {
    await guarded(context, async () => {
        const is_done = await confirm({
            title: `Add a member to ${context.balancer.label}`,
            lines: ["It takes part at once, and restarts keep it."],
            fields: [
                { name: "url", label: "Address", placeholder: "http://192.0.2.13:8080", required: true, inputmode: "url" },
                { name: "route", label: "Route", hint: "Its name in cookies; empty: none" },
                { name: "weight", label: "Weight", value: "1", type: "number", min: "0", max: "256", step: "0.01", required: true },
            ],
            yes: "Add",
            run: ({ url, route, weight }) => write("POST", `${balancer_path(context.balancer.name)}/members`,
                { body: { url, weight: Number(weight), ...(route ? { route } : {}) } }),
        });
        if (is_done)
            tell(`A member was added to ${context.balancer.label}.`);
    });
}

// 412: what was said in the dialog is not true any more.
async function changed_elsewhere(context, request) {
    try {
        await request();
    } catch (error) {
        if (error.status !== 412)
            throw error;
        context.refresh();
        throw new Refusal(412, "Somebody else has changed it meanwhile, so nothing was done. " +
            "Cancel, and look at it as it is now.");
    }
}

export async function guarded(context, action) {
    hush();
    try {
        await action();
    } catch (error) {
        tell(error.message, true);
    }
    context.refresh();
}
