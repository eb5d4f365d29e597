// What `GET /deployplan/api/v1/nodes` answers (docs/reference/api.md), and what the page makes of it. Nothing here draws.

export interface Installed {
  product: string;
  component: string;
  version: string;
  event: string;
  run: string;
  plan: string;
  since: string;
  verified: boolean;
  verified_by: string | null;
  sentence: string;
}

export interface RunSeen {
  plan: string;
  run: string;
  product: string;
  release: string | null;
  outcome: string | null;
  at: string | null;
}

export interface NodeRow {
  environment: string;
  node: string;
  timezone: string;
  declared: boolean;
  state: string;
  why: string | null;
  last: RunSeen | null;
  installed: Installed[];
  holder: { plan: string; run: string; since: string; frozen: string | null; sentence: string } | null;
  jobs: { job: string; component: string; step: string; since: string; plan: string }[];
  next: { plan: string; release: string | null; opens: string } | null;
  problems: { plan: string; run: string; sentence: string }[];
  hidden: number;
  drained: string | null;
}

export interface Reading {
  version: number;
  unread: number;
  older: number;
  broken: Record<string, string>;
}

export interface Nodes extends Reading {
  total: number;
  matching: number;
  next: string | null;
  choices: { environment: string[]; product: string[]; state: string[]; holder: string[] };
  rows: NodeRow[];
}

export interface Result {
  component: string;
  standing: string;
  why: string | null;
  job: string | null;
  step: string | null;
  began: string | null;
  ended: string | null;
  seconds: number | null;
  exit: number | null;
}

export interface NodeRun extends RunSeen {
  standing: string | null;
  results: Result[];
  problem: string | null;
}

export interface NodeStory extends Reading {
  node: NodeRow;
  runs: NodeRun[];
  matching: number;
  next: string | null;
}

/** What the API asks for, and the address keeps. */
export const WORDS = ["environment", "product", "state", "holder", "verified", "q"] as const;

/** The query of the API for what the address says. */
export function queryOf(said: URLSearchParams, more: Record<string, string> = {}, words: readonly string[] = WORDS): string {
  const query = new URLSearchParams();
  for (const word of words) {
    const value = said.get(word);
    if (value) query.set(word, value);
  }
  for (const [word, value] of Object.entries(more)) if (value) query.set(word, value);
  return query.toString();
}

/** A sign for each state beside its word: nobody has to see colours. */
export const SIGNS: Record<string, string> = {
  done: "✓",
  working: "▶",
  failed: "✗",
  unknown: "?",
  "left out": "–",
  undone: "↩",
  "not started": "○",
  "nothing recorded": "○",
  "not known": "!",
};

/** `4 s`, `3 min 20 s`, `1 h 5 min`. */
export function length(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours) return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
  return rest ? `${minutes} min ${rest} s` : `${minutes} min`;
}
