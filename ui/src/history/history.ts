// What `GET /deployplan/api/v1/history` and `/history/current` answer (docs/reference/api.md). Nothing here draws.

export interface EndedRun {
  plan: string;
  run: string;
  environment: string;
  product: string;
  release: string | null;
  previous: string | null;
  timezone: string;
  outcome: string;
  released: boolean;
  because: string | null;
  began: string;
  ended: string;
  pace: { seconds: number; usual: number | null; runs: number; sentence: string } | null;
  summary: string | null;
  reason: string | null;
  author: string | null;
  triggered_by: string | null;
  approved_by: string[];
  tickets: string[];
  features: Record<string, string>;
  nodes: string[];
  node_count: number;
  problem: string | null;
}

export interface Ended {
  version: number;
  older: number;
  next: string | null;
  cut: boolean;
  choices: { environment: string[]; product: string[]; outcome: string[] };
  runs: EndedRun[];
}

export interface Current {
  environment: string;
  product: string;
  since: EndedRun | null;
  later: EndedRun | null;
  doubt: boolean;
  hidden: boolean;
}

export interface Missed {
  plan: string;
  environment: string;
  owner: string;
  reason: string;
  run: string | null;
  what_became_of_it: string;
}

export interface Now {
  version: number;
  current: Current[];
  missed: Missed[];
  reading: boolean;
  problem: string | null;
}

/** Where a text may be looked for alone. */
export const WITHIN = ["ticket", "feature", "person", "node"];
/** What the API asks for, and the address keeps. */
export const WORDS = ["environment", "product", "outcome", "q", "within", "after"] as const;

/** A grid: the cell of each product in each environment, if there is one. */
export function gridOf(current: Current[]): { environments: string[]; rows: { product: string; cells: (Current | undefined)[] }[] } {
  const environments = [...new Set(current.map((each) => each.environment))].sort();
  const products = [...new Set(current.map((each) => each.product))].sort();
  const cell = (product: string, environment: string) =>
    current.find((each) => each.product === product && each.environment === environment);
  return { environments, rows: products.map((product) => ({ product, cells: environments.map((each) => cell(product, each)) })) };
}

/** `backed_out` as people read it. */
export function outcomeWords(outcome: string): string {
  return outcome.replaceAll("_", " ");
}

const GOOD = new Set(["success", "nothing_to_do"]);
const BAD = new Set(["backout_failed", "left_drained", "unknown"]);

/** A sign beside the word of an outcome. */
export function signOf(outcome: string): string {
  if (GOOD.has(outcome)) return "✓";
  if (BAD.has(outcome)) return "!";
  return outcome === "success_with_issues" ? "~" : outcome === "backed_out" ? "↩" : "✗";
}
