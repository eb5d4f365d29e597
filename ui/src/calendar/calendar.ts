// A period of the calendar as the API tells it. Days and texts come from the server, which knows the clocks of every zone.
export type Kind = "window" | "freeze" | "plan" | "free";
export type Scale = "week" | "month";

export interface PlanInCalendar {
  name: string;
  state: string;
  outcome: string | null;
  told: string;
  owner: string;
  run: string | null;
  conflict: string;
  last_safe_start: string | null;
}

export interface Entry {
  kind: Kind;
  what: string;
  start: string;
  end: string | null;
  begins: string;
  ends: string;
  plan: PlanInCalendar | null;
}

export interface Day {
  date: string;
  begins: string;
  asked_for: boolean;
}

export interface Calendar {
  version: 1;
  environment: string;
  environments: string[];
  timezone: string;
  zone: string;
  scale: Scale;
  first: string;
  last: string;
  before: string;
  after: string;
  today: string;
  start: string;
  end: string;
  days: Day[];
  entries: Entry[];
  left_out: Partial<Record<Kind, number>>;
  without_opening: string[];
  any_time: string[];
}

export interface Slots {
  version: 1;
  plan: string;
  sentence: string;
  fits: boolean;
  slots: { opens: string; closes: string | null; last_safe_start: string | null; window: string | null; timezone: string; taken_by: string[] }[];
  left_out: number;
}

export const KINDS: Kind[] = ["window", "freeze", "plan", "free"];
export const TITLES: Record<Kind, string> = { window: "Windows", freeze: "Freezes", plan: "Releases", free: "Free slots" };

/** A sign for each kind and state, so that neither is told by its colour alone. */
export function signOf(entry: Entry): string {
  if (entry.kind !== "plan") return { window: "▭", freeze: "❄", free: "○" }[entry.kind];
  if (entry.plan?.conflict) return "⚠";
  const signs: Record<string, string> = { deploying: "▶", held: "‖", released: "✓", missed: "✗", ended: "■", approved: "●" };
  return signs[entry.plan?.state ?? ""] ?? "◇";
}

/** The plan's name and how it stands, the name of a window or freeze, or that nothing is planned. */
export function nameOf(entry: Entry): string {
  if (entry.kind === "free") return "free";
  if (entry.plan === null) return entry.what;
  return `${entry.plan.name}, ${entry.plan.state}`;
}

/** From `start` to `end` in hundredths of the way, cut at both ends; null when it lies outside. */
export function placeOf(entry: Entry, start: string, end: string): { left: number; width: number } | null {
  const [from, to] = [Date.parse(start), Date.parse(end)];
  const begin = Math.max(Date.parse(entry.start), from);
  const stop = Math.min(entry.end === null ? to : Date.parse(entry.end), to);
  if (begin >= to || stop <= from) return null;
  return { left: (100 * (begin - from)) / (to - from), width: (100 * Math.max(0, stop - begin)) / (to - from) };
}

/** The entries that go on at some time of the day that begins at `days[index]`. */
export function inDay(found: Calendar, index: number): Entry[] {
  const begins = found.days[index]?.begins ?? found.end;
  const ends = found.days[index + 1]?.begins ?? found.end;
  return found.entries.filter((entry) => placeOf(entry, begins, ends) !== null);
}

/** Rows in which no two entries overlap, so that each can be read and hit; each takes `shortest` milliseconds at least. */
export function rowsOf(entries: Entry[], shortest = 0): Entry[][] {
  const rows: { entries: Entry[]; until: number }[] = [];
  for (const entry of entries) {
    const start = Date.parse(entry.start);
    const until = entry.end === null ? Infinity : Math.max(Date.parse(entry.end), start + shortest);
    const row = rows.find((each) => each.until <= start);
    if (row) {
      row.entries.push(entry);
      row.until = until;
    } else rows.push({ entries: [entry], until });
  }
  return rows.map((row) => row.entries);
}

/** `Sat 28` of `2026-11-28`: a date is the same day everywhere. */
export function dayName(date: string, long = false): string {
  const options: Intl.DateTimeFormatOptions = long
    ? { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }
    : { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" };
  return new Intl.DateTimeFormat("en-GB", options).format(new Date(`${date}T00:00:00Z`));
}

/** The path of the request that these choices are. */
export function pathOf(chosen: URLSearchParams): string {
  const asked = new URLSearchParams();
  for (const name of ["environment", "scale", "around", "zone"]) {
    const value = chosen.get(name);
    if (value) asked.set(name, value);
  }
  const query = asked.toString();
  return query ? `calendar?${query}` : "calendar";
}

/** The viewer's own zone, as the browser knows it. */
export function myZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
