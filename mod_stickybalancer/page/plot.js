// SPDX-License-Identifier: Apache-2.0
//
// A small line of the last minutes, newest at the right. The figure beside it says the same in words.

import { set_attribute, svg } from "./dom.js";
import { kSpan } from "./history.js";

const kWidth = 100;
const kHeight = 22;

export class Plot {
    constructor() {
        this.path = svg("path", { class: "line" });
        this.node = svg("svg", { class: "plot", viewBox: `0 0 ${kWidth} ${kHeight}`, preserveAspectRatio: "none",
            "aria-hidden": "true" }, svg("path", { class: "ground", d: `M0 ${kHeight - .5}H${kWidth}` }), this.path);
    }

    // `most`: what the top stands for; values may be null, which leaves a gap.
    show(values, most) {
        set_attribute(this.path, "d", path_of(values, most));
    }
}

function path_of(values, most) {
    const first = kSpan - values.length;
    let is_in_line = false;
    return values.map((value, i) => {
        if (value === null)
            return (is_in_line = false) || "";
        const x = ((first + i) / (kSpan - 1)) * kWidth;
        const y = kHeight - 1.5 - (value / Math.max(most, 1e-9)) * (kHeight - 3);
        const command = is_in_line ? "L" : "M";
        is_in_line = true;
        return `${command}${x.toFixed(1)} ${y.toFixed(1)}`;
    }).join("");
}
