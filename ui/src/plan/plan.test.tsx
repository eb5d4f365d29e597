import { ChakraProvider, defaultSystem } from "@chakra-ui/react";
import { cleanup, render, screen } from "@testing-library/react";
import { MemoryRouter, Route, Routes } from "react-router-dom";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { PlanPage, PlanTab } from "./PlanPage.tsx";
import { PlansPage } from "./PlansPage.tsx";
import { counted, type Finding, type Plan } from "./plan.ts";

const HOSTILE = "<img src=x onerror='globalThis.harmed=1'>";
const finding: Finding = {
  path: "plans/bad.yaml",
  line: 3,
  column: 1,
  rule: "unknown-key",
  severity: "error",
  message: HOSTILE,
  hint: "did you mean approval?",
  snippet: ["3 | approvel: {}", "  | ^~~~~~~~"],
};
const line = { plan: "own", product: "shop", release: "2", environment: "production", owner: "erin", summary: HOSTILE, digest: "abc", errors: 0, warnings: 1 };
const plan: Plan = {
  version: 1,
  ...line,
  verdict: "closed: window 'release window' opens 2026-11-28 22:00 UTC",
  work: "at most 10m",
  against: { told: "run run-1, which is under way", digest: "def", lines: ["scope.summary: 'a' → 'b'"], left_out: 0 },
  findings: [{ ...finding, severity: "warning" }],
  page: [
    { kind: "heading", level: 1, spans: [{ text: "own", as: "text" }] },
    { kind: "list", ordered: false, items: [[{ text: HOSTILE, as: "strong" }]] },
    { kind: "table", head: [[{ text: "what", as: "text" }]], rows: [[[{ text: "./up.sh", as: "code" }]]] },
    { kind: "code", text: "exit 0" },
  ],
};

beforeEach(() =>
  vi.stubGlobal("fetch", async (url: string) => {
    const told = url.endsWith("/rejected-plans")
      ? { version: 1, files: [{ path: "plans/bad.yaml", plan: "bad", findings: [finding], left_out: 0 }], left_out: 0 }
      : url.endsWith("/plans")
        ? { version: 1, plans: [line] }
        : plan;
    return url.endsWith("/plans/none")
      ? new Response(JSON.stringify({ detail: "there is no plan 'none' that can be used, or you may not read it" }), { status: 404 })
      : new Response(JSON.stringify(told), { status: 200, headers: { ETag: '"1"' } });
  }),
);
afterEach(cleanup);

function show(path: string, tab?: string) {
  return render(
    <ChakraProvider value={defaultSystem}>
      <MemoryRouter initialEntries={[path]}>
        <Routes>
          <Route path="plans" element={<PlansPage />} />
          <Route path="plans/:plan" element={<PlanPage />} />
          <Route path="tab" element={tab === undefined ? null : <PlanTab dagId={tab} />} />
        </Routes>
      </MemoryRouter>
    </ChakraProvider>,
  );
}

it("says what lint, window and show say, and what changes", async () => {
  const { container } = show("/plans/own");
  await screen.findByText(plan.verdict);
  for (const heading of ["May it start now?", "What lint says", "What it changes", "The plan, merged over its procedure"]) screen.getByRole("heading", { name: heading });
  expect(screen.getByRole("status").textContent).toBe("1 warning");
  expect(container.querySelector("pre")?.textContent).toBe("3 | approvel: {}\n  | ^~~~~~~~");
  expect(container.textContent).toContain("scope.summary: 'a' → 'b'");
  expect(container.textContent).toContain("digest def there, abc by the file");
  expect(container.querySelector("img, script")).toBeNull();
});

it("lists rejected files apart, at their line", async () => {
  const { container } = show("/plans");
  await screen.findByRole("heading", { name: "Rejected (1)" });
  expect(screen.getByRole("region", { name: "plans/bad.yaml" }).textContent).toContain(`✗ error plans/bad.yaml:3:1: ${HOSTILE} [unknown-key]`);
  expect((await screen.findByRole("link", { name: "own" })).getAttribute("href")).toBe("/plugin/releases/plans/own");
  expect(container.querySelector("img, script")).toBeNull();
});

it("says on another DAG that it is no plan", async () => {
  show("/tab", "none");
  expect((await screen.findByRole("alert")).textContent).toContain("there is no plan 'none'");
});

it("counts as lint does", () => {
  expect([counted(2, 1), counted(0, 1), counted(0, 0), counted(null, null)]).toEqual(["2 errors, 1 warning", "1 warning", "no problems", "not known yet"]);
});
