import { ChakraProvider, defaultSystem } from "@chakra-ui/react";
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { MemoryRouter } from "react-router-dom";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { goesBack } from "./Actions.tsx";
import { ReleaseTab } from "./ReleasePage.tsx";
import sample from "./sample.json";

const HARM = "<script>globalThis.harmed=1</script>";
type Asked = [method: string, path: string, body: unknown];
let asked: Asked[] = [];
let release: Record<string, unknown> = {};
let answers: Record<string, () => Response> = {};
const json = (content: unknown, status = 200) => () => new Response(JSON.stringify(content), { status });

beforeEach(() => {
  asked = [];
  release = sample;
  answers = {};
  vi.stubGlobal("fetch", async (url: string, how: RequestInit) => {
    const path = new URL(url).pathname + new URL(url).search;
    const method = how.method ?? "GET";
    asked.push([method, path, how.body ? JSON.parse(String(how.body)) : undefined]);
    const found = Object.entries(answers).find(([of]) => `${method} ${path}`.startsWith(of));
    return found ? found[1]() : new Response(JSON.stringify(release), { status: 200 });
  });
});
afterEach(cleanup);

function show() {
  return render(
    <ChakraProvider value={defaultSystem}>
      <MemoryRouter>
        <ReleaseTab dagId="storefront-4.4.0" runId="release-2026-11-28-210000" />
      </MemoryRouter>
    </ChakraProvider>,
  );
}

const HERE = "/deployplan/api/v1/releases/storefront-4.4.0/release-2026-11-28-210000";
const CARD = "/api/v2/dags/storefront-4.4.0/dagRuns/release-2026-11-28-210000/taskInstances/backout.decide/-1/hitlDetails";

it("shows who may only look nothing that they could do", async () => {
  release = { ...sample, may: { answer: false, stop: false, back_out: false } };
  show();
  await screen.findByTestId("sentence");
  expect(screen.queryByRole("region", { name: "What you may do" })).toBeNull();
  expect(screen.queryByText("Stop and back out…")).toBeNull();
});

it("says beforehand what stopping does, takes a reason, and says what came of it", async () => {
  answers["GET /deployplan/api/v1/plans/storefront-4.4.0/stop"] = json({ run: "r", sentence: "web is undone where its deploy had begun" });
  answers["POST /deployplan/api/v1/plans/storefront-4.4.0/stop"] = json({ sentence: "it is stopped" });
  show();
  fireEvent.click(await screen.findByText("Stop and back out…"));
  await screen.findByText("Now: web is undone where its deploy had begun.");
  const button = screen.getByRole("button", { name: "Stop and back out" }) as HTMLButtonElement;
  expect(button.disabled).toBe(true);
  fireEvent.change(screen.getByLabelText(/^Why/), { target: { value: "orders are lost" } });
  fireEvent.click(button);
  expect((await screen.findByText("it is stopped")).getAttribute("role")).toBe("status");
  expect(asked).toContainEqual(["POST", "/deployplan/api/v1/plans/storefront-4.4.0/stop", { reason: "orders are lost" }]);
});

it("names what trying again would work on, as the command does, before it is tried", async () => {
  release = { ...sample, may: { rerun: true } };
  const lines = ["clearing deploy.web.wave_1 of p/r with Downstream clears: deploy.web.wave_1", "in the way: the window is closed"];
  const path = "/deployplan/api/v1/plans/storefront-4.4.0/runs/release-2026-11-28-210000/rerun";
  answers[`POST ${path}/preview`] = json({ lines, in_the_way: true, entries: 7 });
  answers[`POST ${path}`] = json({ sentence: "it is cleared" });
  show();
  fireEvent.click(await screen.findByText("Try failed nodes again…"));
  expect((await screen.findByRole("region", { name: "What trying again would do" })).textContent).toBe(lines.join("\n"));
  screen.getByText(/something is in the way/);
  fireEvent.change(screen.getByLabelText(/^Why/), { target: { value: "disk is free again" } });
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect((await screen.findByText("it is cleared")).getAttribute("role")).toBe("status");
  expect(asked).toContainEqual(["POST", path, { reason: "disk is free again", entries: 7 }]);
});

it("calls a release that was backed out what it is when it is tried again: released once more", async () => {
  release = { ...sample, outcome: "backed_out", may: { rerun: true } };
  show();
  await screen.findByText("Release again…");
  expect(screen.queryByText("Try failed nodes again…")).toBeNull();
});

it("tries nothing again before it has said what that would do", async () => {
  release = { ...sample, may: { rerun: true } };
  const path = "/deployplan/api/v1/plans/storefront-4.4.0/runs/release-2026-11-28-210000/rerun";
  answers[`POST ${path}/preview`] = json({ detail: "ask again in 10 s" }, 503);
  show();
  fireEvent.click(await screen.findByText("Try failed nodes again…"));
  await screen.findByText(/ask again in 10 s/);
  fireEvent.change(screen.getByLabelText(/^Why/), { target: { value: "disk is free again" } });
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect((await screen.findByText(/Nothing is done before/)).getAttribute("role")).toBe("alert");
  expect(asked.map(([, to]) => to)).not.toContain(path);
});

