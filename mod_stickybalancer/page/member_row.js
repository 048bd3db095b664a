// SPDX-License-Identifier: Apache-2.0
//
// One member's row, with the row of its details below it. Made once and brought up to date in place, so that the
// focus stays where it is.

import { change_member, pin_to_member, remove_member } from "./actions.js";
import { kColumns } from "./columns.js";
import { Facts, member_facts } from "./details.js";
import { button, el, set_attribute, set_hidden, set_text } from "./dom.js";
import { is_pinned_to } from "./pins.js";

const kActions = [
    { kind: "ready", text: "Online" },
    { kind: "drain", text: "Drain" },
    { kind: "stopped", text: "Offline" },
    { kind: "weight", text: "Weight" },
];

export class MemberRow {
    // `context()`: what actions need to know of the balancer (actions.js)
    constructor(name, context, columns, id) {
        this.context = context;
        this.facts = new Facts();
        this.more = el("tr", { class: "more", role: "row", id, hidden: true },
            el("td", { role: "cell", colspan: columns.length }, this.facts.node));
        this.toggle = this.make_toggle(id);
        this.updates = [];
        this.buttons = [];
        this.node = el("tr", { role: "row", "data-member": name }, columns.map((column) => this.make_cell(column)));
    }

    make_toggle(id) {
        const toggle = button("", { class: "toggle", "aria-expanded": "false", "aria-controls": id }, () => {
            set_hidden(this.more, !this.more.hidden);
            set_attribute(toggle, "aria-expanded", String(!this.more.hidden));
            this.show_details();
        });
        toggle.append(el("span"));
        return toggle;
    }

    make_cell(column) {
        const cell = column.id === "name" ? el("th", { scope: "row", role: "rowheader" }) : el("td", { role: "cell" });
        set_attribute(cell, "data-column", column.id);
        set_attribute(cell, "data-label", column.title);
        if (column.id === "change")
            this.make_buttons(cell);
        else
            this.updates.push(column.make(cell, this));
        return cell;
    }

    make_buttons(cell) {
        const group = el("div", { class: "buttons", role: "group" });
        for (const action of kActions)
            group.append(this.make_button(action.kind, action.text, () => change_member(action.kind, this.member, this.context())));
        this.pin = this.make_button("pin", "Pin me", () => pin_to_member(this.member, this.context()));
        group.append(this.pin);
        this.remove = this.make_button("remove", "Remove", () => remove_member(this.member, this.context()));
        group.append(this.remove);
        this.group = group;
        cell.append(group);
    }
    // One that has nothing to do keeps its place, and the focus.
    make_button(kind, text, act) {
        const node = button(text, { "data-action": kind }, () => {
            if (node.getAttribute("aria-disabled") !== "true")
                act();
        });
        this.buttons.push({ node, kind, text });
        return node;
    }

    update(member, track) {
        this.member = member;
        for (const update of this.updates)
            update(member, { track });
        this.node.className = `${member.requested} ${member.actual}`;
        this.update_buttons(member);
        this.show_details();
    }

    update_buttons(member) {
        const name = member.label || member.name;
        for (const { node, kind, text } of this.buttons) {
            const is_so = kind === member.requested;
            set_attribute(node, "aria-label", `${text} ${name}`);
            set_attribute(node, "aria-pressed", is_so ? "true" : null);
            set_attribute(node, "aria-disabled", is_so && kind !== "drain" ? "true" : null); // a deadline may be changed
        }
        if (this.group)
            set_attribute(this.group, "aria-label", `Change ${name}`);
        if (this.remove)
            set_hidden(this.remove, !member.added);
        if (this.pin)
            this.update_pin(name);
    }
    update_pin(name) {
        const is_pinned = is_pinned_to(this.context().balancer.name, this.member.name);
        set_text(this.pin, is_pinned ? "Unpin me" : "Pin me");
        set_attribute(this.pin, "aria-label", is_pinned ? `Unpin this browser from ${name}` : `Pin this browser to ${name}`);
    }

    show_details() {
        if (!this.more.hidden)
            this.facts.show(member_facts(this.member));
    }
}

export const columns_for = (may_write) => kColumns.filter((column) => may_write || column.id !== "change");
