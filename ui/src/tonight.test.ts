import { describe, expect, it } from "vitest";
import sample from "./sample.json";
import { cardOf, clock, deadline, distance, filtered, pathOf, peopleOf, summary, type Tonight, words } from "./tonight.ts";

const found = sample as unknown as Tonight;
const NOW = new Date("2026-11-28T20:30:00Z");
const all = { environment: "", product: "", person: "" };
const plans = (by: Partial<typeof all>) => filtered(found.rows, { ...all, ...by }).map((row) => row.plan);
const row = (plan: string) => {
  const wanted = found.rows.find((each) => each.plan === plan);
  if (!wanted) throw new Error(plan);
  return wanted;
};

describe("what the page makes of the answer", () => {
  it("leaves the rows of an environment, a product or a person", () => {
    expect(plans({ environment: "staging" })).toEqual(["search-7.0"]);
    expect(plans({ product: "billing" })).toEqual(["billing-2.1.0"]);
    expect(plans({ person: "olga" })).toEqual(["storefront-4.4.0"]);
    expect(plans({}).length).toBe(found.rows.length);
  });

  it("offers each word once, in order, and none for what is not known", () => {
    expect(words(found.rows, (each) => [each.environment])).toEqual(["production", "staging"]);
    expect(peopleOf(row("ledger-9"))).toEqual([]);
  });

  it("tells the time in the zone that is asked for, and the day unless it is today", () => {
    expect(clock("2026-11-28T21:00:00Z", "Europe/Paris", NOW)).toBe("22:00 CET");
    expect(clock("2026-11-29T21:00:00Z", "Europe/Paris", NOW)).toBe("Sun, 22:00 CET");
    expect(clock("2026-12-28T21:00:00Z", "Asia/Tokyo", NOW)).toMatch(/^29 Dec.* 06:00 GMT\+9$/);
  });

  it("says how long it is", () => {
    expect(distance("2026-11-28T23:42:00Z", NOW)).toBe("in 3 h 12 min");
    expect(distance("2026-11-28T20:18:00Z", NOW)).toBe("12 min ago");
    expect(distance("2026-12-01T21:30:00Z", NOW)).toBe("in 3 d 1 h");
    expect(distance("2026-11-28T20:30:25Z", NOW)).toBe("now"); // what has just ended is not still to come
  });

  it("counts down to the last safe start, then to the close, and back to the end", () => {
    expect(deadline(row("storefront-4.4.0"))?.what).toBe("last safe start");
    const asked = { task: "deploy.web.wave_1", people: ["mia"], subject: "?", until: "2026-11-28T21:10:00+00:00" };
    expect(deadline({ ...row("billing-2.1.0"), question: asked })?.what).toBe("answer by");
    expect(deadline(row("billing-2.1.0"))?.what).toBe("closes");
    expect(deadline(row("hostile"))?.what).toBe("ended");
    expect(deadline(row("ledger-9"))).toBeNull();
  });

  it("sums up in one line", () => {
    expect(summary(found, NOW)).toBe("1 release runs · 2 wait for you · next opening 22:00 CET (Europe/Paris)");
    expect(summary({ ...found, rows: [] }, NOW)).toBe("no releases run · none wait for you");
  });

  it("leads to the run and to its card, whatever their names", () => {
    expect(pathOf(row("search-7.0"))).toBe("/dags/search-7.0");
    expect(pathOf(row("hostile"))).toBe("/dags/hostile/runs/%3Cb%3Erun%3C%2Fb%3E");
    expect(cardOf(row("storefront-4.4.0"))).toMatch(/\/tasks\/review.approve_2\/required_actions$/);
    expect(cardOf(row("billing-2.1.0"))).toBeNull();
  });
});
