import { ChakraProvider, defaultSystem } from "@chakra-ui/react";
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { MemoryRouter } from "react-router-dom";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Pages } from "../pages.tsx";
import { chosen, duration, length, type Release, tellingFirst, verdictOf, versions } from "./release.ts";
import { ReleaseTab } from "./ReleasePage.tsx";
import sample from "./sample.json";
import { heights } from "./Sparkline.tsx";

const release = sample as unknown as Release;
const NOW = new Date("2026-11-28T21:12:00Z");
const asked = vi.fn();
let answer = () => new Response(JSON.stringify(sample), { status: 200, headers: { ETag: '"1"' } });

beforeEach(() => {
  asked.mockReset();
  vi.stubGlobal("fetch", async (url: string, how: RequestInit) => {
    asked(url, how);
    return answer();
  });
});
afterEach(cleanup);

function show(page = <Pages />, path = "/runs/storefront-4.4.0/release-2026-11-28-210000") {
  return render(
    <ChakraProvider value={defaultSystem}>
      <MemoryRouter initialEntries={[path]}>{page}</MemoryRouter>
    </ChakraProvider>,
  );
}

it("says where the release stands, and asks for its own run alone", async () => {
  show();
  expect((await screen.findByTestId("sentence")).textContent).toBe(release.sentence);
  expect(asked.mock.calls[0]?.[0]).toContain("deployplan/api/v1/releases/storefront-4.4.0/release-2026-11-28-210000");
  const now = screen.getByRole("list", { name: "Phases" }).querySelector("[aria-current=step]");
  expect(now?.textContent).toContain("5 backout now");
  expect(screen.getByTestId("backout").textContent).toContain("It undoes database, web; takes up to 30m; tested in staging on 2026-11-20.");
});

it("names each node with the release before, the one that is to be and the one that is there", async () => {
  show();
  const table = await screen.findByRole("region", { name: "Nodes and components" });
  expect(within(table).getByText("web-1").closest("tr")?.textContent).toContain("✕ failed 4.3.0 → 4.4.0, now not known · wave 1 · deploy 5 s · <b>exit 3</b>");
  fireEvent.click(screen.getByRole("button", { name: "1 failed" }));
  expect(within(table).queryByText("web-2")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "1 failed" }));
  fireEvent.change(screen.getByLabelText("node"), { target: { value: "DB" } });
  expect(within(table).queryByText("web-1")).toBeNull();
  expect(within(table).getByText("db-1")).toBeTruthy();
});

it("shows what others wrote as text", async () => {
  const { container } = show();
  await screen.findByTestId("sentence");
  expect(container.querySelector("script, img, b, a[href^=javascript]")).toBeNull();
});

it("says of an approval of another plan that it is one, and of a message that it did not leave", async () => {
  show();
  const seats = await screen.findByRole("region", { name: "Approval seats" });
  expect(within(seats).getByText(/another plan/)).toBeTruthy();
  expect(screen.getByText(/✕ NOT sent: 550 no such mailbox/)).toBeTruthy();
});

it("stands as the tab of its run, too, and says so where there is no such release", async () => {
  const known = answer;
  answer = () => new Response(JSON.stringify({ detail: "run x of y left no record here" }), { status: 404 });
  show(<ReleaseTab dagId="y" runId="x" />);
  expect((await screen.findByRole("alert")).textContent).toBe("run x of y left no record here");
  expect(screen.getByText("On a page of its own").getAttribute("href")).toBe("/plugin/releases/runs/y/x");
  answer = known;
});

it("says how long, and in which release", () => {
  expect([length(999), length(65_000), length(3_720_000), length(7_200_000)]).toEqual(["1 s", "1 min 5 s", "1 h 2 min", "2 h"]);
  const [db, web1, web2] = release.matrix.map((row) => row.cells[0]);
  expect([db, web1, web2].map((cell) => cell && versions(cell))).toEqual([
    "4.3.0 → 4.4.0, now 4.4.0",
    "4.3.0 → 4.4.0, now not known",
    "4.3.0 → 4.4.0, changing now",
  ]);
  expect(web2 && duration(web2, NOW)).toBe("for 10 min");
  expect(chosen(release.matrix, "working", "").map((row) => row.node)).toEqual(["web-2"]);
});

it("lets a number stand between its limits, and an answer high or low where there is none", () => {
  const [health, locks] = release.criteria;
  const points = health?.series[0]?.points ?? [];
  expect(heights(points, null, null)).toEqual({ at: [5, 17], limits: [] });
  const numbers = heights(locks?.series[0]?.points ?? [], null, 5);
  expect(numbers.limits).toEqual([5]);
  expect(numbers.at[0]).toBe(17);
  expect(heights([...(locks?.series[0]?.points ?? []), ...points], null, 5).limits).toEqual([5]);
  expect(verdictOf({ node: null, points })).toBe("FAIL");
  const many = Array.from({ length: 400 }, (_, at) => ({ node: `n${at}`, points: at === 399 ? points : points.slice(0, 1) }));
  const told = tellingFirst(many, 6);
  expect([told.shown[0]?.node, told.shown.length, told.left]).toEqual(["n399", 6, 394]);
});

it("draws the numbers of a metric with the limit that came with them, and a gap in the middle", async () => {
  show();
  const drawn = await screen.findByRole("img", { name: "load on web-1: deploy: pass (1), deploy: unknown, deploy: fail (4)" });
  const limit = drawn.querySelector("line")?.getAttribute("y1");
  expect(Number(limit)).toBeCloseTo(13);
  const [one, gap, four] = (drawn.querySelector("polyline")?.getAttribute("points") ?? "").split(" ").map((each) => Number(each.split(",")[1]));
  expect([one, gap, four]).toEqual([17, 11, 5]);
});
