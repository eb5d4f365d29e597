// The pages of *Releases*, a line each; the one whose path is the longest of those that fit is shown.
import { Box } from "@chakra-ui/react";
import type { FC } from "react";
import { NavLink, Route, Routes, useLocation } from "react-router-dom";
import { CalendarPage } from "./calendar/CalendarPage.tsx";
import { Guard } from "./Guard.tsx";
import { History } from "./history/History.tsx";
import { NodePage } from "./nodes/NodePage.tsx";
import { Nodes } from "./nodes/Nodes.tsx";
import { PlanPage } from "./plan/PlanPage.tsx";
import { PlansPage } from "./plan/PlansPage.tsx";
import { ROOT } from "./paths.ts";
import { ReleasePage } from "./release/ReleasePage.tsx";
import { Releases } from "./Releases.tsx";

export interface Page {
  /** below ROOT, as the router writes it: `nodes`, `nodes/:environment/:node` */
  path: string;
  /** on the tab; a page without one is reached by links alone */
  label?: string;
  Component: FC;
}

export const PAGES: Page[] = [
  { path: "", label: "Releases", Component: Releases },
  { path: "runs/:plan/:run", Component: ReleasePage },
  { path: "nodes", label: "Nodes", Component: Nodes },
  { path: "nodes/:environment/:node", Component: NodePage },
  { path: "calendar", label: "Calendar", Component: CalendarPage },
  { path: "history", label: "History", Component: History },
  { path: "plans", label: "Plans", Component: PlansPage },
  { path: "plans/:plan", Component: PlanPage },
];

/** Who wants no motion gets none: of Airflow's own parts, as its buttons, too. */
const STILL = { "@media (prefers-reduced-motion: reduce)": { "&, & *": { transitionDuration: "0s !important", animationDuration: "0s !important" } } };

/** All pages under their tabs. Each page brings its own h1; none takes the others away when it breaks. */
export function Pages() {
  return (
    <Box as="main" p={{ base: "3", md: "6" }} maxWidth="1600px" width="100%" overflowY="auto" css={STILL}>
      <Tabs />
      <Routes>
        {PAGES.map(({ path, Component }) => (
          <Route key={path} path={path} element={<Guarded Component={Component} />} />
        ))}
        <Route path="*" element={<NoSuchPage />} />
      </Routes>
    </Box>
  );
}

function Tabs() {
  const tabs = PAGES.filter((page) => page.label);
  if (tabs.length < 2) return null;
  return (
    <Box as="nav" aria-label="Pages of deployplan" display="flex" flexWrap="wrap" gap="4" mb="3" borderBottomWidth="1px" borderColor="border">
      {tabs.map(({ path, label }) => (
        <NavLink
          key={path}
          to={path ? `${ROOT}/${path}` : ROOT}
          end={path === ""}
          style={({ isActive }) => ({
            padding: "0.4rem 0",
            fontWeight: isActive ? 600 : 400,
            borderBottom: `3px solid ${isActive ? "currentColor" : "transparent"}`,
          })}
        >
          {label}
        </NavLink>
      ))}
    </Box>
  );
}

function Guarded({ Component }: { Component: FC }) {
  const { pathname } = useLocation(); // a page that broke is tried again when its address changes
  return (
    <Guard key={pathname} instead="This page broke; the others stand. `deployplan status` and `deployplan nodes` tell the same.">
      <Component />
    </Guard>
  );
}

function NoSuchPage() {
  const { pathname } = useLocation();
  return <p role="status">There is no page {pathname}.</p>;
}
