// SPDX-License-Identifier: Apache-2.0
//
// Asks once a second while the page can be seen. A server that does not answer is asked less and less often.

const kInterval = 1000;
const kLongest = 15000;

export class Poller {
    // `task`: one round; it throws where the server is away.
    constructor(task) {
        this.task = task;
        this.timer = null;
        this.is_running = false;
        this.is_wanted_again = false;
        this.failures = 0;
        this.last_seen = null; // when the server last answered, by the page's own clock
        this.next_at = null;
        this.error = null;
        document.addEventListener("visibilitychange", () => this.poke());
    }

    // Now, whatever the interval says: after a change, or when the page comes to sight.
    poke() {
        clearTimeout(this.timer);
        if (this.is_running)
            this.is_wanted_again = true;
        else if (!document.hidden)
            this.run();
    }

    async run() {
        this.is_running = true;
        await this.one_round();
        this.is_running = false;
        if (document.hidden)
            return;
        const delay = this.is_wanted_again ? 0 : this.delay();
        this.is_wanted_again = false;
        this.next_at = Date.now() + delay;
        this.timer = setTimeout(() => this.run(), delay);
    }

    async one_round() {
        try {
            await this.task();
            this.failures = 0;
            this.error = null;
            this.last_seen = Date.now();
        } catch (error) {
            this.failures += 1;
            this.error = error;
        }
    }

    delay() {
        return this.failures === 0 ? kInterval : Math.min(kLongest, kInterval * 2 ** (this.failures - 1));
    }
}
