// What `GET /deployplan/api/v1/releases/PLAN/RUN` answers (docs/reference/api.md), and what its page makes of it. Nothing here draws.
import type { Row, Standing } from "../tonight.ts";

export interface PhaseTimes {
  number: number;
  name: string;
  state: "over" | "now" | "ahead" | "not needed" | "not reached";
  planned_begin: string | null;
  planned_end: string | null;
  began: string | null;
  ended: string | null;
}

export interface Cell {
  component: string;
  wave: number;
  standing: Standing;
  before?: string;
  now?: string;
  after?: string;
  words?: string;
  job?: string;
  step?: string;
  began?: string;
  ended?: string;
}

export interface NodeRow {
  node: string;
  cells: Cell[];
}

export interface Point {
  at: string;
  answer: string;
  phase: string;
  observed?: string;
  why?: string;
  value?: number;
}

export interface Series {
  node: string | null;
  points: Point[];
  least?: number;
  most?: number;
}

export interface Criterion {
  name: string;
  question: string;
  wanted: string;
  neighbour: boolean;
  seconds: number | null;
  least: number | null;
  most: number | null;
  series: Series[];
}

export interface Approval {
  seat: number;
  state: "asked" | "approved" | "rejected" | "expired";
  asked: string[];
  asked_at: string;
  at: string;
  person: string | null;
  why: string | null;
  digest: string;
  window: string | null;
}

export interface Message {
  to: string;
  moment: string;
  via: string;
  state: string;
  at: string;
  receipt: string | null;
}

export interface Backout {
  sentence: string;
  undoes: string[];
  until: string | null;
  authority: string[];
}

export interface Release extends Omit<Row, "lane" | "may"> {
  may: { answer?: boolean; stop?: boolean; back_out?: boolean; rerun?: boolean };
  choices: string[] | null;
  version: number;
  summary: string | null;
  previous: string | null;
  change: string | null;
  triggered_by: string | null;
  digest: string | null;
  entries: number;
  phases: PhaseTimes[];
  components: string[];
  matrix: NodeRow[];
  criteria: Criterion[];
  approvals: Approval[];
  messages: Message[];
  backout: Backout | null;
}

/** The sign of a standing: it is told by shape and word, and by colour only besides. */
export const SIGNS: Record<Standing, string> = {
  done: "✓",
  working: "◐",
  failed: "✕",
  unknown: "?",
  "left out": "⊘",
  undone: "↺",
  "not started": "○",
};

/** `12 s`, `3 min 5 s`, `1 h 2 min`: how long something took. */
export function length(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

/** How long a script ran, or has been running. */
export function duration(cell: Cell, now: Date): string | null {
  if (!cell.began) return null;
  const took = (cell.ended ? Date.parse(cell.ended) : now.getTime()) - Date.parse(cell.began);
  return cell.ended ? length(took) : `for ${length(took)}`;
}

/** `4.3.0 → 4.4.0, now 4.4.0`: the release before, the one that is to be, and the one that is there. */
export function versions(cell: Cell): string {
  const way = `${cell.before ?? "nothing known"} → ${cell.after ?? "?"}`;
  if (cell.now) return `${way}, now ${cell.now}`;
  return cell.standing === "working" ? `${way}, changing now` : `${way}, now not known`;
}

/** The rows that have a cell of this standing, and a node whose name has this text; without one or the other, all. */
export function chosen(rows: NodeRow[], standing: string, text: string): NodeRow[] {
  const wanted = text.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (!wanted || row.node.toLowerCase().includes(wanted)) &&
      (!standing || row.cells.some((cell) => cell.standing === standing)),
  );
}

const AMISS = new Set(["fail", "unknown"]);

/** What a series came to last: its answer in capitals when it is no pass. */
export function verdictOf(series: Series): string {
  const last = series.points.at(-1);
  if (!last) return "not read";
  return AMISS.has(last.answer) ? last.answer.toUpperCase() : last.answer;
}

/** Those of many series that are worth a line of their own: what did not pass, then the rest up to `most`. */
export function tellingFirst(series: Series[], most: number): { shown: Series[]; left: number } {
  const amiss = series.filter((each) => each.points.some((point) => AMISS.has(point.answer)));
  const rest = series.filter((each) => !amiss.includes(each));
  const shown = [...amiss, ...rest].slice(0, most);
  return { shown, left: series.length - shown.length };
}
