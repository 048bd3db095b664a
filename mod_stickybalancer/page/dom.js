// SPDX-License-Identifier: Apache-2.0
//
// Making and changing elements. What the server says becomes text, never markup: labels and names may be hostile.

function append(node, children) {
    for (const child of children.flat())
        if (child !== null && child !== undefined)
            node.append(child);
    return node;
}

function with_attributes(node, attributes) {
    for (const [name, value] of Object.entries(attributes))
        if (value === true)
            node.setAttribute(name, "");
        else if (value !== false && value !== null && value !== undefined)
            node.setAttribute(name, value);
    return node;
}

export function el(tag, attributes = {}, ...children) {
    return append(with_attributes(document.createElement(tag), attributes), children);
}

export function svg(tag, attributes = {}, ...children) {
    return append(with_attributes(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes), children);
}

export function button(text, attributes, on_click) {
    const node = el("button", { type: "button", ...attributes }, text);
    node.addEventListener("click", on_click);
    return node;
}

export const by_id = (id) => document.getElementById(id);

// Only what differs is touched: selections, focus and screen readers are left in peace.
export function set_text(node, text) {
    if (node.textContent !== text)
        node.textContent = text;
}

export function set_attribute(node, name, value) {
    if (value === null)
        node.removeAttribute(name);
    else if (node.getAttribute(name) !== String(value))
        node.setAttribute(name, value);
}

export function set_hidden(node, is_hidden) {
    if (node.hidden !== is_hidden)
        node.hidden = is_hidden;
}

// Makes `parent` hold exactly these nodes, in this order; those that are in place stay there.
export function set_children(parent, nodes) {
    const wanted = new Set(nodes);
    for (const node of [...parent.children])
        if (!wanted.has(node))
            node.remove();
    nodes.forEach((node, i) => {
        if (parent.children[i] !== node)
            parent.insertBefore(node, parent.children[i] ?? null);
    });
}
