// SPDX-License-Identifier: Apache-2.0
//
// The server, as this page knows it: the API below the same location, and nothing else.

const kPatience = 10000;
let ahead_by = 0; // of the server's clock, in ms

// Not document.baseURI: where that has a name and a password, Chromium asks for nothing that is relative to it.
const kPlace = location.origin + location.pathname;

// The server's time: what it says of "since" and "until" goes by that.
export const now = () => Date.now() + ahead_by;

// An answer that is an error. `message` is what the server says; 0: it does not answer.
export class Refusal extends Error {
    constructor(status, message) {
        super(message);
        this.status = status;
    }
}

// A slash in a member's name is part of the path, as it is.
const segment = (name) => encodeURIComponent(name).replaceAll("%2F", "/");

export const balancer_path = (balancer) => `balancers/${segment(balancer)}`;
export const sessions_path = (balancer) => `${balancer_path(balancer)}/sessions`;
export const member_path = (balancer, member) => `${balancer_path(balancer)}/members/${segment(member)}`;

export async function read(path, query = {}) {
    const answer = await ask("GET", path, { query });
    return { data: await json_of(answer), etag: answer.headers.get("ETag") };
}

// `body`: an object, or undefined. `etag`: what it was when it was shown; other than that, 412.
export async function write(method, path, { body, etag, query } = {}) {
    const headers = {};
    if (body !== undefined)
        headers["Content-Type"] = "application/json";
    if (etag)
        headers["If-Match"] = etag;
    const answer = await ask(method, path, { query, headers, body: body && JSON.stringify(body) });
    return answer.status === 204 ? null : json_of(answer);
}

async function ask(method, path, { query = {}, ...rest }) {
    const url = new URL(`api/v1/${path}`, kPlace);
    url.search = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
    const answer = await fetch(url, { method, cache: "no-store", signal: AbortSignal.timeout(kPatience), ...rest })
        .catch(() => { throw new Refusal(0, "The server does not answer."); });
    note_clock(answer.headers.get("Date"));
    if (!answer.ok)
        throw new Refusal(answer.status, await error_text(answer));
    return answer;
}

async function json_of(answer) {
    try {
        return await answer.json();
    } catch {
        throw new Refusal(0, "The server's answer broke off.");
    }
}

async function error_text(answer) {
    const body = await answer.json().catch(() => null);
    return typeof body?.error === "string" ? body.error : `${answer.status} ${answer.statusText}`.trim();
}

// Date has whole seconds, so a difference within one says nothing.
function note_clock(date) {
    const difference = Date.parse(date ?? "") - Date.now();
    if (Number.isFinite(difference) && Math.abs(difference - ahead_by) > 1500)
        ahead_by = difference;
}
