import { ChakraProvider, defaultSystem } from "@chakra-ui/react";
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { MemoryRouter, useLocation } from "react-router-dom";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import current from "./current.sample.json";
import { History } from "./History.tsx";
import sample from "./history.sample.json";
import { type Current, gridOf } from "./history.ts";

const asked = vi.fn();
let wide = true;

beforeEach(() => {
  asked.mockReset();
  wide = true;
  vi.stubGlobal("matchMedia", () => ({ matches: wide, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal("fetch", async (url: string) => {
    asked(url);
    const found = url.endsWith("history/current") ? current : sample;
    return new Response(JSON.stringify(found), { status: 200, headers: { ETag: '"1"' } });
  });
});
afterEach(cleanup);

function Where() {
  return <output data-testid="where">{useLocation().search}</output>;
}

function show(path = "/history") {
  return render(
    <ChakraProvider value={defaultSystem}>
      <MemoryRouter initialEntries={[path]}>
        <History />
        <Where />
      </MemoryRouter>
    </ChakraProvider>,
  );
}

it("says which release is where, since when, how it ended and who approved it", async () => {
  show();
  const shop = (await screen.findByRole("rowheader", { name: "shop" })).closest("tr") as HTMLElement;
  expect(shop.textContent).toMatch(/4\.3\.0 .*success.*since .*approved by mia, amir/);
  expect(shop.textContent).toContain("Nobody knows what is there since: then 4.4.0 ! backout failed");
  expect(shop.textContent).toContain("never released");
  expect(screen.getByText("Missed windows (1)")).toBeTruthy();
  expect(screen.getByText(/its last window closed on 2026-11-20; no run/)).toBeTruthy();
});

it("lists the runs that are over with tickets, nodes and how long they took beside the p90", async () => {
  const { container } = show();
  const good = await screen.findByRole("article", { name: "storefront-4.3.0 release-2026-11-28" });
  expect(good.textContent).toContain("took 10 min 10 s, p90 9 min 40 s: slower than the p90 of 7 earlier runs");
  expect(good.textContent).toContain("tickets: CHG-77");
  expect(good.textContent).toContain("features: SHOP-12");
  const bad = screen.getByRole("article", { name: "storefront-4.4.0 run-2" });
  expect(bad.textContent).toContain("Not known: the evidence is not intact");
  expect(bad.textContent).toContain("<img src=x");
  expect(bad.textContent).toContain("12 nodes: web-1, web-2, web-3, web-4, web-5, …");
  expect(container.querySelector("img, script")).toBeNull();
  expect(within(good).getByRole("link").getAttribute("href")).toBe("/plugin/releases/runs/storefront-4.3.0/release-2026-11-28");
});

it("takes the search from the address and looks further back where time was over", async () => {
  show("/history?q=CHG-77&within=ticket");
  await waitFor(() => expect(asked.mock.calls.map(([url]) => url as string).some((url) => url.endsWith("history?q=CHG-77&within=ticket"))).toBe(true));
  fireEvent.click(await screen.findByText("Look further back"));
  await waitFor(() => expect(screen.getByTestId("where").textContent).toContain("after=20261128-end"));
});

it("does not tell what is where from a part of the runs only", async () => {
  const [shop] = current.current;
  const told = { ...current, current: [{ ...shop, later: null, hidden: true, doubt: true }, { ...shop, product: "till", since: null, later: null, hidden: true, doubt: true }] };
  vi.stubGlobal("fetch", async (url: string) => new Response(JSON.stringify(url.endsWith("history/current") ? told : sample), { status: 200 }));
  show();
  const row = (await screen.findByRole("rowheader", { name: "shop" })).closest("tr") as HTMLElement;
  expect(row.textContent).toContain("! Not known what is there: a later run is of a plan that you may not read");
  const other = screen.getByRole("rowheader", { name: "till" }).closest("tr") as HTMLElement;
  expect(other.textContent).toContain("not known! Not known what is there: the last runs are of a plan that you may not read");
});

it("is a list on a phone", async () => {
  wide = false;
  show();
  await screen.findByText("What is where");
  await screen.findByText("till", { selector: "strong" });
  expect(screen.queryByRole("table")).toBeNull();
});

it("makes a grid of products and environments", () => {
  const { environments, rows } = gridOf(current.current as unknown as Current[]);
  expect(environments).toEqual(["production", "staging"]);
  expect(rows.map(({ product, cells }) => [product, cells.map((cell) => cell !== undefined)])).toEqual([
    ["shop", [true, false]],
    ["till", [false, true]],
  ]);
});
