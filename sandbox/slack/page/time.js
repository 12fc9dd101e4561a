/** Times as Slack writes them, in the browser's own zone and language. */

/** @param {string} ts  Slack's message time: seconds and a counter, "1763900000.000100" */
export const dateOf = (ts) => new Date(Number(ts) * 1000);

/** @param {Date} date */
export const clock = (date) => date.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });

/** @param {Date} date */
export const dayKey = (date) => `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;

/** @param {Date} date */
function dayName(date) {
  const now = new Date();
  if (dayKey(date) === dayKey(now)) return "Today";
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (dayKey(date) === dayKey(yesterday)) return "Yesterday";
  const tomorrow = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
  return dayKey(date) === dayKey(tomorrow) ? "Tomorrow" : "";
}

/** @param {Date} date */
export function dayLabel(date) {
  const named = dayName(date);
  if (named) return named;
  return date.toLocaleDateString([], { weekday: "long", month: "long", day: "numeric" });
}

/** @param {Date} date */
export const fullTime = (date) => date.toLocaleString([], { dateStyle: "full", timeStyle: "medium" });

/** @param {Date} date */
export function ago(date) {
  const seconds = (Date.now() - date.getTime()) / 1000;
  /** @type {[number, Intl.RelativeTimeFormatUnit][]} */
  const steps = [
    [31_536_000, "year"],
    [2_592_000, "month"],
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
  ];
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const [size, unit] of steps) {
    if (Math.abs(seconds) >= size) return words.format(-Math.round(seconds / size), unit);
  }
  return seconds >= 0 ? "just now" : "in a moment";
}

/** @type {Record<string, (date: Date) => string>} */
const TOKENS = {
  date_num: (date) =>
    [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((n) => String(n).padStart(2, "0")).join("-"),
  date: (date) => date.toLocaleDateString([], { month: "long", day: "numeric", year: "numeric" }),
  date_short: (date) => date.toLocaleDateString([], { month: "short", day: "numeric", year: "numeric" }),
  date_long: (date) => date.toLocaleDateString([], { dateStyle: "full" }),
  date_pretty: (date) => dayName(date).toLowerCase() || TOKENS.date(date),
  date_short_pretty: (date) => dayName(date).toLowerCase() || TOKENS.date_short(date),
  date_long_pretty: (date) => dayName(date).toLowerCase() || TOKENS.date_long(date),
  day_divider_pretty: dayLabel,
  time: clock,
  time_secs: (date) => date.toLocaleTimeString([], { hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago,
};

/**
 * Fills a date format such as `{date_short_pretty} at {time}`.
 * Tokens: docs.slack.dev/messaging/formatting-message-text#date-formatting.
 * @param {number} unix  seconds
 * @param {string} format
 * @param {string} fallback  for what is no time
 */
export function slackDate(unix, format, fallback) {
  const date = new Date(unix * 1000);
  if (Number.isNaN(date.getTime())) return fallback;
  return format.replace(/\{(\w+)\}/g, (whole, token) => TOKENS[token]?.(date) ?? whole);
}
