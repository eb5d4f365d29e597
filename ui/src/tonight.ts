// What `GET /deployplan/api/v1/tonight` answers (docs/reference/api.md), and what the page makes of it. Nothing here draws.

import { pageOf } from "./paths.ts";

export type Lane = "needs you" | "running" | "waiting" | "next 7 days" | "ended in 24 h";
export type Standing = "done" | "working" | "failed" | "unknown" | "left out" | "undone" | "not started";

export interface Question {
  task: string;
  people: string[];
  subject: string;
  until: string | null;
}

export interface Row {
  plan: string;
  run: string | null;
  lane: Lane;
  sentence: string;
  environment: string | null;
  product: string | null;
  release: string | null;
  owner: string | null;
  timezone: string;
  opens: string | null;
  closes: string | null;
  last_safe_start: string | null;
  ended: string | null;
  outcome: string | null;
  damaged: boolean;
  phase: { number: number; name: string } | null;
  wave: { number: number; of: number; title: string } | null;
  nodes: Partial<Record<Standing, number>>;
  troubled: string[];
  question: Question | null;
  seats: { taken: number; of: number; by: string[]; missing: string[] } | null;
  budget: { component: string; failed: number; allowed: number } | null;
  began: string | null;
  may: { answer?: boolean };
}

export interface Hold {
  by: string;
  reason: string;
  since: string;
  sentence: string;
}

export interface Tonight {
  version: number;
  hold: Hold | null;
  unread: number;
  rejected: number;
  lanes: Lane[];
  rows: Row[];
  may: { hold?: boolean };
}

export interface Filter {
  environment: string;
  product: string;
  person: string;
}

export const PHASES = ["review", "window", "deploy", "verify", "backout", "outcome"] as const;

/** The rows that a filter leaves; an empty word leaves all. A person is asked, owns, or has approved. */
export function filtered(rows: Row[], by: Filter): Row[] {
  return rows.filter(
    (row) =>
      (!by.environment || row.environment === by.environment) &&
      (!by.product || row.product === by.product) &&
      (!by.person || peopleOf(row).includes(by.person)),
  );
}

/** Everybody whom a row concerns. */
export function peopleOf(row: Row): string[] {
  const { question, seats, owner } = row;
  return [...new Set([...(question?.people ?? []), ...(seats?.by ?? []), ...(seats?.missing ?? []), ...(owner ? [owner] : [])])];
}

/** The words that a filter offers, each once, in order. */
export function words(rows: Row[], of: (row: Row) => (string | null)[]): string[] {
  return [...new Set(rows.flatMap(of).filter((word): word is string => !!word))].sort();
}

/** `Sat 22:40 CET`, in this zone; the day is left out of what is today. */
export function clock(instant: string, zone: string | undefined, now: Date): string {
  const at = new Date(instant);
  const day = (date: Date) => date.toLocaleDateString("en-CA", { timeZone: zone });
  const far = Math.abs(at.getTime() - now.getTime()) > 6 * DAY;
  return at.toLocaleString("en-GB", {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
    ...(day(at) === day(now) ? {} : far ? { day: "numeric", month: "short" } : { weekday: "short" }),
  });
}

/** The same with the zone's name, where the clock's own abbreviation is not that: `22:00 CET (Europe/Paris)`. */
export function zoned(instant: string, zone: string, now: Date): string {
  const told = clock(instant, zone, now);
  return told.endsWith(` ${zone}`) ? told : `${told} (${zone})`;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** How often a page looks at the clock, in milliseconds. */
export const TICK = 30_000;

/** `in 3 h 12 min`, `12 min ago`; `now` where a clock that is looked at every TICK cannot tell the one from the other. */
export function distance(instant: string, now: Date): string {
  const left = Date.parse(instant) - now.getTime();
  if (Math.abs(left) <= TICK) return "now";
  const minutes = Math.max(1, Math.round(Math.abs(left) / MINUTE));
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const parts = days ? [`${days} d`, hours ? `${hours} h` : ""] : hours ? [`${hours} h`, `${minutes % 60} min`] : [`${minutes} min`];
  const length = parts.filter(Boolean).join(" ");
  return left >= 0 ? `in ${length}` : `${length} ago`;
}

/** The instant that counts for a row, and what it is. */
export function deadline(row: Row): { what: string; at: string } | null {
  if (row.ended) return { what: "ended", at: row.ended };
  if (row.question?.until) return { what: "answer by", at: row.question.until };
  if (row.last_safe_start) return { what: "last safe start", at: row.last_safe_start };
  if (row.closes) return { what: "closes", at: row.closes };
  if (row.opens) return { what: "opens", at: row.opens };
  return null;
}

/** `1 release runs · 2 wait for you · next opening Sat 22:00 CET`. */
export function summary(found: Tonight, now: Date): string {
  const count = (lane: Lane) => found.rows.filter((row) => row.lane === lane).length;
  const running = found.rows.filter((row) => row.began && !row.ended).length;
  const parts = [running === 1 ? "1 release runs" : `${running || "no"} releases run`];
  const mine = count("needs you");
  parts.push(mine === 1 ? "1 waits for you" : `${mine || "none"} wait for you`);
  const next = found.rows.filter((row) => row.opens && Date.parse(row.opens) > now.getTime());
  next.sort((one, other) => Date.parse(one.opens ?? "") - Date.parse(other.opens ?? ""));
  const first = next[0];
  if (first?.opens) parts.push(`next opening ${zoned(first.opens, first.timezone, now)}`);
  return parts.join(" · ");
}

/** The path of our page of a row's run; of a plan without one, Airflow's. */
export function releaseOf(row: Row): string {
  return row.run ? pageOf("runs", row.plan, row.run) : pathOf(row);
}

/** The path of a row's page in Airflow: its run, else its plan. */
export function pathOf(row: Row): string {
  const plan = `/dags/${encodeURIComponent(row.plan)}`;
  return row.run ? `${plan}/runs/${encodeURIComponent(row.run)}` : plan;
}

/** The address of the page of the card that is open, for a phone too; it is none of Airflow's own. */
export function answerOf(row: Row): string | null {
  const path = `deployplan/m/${encodeURIComponent(row.plan)}/${encodeURIComponent(row.run ?? "")}`;
  return row.question && row.run ? new URL(path, document.baseURI).href : null;
}

/** Who must act, in the words of `deployplan status`: `waits for mia or olga (review.approve_1)`. */
export function waitsFor(asked: Question): string {
  return `waits for ${asked.people.join(" or ")} (${asked.task})`;
}

/** What may still go wrong, in the words of `deployplan status`: `1 of 2 left (web)`. */
export function budgetOf(row: Pick<Row, "budget" | "began">): string | null {
  const { budget, began } = row;
  return budget && began ? `${Math.max(0, budget.allowed - budget.failed)} of ${budget.allowed} left (${budget.component})` : null;
}

/** The path in Airflow of the card that is open. */
export function cardOf(row: Row): string | null {
  return row.question && row.run ? `${pathOf(row)}/tasks/${encodeURIComponent(row.question.task)}/required_actions` : null;
}
