// The one module that Airflow loads. It must never throw: what is missing, or breaks, takes no page of Airflow's away.
import type { FC } from "react";
import { Guard } from "./Guard.tsx";
import { Pages } from "./pages.tsx";
import { PlanTab } from "./plan/PlanPage.tsx";
import { ReleaseTab } from "./release/ReleasePage.tsx";
import { Banner, Strip } from "./Strip.tsx";

/** What Airflow gives a part: where it stands. */
interface Given {
  dagId?: string;
  runId?: string;
}

const BROKEN = "The page of releases broke; `deployplan status` tells the same.";
const host = globalThis as unknown as Record<string, unknown>;
// Names are keys on globalThis, by which Airflow finds the parts; all are set at once, as the module runs only once.
const parts: Record<string, [FC<Given>, string | null]> = {
  Releases: [Pages, BROKEN],
  Release: [ReleaseTab, BROKEN],
  Plan: [PlanTab, BROKEN],
  "Deployplan strip": [Strip, null],
  "Deployplan banner": [Banner, null],
};
const missing = ["React", "ReactDOM", "ReactJSXRuntime", "ReactRouterDOM", "ChakraUI"].filter((name) => host[name] === undefined);

for (const [name, [Part, instead]] of Object.entries(parts)) {
  host[name] =
    missing.length > 0
      ? () => instead && `This Airflow gives plugins no ${missing.join(", ")}. ${BROKEN}`
      : (given: Given) => (
          <Guard instead={instead}>
            <Part {...given} />
          </Guard>
        );
}