it("says why it is refused, and keeps the reason that was written", async () => {
  release = { ...sample, may: { back_out: true } };
  answers["GET /deployplan/api/v1/plans/storefront-4.4.0/backout?run="] = json({ undoes: [{ component: "web", nodes: { a: "1.0", b: null, c: "1.0" } }], begins_at_once: false, decided_by: ["mia"] });
  answers["POST /deployplan/api/v1/plans"] = json({ detail: "a later release stands on web-1" }, 409);
  show();
  fireEvent.click(await screen.findByText("Back out…"));
  await screen.findByText("would undo web: a, c to 1.0; b to what was there");
  await screen.findByText(/mia will be asked/);
  fireEvent.change(screen.getByLabelText(/^Why/), { target: { value: "INC0818" } });
  fireEvent.click(screen.getByRole("button", { name: "Back out" }));
  expect((await screen.findByText("a later release stands on web-1")).getAttribute("role")).toBe("alert");
  expect((screen.getByLabelText(/^Why/) as HTMLTextAreaElement).value).toBe("INC0818");
  expect(goesBack({})).toBe("");
});

it("gives the answers of the card that this person may choose, with a note, to Airflow itself", async () => {
  answers[`GET ${CARD}`] = json({ body: `**web** ${HARM}`, options: ["Back out", "Try again"], params: { note: {} }, response_received: false });
  answers[`PATCH ${CARD}`] = json({});
  const { container } = show();
  const button = await screen.findByRole("button", { name: "Back out" });
  expect(screen.queryByRole("button", { name: "Try again" })).toBeNull(); // is for others
  fireEvent.click(screen.getByText("What the card says"));
  expect((await screen.findByRole("region", { name: "What the card says" })).textContent).toBe(`**web** ${HARM}`);
  expect(container.querySelector("script")).toBeNull();
  fireEvent.change(screen.getByLabelText("Note, for the evidence"), { target: { value: "as agreed" } });
  fireEvent.click(button);
  await screen.findByText("Your answer was taken: Back out.");
  expect(asked).toContainEqual(["PATCH", CARD, { chosen_options: ["Back out"], params_input: { note: "as agreed" } }]);
});

it("opens the log of a node in one click, and asks for what is approved and for the story only when they are opened", async () => {
  answers[`GET ${HERE}/nodes/web-1/log?component=web&step=deploy`] = () => new Response(`install ${HARM}`);
  answers[`GET ${HERE}/approved`] = json({ commands: [{ component: "web", what: "deploy", text: "./up.sh" }], files: [], worst_case: ["web: 1 node"], compared: { plan: "p", run: "r", release: "4.3.0", at: "2026-11-01T00:00:00Z", lines: ["change: 'A' → 'B'"] }, changed: null, page: "# plan" });
  answers[`GET ${HERE}/story?after=0`] = json({ entries: [{ seq: 1, at: "2026-11-28T21:00:00Z", kind: "x", told: HARM }], next: null, apart: [] });
  const { container } = show();
  await screen.findByTestId("sentence");
  expect(asked.some(([, path]) => path.endsWith("/approved") || path.includes("/story"))).toBe(false);
  fireEvent.click(screen.getByRole("button", { name: "log of web on web-1" }));
  expect((await screen.findByText(`install ${HARM}`)).getAttribute("aria-label")).toBe("What was said of web-1");
  fireEvent.click(screen.getByText(/^What exactly is approved/));
  const commands = await screen.findByRole("region", { name: "Commands" });
  expect(within(commands).getByText("./up.sh")).toBeTruthy();
  expect(screen.getByRole("region", { name: "Difference to the last release" }).textContent).toBe("change: 'A' → 'B'");
  fireEvent.click(screen.getByText("The story, entry by entry"));
  await screen.findByText(/^1 2026-11-28 21:00:00 UTC/);
  expect(container.querySelector("script")).toBeNull();
});

it("verifies the evidence in its place, and says so in the words of the command", async () => {
  answers[`GET ${HERE}/verification`] = json({ ok: false, lines: ["p/r: NOT INTACT", "problem     entry 2: is missing"] });
  show();
  fireEvent.click(await screen.findByRole("button", { name: "Verify" }));
  await screen.findByText("✕ NOT INTACT");
  expect(screen.getByRole("region", { name: "What the check found" }).textContent).toContain("entry 2: is missing");
  expect(screen.getByText("Export").getAttribute("href")).toContain(`${HERE}/evidence.tar.gz`);
});
