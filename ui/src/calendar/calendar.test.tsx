import { ChakraProvider, defaultSystem } from "@chakra-ui/react";
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { MemoryRouter } from "react-router-dom";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CalendarPage } from "./CalendarPage.tsx";
import { type Calendar, dayName, type Entry, inDay, placeOf, rowsOf, signOf } from "./calendar.ts";
import written from "./sample.json";

const sample = written as Calendar;
const HOSTILE = "<img src=x onerror='globalThis.harmed=1'>";
const asked = vi.fn();
let answer: unknown;

beforeEach(() => {
  asked.mockReset();
  answer = sample;
  vi.stubGlobal("fetch", async (url: string) => {
    asked(url);
    const told = url.includes("/slot") ? { version: 1, plan: "shop-2", sentence: "no slot for shop-2 in 90 days", fits: false, slots: [], left_out: 0 } : answer;
    return new Response(JSON.stringify(told), { status: 200, headers: { ETag: '"1"' } });
  });
});
afterEach(cleanup);

function show(query = "") {
  return render(
    <ChakraProvider value={defaultSystem}>
      <MemoryRouter initialEntries={[`/plugin/releases/calendar${query}`]}>
        <CalendarPage />
      </MemoryRouter>
    </ChakraProvider>,
  );
}

function entry(start: string, end: string | null, more: Partial<Entry> = {}): Entry {
  return { kind: "window", what: "night", start, end, begins: "", ends: "", plan: null, ...more };
}

it("says in which zone its times are, and what happens in the words of the command", async () => {
  show();
  expect((await screen.findByText("Times in", { exact: false })).textContent).toBe("Times in Europe/Paris");
  const day = screen.getByRole("region", { name: /Saturday.? 28 November 2026/ });
  expect(day.textContent).toContain("search-1 on web-1; released 2026-11-28 13:00 CET");
  expect(day.textContent).toContain("conflict with");
  expect(within(day).getByRole("link", { name: "search-1" }).getAttribute("href")).toBe("/dags/search-1/runs/run-1");
});

it("asks for what is chosen, and keeps the choices while it waits", async () => {
  show("?scale=month&zone=UTC&environment=production&around=2026-11-28&person=mia");
  await screen.findByText("Times in", { exact: false });
  expect(asked.mock.calls[0]?.[0]).toMatch(/calendar\?environment=production&scale=month&around=2026-11-28&zone=UTC$/);
  const zones = screen.getByLabelText("zone");
  expect([...zones.querySelectorAll("option")].map((each) => each.value)).toContain("UTC");
  fireEvent.change(zones, { target: { value: "UTC" } });
  expect(screen.getByLabelText("zone")).toBe(zones);
});

it("says where a plan fits, or why nowhere", async () => {
  show("?plan=shop-2");
  expect((await screen.findByText(/no slot for shop-2/)).textContent).toBe("✗ no slot for shop-2 in 90 days");
});

it("shows what others wrote as text", async () => {
  answer = { ...sample, entries: sample.entries.map((each) => ({ ...each, what: HOSTILE })) };
  const { container } = show();
  await screen.findByText("Times in", { exact: false });
  expect(container.querySelector("img, script")).toBeNull();
  expect(container.textContent).toContain(HOSTILE);
});

it("tells states by a sign, too", () => {
  const signs = sample.entries.map(signOf);
  expect(new Set(signs)).toEqual(new Set(["▭", "❄", "○", "⚠", "✓"]));
});

it("cuts what begins before the period or has no end", () => {
  const [start, end] = ["2026-11-23T00:00:00+01:00", "2026-11-25T00:00:00+01:00"];
  expect(placeOf(entry("2026-11-22T00:00:00+01:00", "2026-11-24T00:00:00+01:00"), start, end)).toEqual({ left: 0, width: 50 });
  expect(placeOf(entry("2026-11-24T12:00:00+01:00", null), start, end)).toEqual({ left: 75, width: 25 });
  expect(placeOf(entry("2026-11-21T00:00:00+01:00", "2026-11-22T00:00:00+01:00"), start, end)).toBeNull();
});

it("shows on each day what goes on then, in rows that do not overlap", () => {
  const freeze = sample.entries.find((each) => each.kind === "freeze");
  expect(sample.days.map((_, index) => inDay(sample, index).includes(freeze as Entry))).toEqual([false, false, false, true, true, false, false]);
  const rows = rowsOf(sample.entries.filter((each) => each.kind === "plan"));
  expect(rows.flat().length).toBe(sample.entries.filter((each) => each.kind === "plan").length);
  expect(rowsOf([entry("2026-01-01T00:00Z", "2026-01-02T00:00Z"), entry("2026-01-02T00:00Z", null), entry("2026-01-03T00:00Z", null)]).length).toBe(2);
});

it("names a day alike in every zone", () => {
  expect(dayName("2026-11-28")).toMatch(/^Sat,? 28 Nov$/);
});
