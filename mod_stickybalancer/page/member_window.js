// SPDX-License-Identifier: Apache-2.0
//
// Which members of a balancer are shown: a page of 50, by name, in the order of a column. The order is that of the
// moment when it was asked for: rows do not jump under the mouse while figures change.
//
// Only what is shown is asked for. A balancer of up to a page is known as a whole; of a larger one, a filter or an
// order needs one look at all members, and from then on those that are shown are asked for by their places.

import { balancer_path, read } from "./api.js";

export const kPage = 50;
const kChunk = 500;
const kRangesAtOnce = 6;

const searched_text = (member) => `${member.name} ${member.label} ${member.address}`.toLowerCase();

export class MemberWindow {
    constructor() {
        this.filter = "";
        this.compare = null; // of two members; null: as configured
        this.page = 0;
        this.places = null;  // [{name, place}] of a large balancer, filtered and in order
        this.ranks = null;   // name -> rank, of a small one
    }

    // The first page as configured: what one call for all balancers answers.
    get is_plain() {
        return this.page === 0 && !this.is_arranged;
    }
    get is_arranged() {
        return this.filter !== "" || this.compare !== null;
    }

    change(settings) {
        Object.assign(this, { page: 0, ...settings });
        this.places = null;
        this.ranks = null;
    }

    // { members, matched }: those of this page, and how many there are on all pages.
    async look(balancer) {
        if (balancer.member_count <= kPage)
            return this.arranged(balancer.members ?? await read_range(balancer.name, 0, kPage));
        if (this.is_plain && balancer.members)
            return { members: balancer.members, matched: balancer.member_count };
        return this.is_arranged ? this.look_by_places(balancer) : this.look_by_range(balancer);
    }

    arranged(all) {
        const members = all.filter((member) => this.matches(member));
        if (this.compare && !this.ranks)
            this.ranks = new Map([...members].sort(this.compare).map((member, i) => [member.name, i]));
        if (this.ranks)
            members.sort((a, b) => this.rank(a) - this.rank(b));
        return { members, matched: members.length };
    }
    rank(member) {
        return this.ranks.get(member.name) ?? this.ranks.size;
    }
    matches(member) {
        return searched_text(member).includes(this.filter.toLowerCase());
    }

    async look_by_range(balancer) {
        this.page = Math.min(this.page, last_page(balancer.member_count));
        const members = await read_range(balancer.name, this.page * kPage, kPage);
        return { members, matched: balancer.member_count };
    }

    async look_by_places(balancer) {
        this.places ??= await this.find_places(balancer);
        this.page = Math.min(this.page, last_page(this.places.length));
        const shown = this.places.slice(this.page * kPage, (this.page + 1) * kPage);
        const members = await read_places(balancer.name, shown);
        const is_as_it_was = members.every((member, i) => member?.name === shown[i].name);
        if (is_as_it_was)
            return { members, matched: this.places.length };
        this.places = null; // somebody added or removed one: look again at the next round
        return { members: members.filter((member) => member), matched: members.length };
    }

    async find_places(balancer) {
        const all = await read_all(balancer);
        all.forEach((member, place) => { member.place = place; });
        const found = all.filter((member) => this.matches(member));
        if (this.compare)
            found.sort(this.compare);
        return found.map(({ name, place }) => ({ name, place }));
    }
}

export const last_page = (count) => Math.max(0, Math.ceil(count / kPage) - 1);

async function read_range(balancer, from, count) {
    const { data } = await read(balancer_path(balancer), { from, count });
    return data.members;
}

async function read_all(balancer) {
    const all = [];
    while (all.length < balancer.member_count) {
        const chunk = await read_range(balancer.name, all.length, kChunk);
        if (chunk.length === 0)
            break;
        all.push(...chunk);
    }
    return all;
}

async function read_places(balancer, shown) {
    const found = new Map();
    for (const [from, to] of ranges_of(shown.map(({ place }) => place)))
        (await read_range(balancer, from, to - from + 1)).forEach((member, i) => found.set(from + i, member));
    return shown.map(({ place }) => found.get(place));
}

// Few ranges that cover all places: those with the widest gaps between them.
function ranges_of(places) {
    const sorted = [...places].sort((a, b) => a - b);
    const gaps = sorted.slice(1).map((place, i) => place - sorted[i]).sort((a, b) => b - a);
    const widest = Math.max(1, gaps[kRangesAtOnce - 1] ?? 1);
    return sorted.reduce((ranges, place) => {
        const last = ranges[ranges.length - 1];
        if (last && place - last[1] <= widest)
            last[1] = place;
        else
            ranges.push([place, place]);
        return ranges;
    }, []);
}
