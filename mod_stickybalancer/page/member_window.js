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

const searched_text = (member) => `${member.name} ${member.label} ${member.address}`.toLowerCase();

export class MemberWindow {
    constructor() {
        this.filter = "";
        this.compare = null; // of two members; null: as configured
        this.page = 0;
        this.places = null;  // [{ name, place, member }] of a large balancer, filtered and in order
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
        const matched = this.places.length;
        if (!await this.read_again(balancer, shown))
            this.places = null; // somebody added or removed one: look at all of them in the next round
        return { members: shown.map(({ member }) => member), matched };
    }

    // False: they are not where they were.
    async read_again(balancer, shown) {
        if (shown.length === 0)
            return true;
        const by_place = [...shown].sort((a, b) => a.place - b.place);
        const members = await read_members(balancer.name, { at: by_place.map(({ place }) => place).join(",") });
        if (by_place.some(({ name }, i) => name !== members[i]?.name))
            return false;
        by_place.forEach((entry, i) => { entry.member = members[i]; });
        return true;
    }

    async find_places(balancer) {
        const all = await read_all(balancer);
        const found = all.map((member, place) => ({ name: member.name, place, member }))
            .filter(({ member }) => this.matches(member));
        return this.compare ? found.sort((a, b) => this.compare(a.member, b.member)) : found;
    }
}

export const last_page = (count) => Math.max(0, Math.ceil(count / kPage) - 1);

async function read_members(balancer, query) {
    const { data } = await read(balancer_path(balancer), query);
    return data.members;
}
const read_range = (balancer, from, count) => read_members(balancer, { from, count });

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
