// Formatting numbers, instants and durations.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const whole = new Intl.NumberFormat(undefined);

export const number = (value) => whole.format(value);

export const timeOfDay = (milliseconds) => clock.format(milliseconds);

/** Date and time of day, without the date if it is the same as that of `now`. */
export function moment(milliseconds, now) {
  const time = clock.format(milliseconds);
  const date = day.format(milliseconds);
  return date === day.format(now) ? time : `${date}, ${time}`;
}

export function dateAndTime(milliseconds) {
  return `${new Date(milliseconds).toLocaleDateString(undefined, { weekday: "short", year: "numeric", month: "short", day: "numeric" })} ${clock.format(milliseconds)}`;
}

/** A duration in milliseconds as text. */
export function duration(milliseconds) {
  if (milliseconds < 0) return "0 s";
  if (milliseconds < 995) return `${milliseconds < 9.95 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 9.95 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (count >= 999.5 && unit < units.length - 1) {
    count /= 1000;
    unit += 1;
  }
  return `${unit && count < 9.95 ? count.toFixed(1) : Math.round(count)} ${units[unit]}`;
}

export const plural = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;
