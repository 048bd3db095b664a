// SPDX-License-Identifier: Apache-2.0
//
// Nothing is changed before somebody has read what will happen and said yes. <dialog> keeps the focus inside,
// gives it back to where it was, and closes at Escape.

import { button, el, set_text } from "./dom.js";

let serial = 0;

// plan: { title, lines: [text], fields: [{ name, label, value, ...attributes, hint }], yes, is_grave,
//         run: async (values) => undefined }
// `run` throws what could not be done; its message is shown, and the dialog stays. Resolves to whether it was done.
export function confirm(plan) {
    return new Promise((resolve) => new Confirmation(plan, resolve).open());
}

class Confirmation {
    constructor(plan, resolve) {
        this.plan = plan;
        this.resolve = resolve;
        this.id = `dialog-${++serial}`;
        this.is_done = false;
        this.problem = el("p", { class: "problem", role: "alert" });
        this.yes = el("button", { type: "submit", class: plan.is_grave ? "grave" : "main" }, plan.yes);
        this.no = button("Cancel", { "data-action": "cancel" }, () => this.node.close());
        this.node = this.make_node();
    }

    make_node() {
        const { title, lines, fields = [] } = this.plan;
        const form = el("form", { autocomplete: "off" },
            el("h2", { id: `${this.id}-title` }, title),
            el("div", { id: `${this.id}-text` }, lines.map((line) => el("p", {}, line))),
            fields.map((field, i) => this.make_field(field, `${this.id}-${i}`)),
            this.problem, el("div", { class: "choice" }, this.no, this.yes));
        form.addEventListener("submit", (event) => this.run(event));
        const node = el("dialog", { "aria-labelledby": `${this.id}-title`, "aria-describedby": `${this.id}-text` }, form);
        node.addEventListener("keydown", (event) => this.keep_focus(event));
        node.addEventListener("close", () => this.closed());
        return node;
    }

    make_field({ label, hint, ...attributes }, id) {
        const hint_id = hint ? `${id}-hint` : null;
        const input = el("input", { id, type: "text", spellcheck: "false", "aria-describedby": hint_id, ...attributes });
        return el("div", { class: "field" }, el("label", { for: id }, label), input,
            hint ? el("span", { id: hint_id, class: "muted" }, hint) : null);
    }

    open() {
        document.body.append(this.node);
        this.node.showModal();
        (this.node.querySelector("input") ?? this.yes).focus();
    }

    // Round and round, without a stop in the browser's own controls.
    keep_focus(event) {
        if (event.key !== "Tab")
            return;
        const stops = [...this.node.querySelectorAll("input, button")].filter((stop) => !stop.disabled);
        const [first, last] = [stops[0], stops[stops.length - 1]];
        if (document.activeElement === (event.shiftKey ? first : last)) {
            event.preventDefault();
            (event.shiftKey ? last : first).focus();
        }
    }

    async run(event) {
        event.preventDefault();
        if (this.yes.disabled)
            return;
        this.yes.disabled = true;
        set_text(this.problem, "");
        try {
            await this.plan.run(this.values());
            this.is_done = true;
            this.node.close();
        } catch (error) {
            set_text(this.problem, error.message);
            this.yes.disabled = false;
            this.yes.focus();
        }
    }
    values() {
        return Object.fromEntries([...this.node.querySelectorAll("input")].map((input) => [input.name, input.value.trim()]));
    }

    closed() {
        this.node.remove();
        this.resolve(this.is_done);
    }
}
