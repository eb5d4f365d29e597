import { ChakraProvider, defaultSystem } from "@chakra-ui/react";
import { cleanup, render, screen } from "@testing-library/react";
import { MemoryRouter, Route, Routes } from "react-router-dom";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { PAGES, Pages } from "./pages.tsx";
import { ROOT } from "./paths.ts";

/** As Airflow's router does it: what comes after the part's own name is ours. */
function show(path: string) {
  return render(
    <ChakraProvider value={defaultSystem}>
      <MemoryRouter initialEntries={[path]}>
        <Routes>
          <Route path="plugin/:page/*" element={<Pages />} />
        </Routes>
      </MemoryRouter>
    </ChakraProvider>,
  );
}

beforeEach(() => vi.stubGlobal("fetch", () => new Promise(() => undefined)));
afterEach(cleanup);

it("shows each page that has a tab under its own heading and address, and marks its tab", async () => {
  for (const { path, label } of PAGES.filter((page) => page.label)) {
    const shown = show(path ? `${ROOT}/${path}` : ROOT);
    expect((await screen.findByRole("heading", { level: 1 })).textContent).toBe(label);
    expect(screen.queryByRole("link", { current: "page" })?.textContent ?? label).toBe(label);
    shown.unmount();
  }
});

it("says so where there is no such page", async () => {
  show(`${ROOT}/no/such`);
  expect((await screen.findByRole("status")).textContent).toContain("/plugin/releases/no/such");
});
