// SPDX-License-Identifier: Apache-2.0
//
// Numbers and times as operators read them. Times are the server's; `now` is, too (api.js).

const numbers = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const hours = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

export const count = (number) => numbers.format(number);

export const several = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

// "36 %", "0.4 %"
export const percent = (share) => `${share === 0 || share >= .1 ? Math.round(share * 100) : (share * 100).toFixed(1)} %`;

// "45 s", "12 min", "1 h 59 min", "3 d 4 h"
export function duration(ms) {
    const seconds = Math.max(0, Math.round(ms / 1000));
    if (seconds < 100)
        return `${seconds} s`;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60)
        return `${minutes} min`;
    return minutes < 48 * 60 ? parts(minutes, 60, "h", "min") : parts(Math.floor(minutes / 60), 24, "d", "h");
}

function parts(small, size, big_unit, small_unit) {
    const rest = small % size;
    const whole = `${Math.floor(small / size)} ${big_unit}`;
    return rest === 0 ? whole : `${whole} ${rest} ${small_unit}`;
}

// "14:01:30", or "22 Nov, 14:01" where that is more than half a day away
export function clock(time, now) {
    const at = Date.parse(time);
    return Math.abs(at - now) < 12 * 3600e3 ? hours.format(at) : days.format(at);
}

export const ago = (time, now) => `${duration(now - Date.parse(time))} ago`;
export const ahead = (time, now) => `in ${duration(Date.parse(time) - now)}`;
