// SPDX-License-Identifier: Apache-2.0
//
// What else is known of a member or a balancer: what its requests came by, and what went wrong.

import { el, set_text } from "./dom.js";
import { count, duration } from "./format.js";

const pairs = (numbers) => Object.entries(numbers).filter(([, number]) => number > 0)
    .map(([name, number]) => `${name} ${count(number)}`).join(", ") || "none";

function totals_facts({ requests, causes, cookies, failures, retried, queue, checks }) {
    return {
        "Requests": count(requests),
        "They came by": pairs(causes),
        "Their cookies": pairs(cookies),
        "Failures": pairs(failures),
        "Came after another member failed": count(retried),
        "Waited for their turn": `${count(queue.waits)}, ${duration(queue.wait_ms)} in sum; ${count(queue.lost)} in vain`,
        "Checks": `${count(checks.passed)} passed, ${count(checks.failed)} failed`,
    };
}

const limit_text = (number) => (number === 0 ? "none" : count(number));

export const member_facts = (member) => ({
    "URL": member.url,
    "Name": member.name,
    "Set": count(member.set),
    "Connections at one time": member.maxconn === 0 ? "no limit"
        : `${count(member.limit)} at this load (${count(member.minconn)} to ${count(member.maxconn)})`,
    "Sessions at most": limit_text(member.maxsessions),
    ...totals_facts(member.totals),
});

export const balancer_facts = (balancer) => ({
    "Name": balancer.url,
    "Policy": balancer.policy,
    "Clients are kept by": balancer.persistence.join(", ") || "nothing",
    "Lifetime": duration(balancer.lifetime_s * 1000),
    ...(balancer.table ? table_facts(balancer.table) : {}),
    ...totals_facts(balancer.totals),
});

const table_facts = ({ entries, room, ...events }) => ({
    "Table": `${count(entries)} sessions, room for ${count(room)}; ${pairs(events)}`,
});

// A list of facts, brought up to date in place.
export class Facts {
    constructor() {
        this.node = el("dl", { class: "facts" });
        this.values = new Map();
    }

    show(facts) {
        for (const [name, text] of Object.entries(facts))
            set_text(this.values.get(name) ?? this.add(name), text);
    }
    add(name) {
        const value = el("dd");
        this.values.set(name, value);
        this.node.append(el("div", {}, el("dt", {}, name), value));
        return value;
    }
}
