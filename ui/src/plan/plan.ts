// A plan as the API tells it; every text is text, whatever stands in it.
export interface Finding {
  path: string;
  line: number;
  column: number;
  rule: string;
  severity: "error" | "warning";
  message: string;
  hint: string | null;
  snippet: string[];
}

export interface Span {
  text: string;
  as: "text" | "code" | "strong";
}

export type Block =
  | { kind: "heading"; level: number; spans: Span[] }
  | { kind: "paragraph"; spans: Span[] }
  | { kind: "list"; ordered: boolean; items: Span[][] }
  | { kind: "table"; head: Span[][]; rows: Span[][][] }
  | { kind: "code"; text: string };

export interface PlanLine {
  plan: string;
  product: string;
  release: string;
  environment: string;
  owner: string;
  summary: string;
  digest: string;
  errors: number | null;
  warnings: number | null;
}

export interface Plan extends PlanLine {
  version: 1;
  verdict: string;
  work: string;
  against: { told: string; digest: string | null; lines: string[]; left_out: number };
  findings: Finding[] | null;
  page: Block[];
}

export interface Plans {
  version: 1;
  plans: PlanLine[];
}

export interface Rejected {
  version: 1;
  files: { path: string; plan: string | null; findings: Finding[]; left_out: number }[];
  left_out: number;
}

/** `2 errors, 1 warning`, as `deployplan lint` counts; what is not known yet is said to be so. */
export function counted(errors: number | null, warnings: number | null): string {
  if (errors === null || warnings === null) return "not known yet";
  const parts = [
    errors > 0 && `${errors} error${errors === 1 ? "" : "s"}`,
    warnings > 0 && `${warnings} warning${warnings === 1 ? "" : "s"}`,
  ].filter(Boolean);
  return parts.join(", ") || "no problems";
}
