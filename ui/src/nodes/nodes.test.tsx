import { ChakraProvider, defaultSystem } from "@chakra-ui/react";
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { MemoryRouter, Route, Routes, useLocation } from "react-router-dom";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { NodePage } from "./NodePage.tsx";
import story from "./node.sample.json";
import { Nodes } from "./Nodes.tsx";
import { length, queryOf } from "./nodes.ts";
import sample from "./nodes.sample.json";

const asked = vi.fn();
let wide = true;

beforeEach(() => {
  asked.mockReset();
  wide = true;
  vi.stubGlobal("matchMedia", () => ({ matches: wide, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal("fetch", async (url: string) => {
    asked(url);
    const found = /nodes\/[^?]/.test(url) ? story : sample;
    return new Response(JSON.stringify(found), { status: 200, headers: { ETag: '"1"' } });
  });
});
afterEach(cleanup);

function Where() {
  return <output data-testid="where">{useLocation().search}</output>;
}

function show(path: string) {
  return render(
    <ChakraProvider value={defaultSystem}>
      <MemoryRouter initialEntries={[path]}>
        <Routes>
          <Route path="nodes" element={<Nodes />} />
          <Route path="nodes/:environment/:node" element={<NodePage />} />
        </Routes>
        <Where />
      </MemoryRouter>
    </ChakraProvider>,
  );
}

const row = async (node: string) => (await screen.findByRole("rowheader", { name: new RegExp(node) })).closest("tr") as HTMLElement;

it("says of each node what is on it, by which run, who holds it and what comes next", async () => {
  show("/nodes");
  const web = await row("web-1");
  expect(within(web).getByTestId("installed").textContent).toMatch(/^shop web 4.3.0 installed .* by storefront-4.3.0 release-2026-11-28, verified$/);
  expect(web.textContent).toContain("storefront-4.4.0 run-2 since");
  expect(web.textContent).toContain("web deploy runs since");
  expect(web.textContent).toContain("search-7.0 (7.0) opens");
  expect(within(web).getByText("web-1").getAttribute("href")).toBe("/plugin/releases/nodes/production/web-1");
  expect((await row("db-1")).textContent).toContain("1 more of plans that you may not read");
  expect(screen.getByText("3 of 5 nodes")).toBeTruthy();
  expect(screen.getByText(/Still reading: 2 runs/)).toBeTruthy();
  expect(screen.getByText(/The file of staging cannot be read/)).toBeTruthy();
  expect(screen.getByText(/drained since 2026-11-28/)).toBeTruthy();
});

it("says of a node that is done whether its run goes on", async () => {
  const rows = sample.rows.map((each) => (each.last ? { ...each, last: { ...each.last, outcome: null } } : each));
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ ...sample, rows }), { headers: { ETag: '"1"' } }));
  show("/nodes");
  expect((await row("web-1")).textContent).toContain("in storefront-4.3.0 release-2026-11-28, which goes on");
});

it("shows what others wrote as text, and names the record that cannot be believed", async () => {
  const { container } = show("/nodes");
  const bad = await row("web-2");
  expect(bad.textContent).toContain("Not known: ledger-9 run-1: the evidence in ledger-9 is not intact: <script>");
  expect(container.querySelector("img, script, a[href^=javascript]")).toBeNull();
});

it("keeps the filter in the address, asks for it, and gives it to CSV and JSON", async () => {
  show("/nodes?state=failed&q=shop&after=production%2Fweb-1");
  await row("web-1");
  expect(asked.mock.calls[0]?.[0]).toMatch(/nodes\?state=failed&q=shop&after=production%2Fweb-1$/);
  expect(screen.getByText("CSV").getAttribute("href")).toMatch(/nodes\?state=failed&q=shop&format=csv$/);
  expect(screen.getByText("JSON").getAttribute("href")).toMatch(/nodes\?state=failed&q=shop&limit=1000$/);
  expect((screen.getByLabelText("state") as HTMLSelectElement).value).toBe("failed");
});

it("asks for the next nodes where there are more", async () => {
  show("/nodes");
  fireEvent.click(await screen.findByText("More nodes"));
  await waitFor(() => expect(screen.getByTestId("where").textContent).toBe("?after=production%2Fweb-2"));
});

it("is a list of cards on a phone", async () => {
  wide = false;
  show("/nodes");
  const card = await screen.findByRole("article", { name: "web-1 (production)" });
  expect(card.textContent).toContain("shop web 4.3.0");
  expect(screen.queryByRole("table")).toBeNull();
});

it("tells of one node its own result in each run", async () => {
  show("/nodes/production/web-2");
  await screen.findByText("Runs on this node (7)");
  expect(screen.getByText("web: failed after 12 s, exit 3: exit 3: no space left (deploy job 0123456789ab-web-deploy-1)")).toBeTruthy();
  expect(screen.getByText(/3 earlier runs are not looked at here/)).toBeTruthy();
  fireEvent.click(screen.getByText("Earlier runs"));
  await waitFor(() => expect(asked.mock.calls.at(-1)?.[0]).toMatch(/nodes\/production\/web-2\?before=ledger-9%2Frun-1$/));
});

it("spells lengths, and asks for what has a word only", () => {
  expect([3.4, 60, 200, 3600, 3900].map(length)).toEqual(["3 s", "1 min", "3 min 20 s", "1 h", "1 h 5 min"]);
  expect(queryOf(new URLSearchParams("q=&state=done&other=1"))).toBe("state=done");
});
