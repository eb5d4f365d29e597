import { ChakraProvider, defaultSystem } from "@chakra-ui/react";
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { MemoryRouter } from "react-router-dom";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Guard } from "./Guard.tsx";
import { Releases } from "./Releases.tsx";
import sample from "./sample.json";
import { refresh } from "./store.ts";
import { Banner } from "./Strip.tsx";

let answers: Response[] = [];
const asked = vi.fn();

beforeEach(() => {
  answers = [];
  asked.mockReset();
  vi.stubGlobal("fetch", async (url: string, how: RequestInit) => {
    asked(url, how);
    return answers.shift() ?? new Response(JSON.stringify(sample), { status: 200, headers: { ETag: '"1"' } });
  });
});
afterEach(cleanup);

function show(path = "/plugin/releases", page = <Releases />) {
  return render(
    <ChakraProvider value={defaultSystem}>
      <MemoryRouter initialEntries={[path]}>{page}</MemoryRouter>
    </ChakraProvider>,
  );
}

it("shows each row in its lane, with the sentence as it came", async () => {
  show();
  await screen.findByText("Needs you (2)");
  const card = screen.getByRole("article", { name: /storefront-4.4.0/ });
  expect(within(card).getByTestId("sentence").textContent).toBe("Approve storefront-4.4.0? Seat 2 of 2");
  expect(within(card).getByText("Answer").getAttribute("href")).toMatch(/deployplan\/m\/storefront-4.4.0\/release-2026-11-28-210000$/);
  expect(within(card).getByText("in Airflow").getAttribute("href")).toContain("/required_actions");
  expect(within(card).getByText(/1 of 2 \(amir\), missing: mia or olga/)).toBeTruthy();
  const damaged = screen.getByRole("article", { name: /ledger-9/ });
  expect(damaged.textContent).toContain("Damaged record: the evidence in");
});

it("shows what others wrote as text", async () => {
  const { container } = show();
  await screen.findByText("Needs you (2)");
  expect(container.querySelector("img, script, a[href^=javascript]")).toBeNull();
  expect(container.textContent).toContain("<script>globalThis.harmed=1</script>");
});

it("takes the filter from the address", async () => {
  show("/plugin/releases?environment=staging");
  await screen.findByText("Next 7 days (1)");
  expect(screen.getAllByRole("article").length).toBe(1);
});

it("holds with a reason, and says why it was refused", async () => {
  show();
  fireEvent.click(await screen.findByText("Hold all…"));
  const send = screen.getByRole("button", { name: "Hold all" }) as HTMLButtonElement;
  expect(send.disabled).toBe(true);
  fireEvent.change(screen.getByLabelText("Why?"), { target: { value: "network works" } });
  answers = [new Response(JSON.stringify({ detail: "vic may not hold" }), { status: 403 })];
  fireEvent.click(send);
  expect((await screen.findByRole("alert")).textContent).toBe("vic may not hold");
  const [url, how] = asked.mock.calls.at(-1) as [string, RequestInit];
  expect([url.endsWith("/hold"), how.method, how.body]).toEqual([true, "POST", '{"reason":"network works"}']);
});

it("keeps what it knows when it is not answered, says that it may be old, and offers to log in again", async () => {
  show();
  await screen.findByText("Needs you (2)");
  answers = [new Response(JSON.stringify({ detail: "Not authenticated: log in to Airflow" }), { status: 401 })];
  await refresh();
  expect((await screen.findByRole("alert")).textContent).toContain("may be out of date");
  expect(screen.getByText("Log in again").getAttribute("href")).toContain("/api/v2/auth/login?next=");
  expect(screen.getByText("Needs you (2)")).toBeTruthy();
});

it("asks with the tag that it has, and an answer that has not changed changes nothing", async () => {
  show();
  await screen.findByText("Needs you (2)");
  answers = [new Response(null, { status: 304 })];
  await refresh();
  const [, how] = asked.mock.calls.at(-1) as [string, RequestInit];
  expect(how.headers).toEqual({ "If-None-Match": '"1"' });
  expect(screen.getByText("Needs you (2)")).toBeTruthy();
});

it("says on every page that a backout failed", async () => {
  show("/", <Banner />);
  expect((await screen.findByRole("status")).textContent).toContain("Backout failed: hostile");
});

it("shows something else instead of a part that breaks", () => {
  const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const Broken = () => {
    throw new Error("broken");
  };
  show("/", <Guard instead="instead"><Broken /></Guard>);
  expect(screen.getByText("instead")).toBeTruthy();
  told.mockRestore();
});
