// SPDX-License-Identifier: Apache-2.0
//
// One balancer: its sums, its members' table, and the pages, filter and order of that table.

import { add_member } from "./actions.js";
import { balancer_facts, Facts } from "./details.js";
import { button, el, set_attribute, set_children, set_hidden, set_text } from "./dom.js";
import { count, several } from "./format.js";
import { columns_for, MemberRow } from "./member_row.js";
import { kPage, last_page, MemberWindow } from "./member_window.js";
import { set_shape } from "./states.js";

let serial = 0;

export class BalancerView {
    constructor(name, { may_write, history, refresh }) {
        Object.assign(this, { name, history, refresh });
        this.id = `balancer-${++serial}`;
        this.window = new MemberWindow();
        this.columns = columns_for(may_write);
        this.rows = new Map();
        this.sort = { id: null, is_down: false };
        this.facts = new Facts();
        this.node = this.make_node(may_write);
    }

    make_node(may_write) {
        this.title = el("h2", { id: `${this.id}-title`, tabindex: "-1" });
        this.subtitle = el("p", { class: "muted" });
        this.add = button("Add a member", { "data-action": "add", hidden: !may_write }, () => add_member(this.context()));
        return el("section", { class: "card balancer", id: this.id, "data-balancer": this.name, "aria-labelledby": `${this.id}-title` },
            el("div", { class: "head" }, el("div", {}, this.title, this.subtitle), this.make_filter(), this.add),
            el("div", { class: "scroll", role: "region", tabindex: "0", "aria-labelledby": `${this.id}-title` }, this.make_table()),
            this.make_pager(),
            el("details", {}, el("summary", {}, "Totals and settings"), this.facts.node));
    }

    make_filter() {
        const id = `${this.id}-filter`;
        this.filter = el("input", { id, type: "search", placeholder: "Name, label or address", spellcheck: "false" });
        this.filter.addEventListener("input", () => this.change({ filter: this.filter.value.trim() }));
        return el("div", { class: "filter" }, el("label", { for: id }, "Show only"), this.filter);
    }

    make_table() {
        this.heads = this.columns.map((column) => this.make_head(column));
        this.sum = this.make_sum();
        this.body = el("tbody", { role: "rowgroup" });
        return el("table", { class: "members", role: "table", "aria-labelledby": `${this.id}-title` },
            el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, this.heads)),
            el("tbody", { role: "rowgroup" }, this.sum.node), this.body);
    }

    make_head(column) {
        const head = el("th", { scope: "col", role: "columnheader", "data-column": column.id });
        if (column.compare)
            head.append(button(column.title, { class: "sort" }, () => this.sort_by(column)));
        else
            head.append(column.title);
        return head;
    }

    // The balancer's own line, as appliances have it above those of its servers.
    make_sum() {
        const cells = Object.fromEntries(this.columns.map((column) => [column.id, el(column.id === "name" ? "th" : "td", {
            role: column.id === "name" ? "rowheader" : "cell", scope: column.id === "name" ? "row" : null,
            "data-column": column.id, "data-label": column.title,
            class: ["active", "connecting", "queued", "sessions"].includes(column.id) ? "number" : null,
        })]));
        const [mark, word] = [el("span", { class: "mark" }), el("span", { class: "word" })];
        cells.actual.append(mark, word);
        return { node: el("tr", { class: "sum", role: "row" }, Object.values(cells)), cells, mark, word };
    }

    make_pager() {
        this.previous = button("Previous", { "data-action": "previous" }, () => this.turn(-1));
        this.next = button("Next", { "data-action": "next" }, () => this.turn(1));
        this.place = el("span", {});
        this.pager = el("nav", { class: "pager", "aria-label": `Pages of ${this.name}` }, this.previous, this.place, this.next);
        return this.pager;
    }

    turn(step) {
        if (this[step < 0 ? "previous" : "next"].getAttribute("aria-disabled") !== "true")
            this.change({ ...this.arrangement(), page: this.window.page + step }, false);
    }
    arrangement() {
        return { filter: this.window.filter, compare: this.window.compare };
    }

    sort_by(column) {
        const is_down = this.sort.id === column.id && !this.sort.is_down;
        this.sort = { id: column.id, is_down };
        this.heads.forEach((head) => set_attribute(head, "aria-sort",
            head.dataset.column === column.id ? (is_down ? "descending" : "ascending") : null));
        this.change({ compare: is_down ? (a, b) => column.compare(b, a) : column.compare });
    }

    change(settings, is_rearranged = true) {
        if (is_rearranged)
            this.window.change(settings);
        else
            this.window.page = settings.page;
        this.refresh();
    }

    context() {
        return { balancer: this.balancer, title: this.title, refresh: this.refresh };
    }

    // `balancer`: as it was answered, with or without members.
    async look(balancer) {
        const { members, matched } = await this.window.look(balancer);
        Object.assign(this, { balancer: { ...balancer, label: balancer.label || this.name }, members, matched });
        this.history.note(balancer, members, Date.now());
        this.show();
    }

    show() {
        set_text(this.title, this.balancer.label);
        set_text(this.subtitle, `${this.balancer.url} at ${this.balancer.host}, ${this.balancer.policy}, ` +
            several(this.balancer.member_count, "member"));
        this.show_sum();
        this.show_rows();
        this.show_pager();
        this.facts.show(balancer_facts(this.balancer));
    }

    show_sum() {
        const { balancer, sum: { cells, mark, word } } = this;
        set_text(cells.name, balancer.label);
        set_text(cells.address, balancer.host);
        for (const id of ["active", "connecting", "queued"])
            set_text(cells[id], count(balancer[id]));
        set_text(cells.sessions, balancer.sessions_kind === "none" ? "–"
            : (balancer.sessions_kind === "estimate" ? "~ " : "") + count(balancer.sessions));
        set_shape(mark, balancer.taking_count > 0 ? "up" : "down");
        set_text(word, `${count(balancer.taking_count)} of ${count(balancer.member_count)} take new clients`);
    }

    show_rows() {
        const rows = this.members.map((member) => this.row(member));
        set_children(this.body, rows.flatMap((row) => [row.node, row.more]));
        const shown = new Set(this.members.map((member) => member.name));
        for (const name of this.rows.keys())
            if (!shown.has(name))
                this.rows.delete(name);
    }
    row(member) {
        if (!this.rows.has(member.name))
            this.rows.set(member.name, new MemberRow(member.name, () => this.context(), this.columns, `more-${++serial}`));
        const row = this.rows.get(member.name);
        row.update(member, this.history.track(this.name, member.name));
        return row;
    }

    show_pager() {
        const pages = last_page(this.matched) + 1;
        const first = this.window.page * kPage;
        set_hidden(this.pager, pages === 1 && !this.window.filter);
        set_text(this.place, this.matched === 0 ? "No member matches" : `${count(first + 1)} to ` +
            `${count(first + this.members.length)} of ${count(this.matched)}`);
        set_attribute(this.previous, "aria-disabled", this.window.page === 0 ? "true" : null);
        set_attribute(this.next, "aria-disabled", this.window.page + 1 >= pages ? "true" : null);
    }
}
