// SPDX-License-Identifier: Apache-2.0
//
// Which members of a balancer are shown: a page of 50, by name, in the order of a column. The order is that of the
// moment when it was asked for: rows do not jump under the mouse while figures change.
//
// Only what is shown is asked for. A balancer of up to a page is known as a whole; of a larger one, a filter or an
// order needs one look at all members, and from then on those that are shown are asked for by their places: all at
// once where these are near to each other, else in turns.

import { balancer_path, read } from "./api.js";

export const kPage = 50;
const kChunk = 500;
const kRangesAtOnce = 8;
const kGap = 20; // members between two that are shown that are rather read, too, than asked for twice

const searched_text = (member) => `${member.name} ${member.label} ${member.address}`.toLowerCase();

export class MemberWindow {
    constructor() {
        this.filter = "";
        this.compare = null; // of two members; null: as configured
        this.page = 0;
        this.places = null;  // [{ name, place, member }] of a large balancer, filtered and in order
        this.turn = 0;
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
        const by_place = new Map(shown.map((entry) => [entry.place, entry]));
        let is_as_it_was = true;
        for (const [from, to] of this.next_ranges(shown)) {
            const members = await read_range(balancer.name, from, to - from + 1);
            for (let place = from; place <= to; ++place) {
                const [entry, member] = [by_place.get(place), members[place - from]];
                if (entry && entry.name === member?.name)
                    entry.member = member;
                else if (entry)
                    is_as_it_was = false;
            }
        }
        return is_as_it_was;
    }
    next_ranges(shown) {
        const ranges = ranges_of(shown.map(({ place }) => place));
        if (ranges.length <= kRangesAtOnce)
            return ranges;
        this.turn = this.turn < ranges.length ? this.turn : 0;
        const chosen = ranges.slice(this.turn, this.turn + kRangesAtOnce);
        this.turn += kRangesAtOnce;
        return chosen;
    }

    async find_places(balancer) {
        const all = await read_all(balancer);
        const found = all.map((member, place) => ({ name: member.name, place, member }))
            .filter(({ member }) => this.matches(member));
        return this.compare ? found.sort((a, b) => this.compare(a.member, b.member)) : found;
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

// [[first, last], ...]
function ranges_of(places) {
    const ranges = [];
    for (const place of [...places].sort((a, b) => a - b)) {
        const last = ranges[ranges.length - 1];
        if (last && place - last[1] <= kGap)
            last[1] = place;
        else
            ranges.push([place, place]);
    }
    return ranges;
}
