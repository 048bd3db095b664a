// SPDX-License-Identifier: Apache-2.0
//
// The last minutes of each member, kept in the page: sessions, and its share of the balancer's requests.

const kSamples = 300;      // one a second
const kShareSpan = 10;     // seconds over which a share is counted
const kForgetAfter = 60e3; // what is not shown any more, in ms

export class History {
    constructor() {
        this.tracks = new Map();
    }

    // One look at a balancer. `at`: the page's own clock.
    note(balancer, members, at) {
        for (const member of members)
            this.track(balancer.name, member.name).add({
                at, requests: member.totals.requests, all: balancer.totals.requests, sessions: member.sessions,
            });
    }

    forget(at) {
        for (const [key, track] of this.tracks)
            if (at - track.last.at > kForgetAfter)
                this.tracks.delete(key);
    }

    track(balancer, member) {
        const key = JSON.stringify([balancer, member]);
        if (!this.tracks.has(key))
            this.tracks.set(key, new Track());
        return this.tracks.get(key);
    }
}

class Track {
    constructor() {
        this.samples = [];
    }

    get last() {
        return this.samples[this.samples.length - 1];
    }

    add(sample) {
        if (this.last && sample.requests < this.last.requests)
            this.samples = []; // counted from anew
        sample.share = share_since(this.samples, sample);
        this.samples.push(sample);
        if (this.samples.length > kSamples)
            this.samples.shift();
    }

    // Null where nothing was asked of the balancer.
    shares() {
        return this.samples.map((sample) => sample.share);
    }
    sessions() {
        return this.samples.map((sample) => sample.sessions);
    }
}

function share_since(samples, sample) {
    const first = samples.find((old) => sample.at - old.at <= kShareSpan * 1000);
    const all = first ? sample.all - first.all : 0;
    return all > 0 ? Math.min(1, (sample.requests - first.requests) / all) : null;
}

export const kSpan = kSamples;
