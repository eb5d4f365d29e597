// Parts that the list of nodes and the page of one node share.
import { Box, Text } from "@chakra-ui/react";
import type { ReactNode } from "react";
import { Link } from "react-router-dom";
import { pageOf } from "../paths.ts";
import { When } from "../When.tsx";
import { type NodeRow, type Reading, SIGNS } from "./nodes.ts";

export const UNDERLINED = { textDecoration: "underline" } as const;
const COLOURS: Record<string, string> = {
  done: "green.solid",
  working: "blue.solid",
  failed: "red.solid",
  unknown: "purple.solid",
  "left out": "orange.solid",
  "not known": "red.solid",
};

/** How it stands: a sign, and the word. */
export function State({ state }: { state: string }) {
  return (
    <Box as="span" whiteSpace="nowrap" borderLeftWidth="4px" borderLeftColor={COLOURS[state] ?? "border.emphasized"} pl="2">
      <span aria-hidden="true">{SIGNS[state] ?? "•"} </span>
      {state}
    </Box>
  );
}

export function RunLink({ run }: { run: { plan: string; run: string } }) {
  return (
    <Link to={pageOf("runs", run.plan, run.run)} style={UNDERLINED}>
      {run.plan} {run.run}
    </Link>
  );
}

/** What is on the node: release, since when, by which run, verified or not. */
export function Installed({ row, now }: { row: NodeRow; now: Date }) {
  if (row.installed.length === 0) return <Muted>nothing recorded</Muted>;
  return row.installed.map((each) => (
    <Box key={`${each.product}/${each.component}`} mb="1" overflowWrap="anywhere" data-testid="installed">
      <strong>
        {each.product} {each.component} {each.version || "none"}
      </strong>{" "}
      {each.event} <When at={each.since} zone={row.timezone} now={now} />{" "}
      by <RunLink run={each} />, {each.verified ? "verified" : "not verified"}
      {each.verified_by && each.verified_by !== each.run && ` by run ${each.verified_by}`}
    </Box>
  ));
}

export function HeldBy({ row, now }: { row: NodeRow; now: Date }) {
  if (row.holder === null) return <Muted>nobody</Muted>;
  return (
    <Box overflowWrap="anywhere">
      <RunLink run={row.holder} /> since <When at={row.holder.since} zone={row.timezone} now={now} />
      {row.holder.frozen && <Text fontWeight="medium">frozen: {row.holder.frozen}</Text>}
      {row.jobs.map((job) => (
        <Text key={job.job}>
          {job.component} {job.step} runs since <When at={job.since} zone={row.timezone} now={now} /> ({job.job})
        </Text>
      ))}
    </Box>
  );
}

/** How it stands and what went wrong; what cannot be believed is named. */
export function Standing({ row }: { row: NodeRow }) {
  return (
    <Box overflowWrap="anywhere">
      <State state={row.state} />
      {row.last && (row.state !== "done" || row.last.outcome === null) && (
        <Text>
          in <RunLink run={row.last} />
          {row.last.outcome === null && ", which goes on"}
        </Text>
      )}
      {row.drained && <Text fontWeight="medium">{row.drained}</Text>}
      {row.why && <Text>{row.why}</Text>}
      {row.problems.map((each) => (
        <Text key={`${each.plan}/${each.run}`}>
          <strong>Not known:</strong> {each.plan} {each.run}: {each.sentence}
        </Text>
      ))}
      {row.hidden > 0 && <Muted>{row.hidden} more of plans that you may not read</Muted>}
      {!row.declared && <Muted>not in the environment's file</Muted>}
    </Box>
  );
}

export function Next({ row, now }: { row: NodeRow; now: Date }) {
  if (row.next === null) return <Muted>nothing within 7 days</Muted>;
  return (
    <Box overflowWrap="anywhere">
      <Link to={`/dags/${encodeURIComponent(row.next.plan)}`} style={UNDERLINED}>
        {row.next.plan}
      </Link>
      {row.next.release && ` (${row.next.release})`} opens <When at={row.next.opens} zone={row.timezone} now={now} />
    </Box>
  );
}

export function Muted({ children }: { children: ReactNode }) {
  return (
    <Box as="span" color="fg.muted">
      {children}
    </Box>
  );
}

/** What could not be told. */
export function ReadingNotes({ found }: { found: Reading }) {
  const notes = [
    found.unread > 0 && `Still reading: ${found.unread} runs; until then nodes may have more on them than is shown.`,
    found.older > 0 && `${found.older} earlier runs are not looked at here; deployplan evidence tells of them.`,
    ...Object.entries(found.broken).map(([name, why]) => `The file of ${name} cannot be read: ${why}`),
  ].filter((note): note is string => !!note);
  return notes.map((note) => (
    <Text key={note} fontSize="sm" color="fg.muted" role="status" overflowWrap="anywhere">
      {note}
    </Text>
  ));
}

/** How a node stands, line by line: what the list shows on a phone, and the node's page everywhere. */
export function Facts({ row, now }: { row: NodeRow; now: Date }) {
  const facts = [
    ["stands", <Standing key="stands" row={row} />],
    ["installed", <Installed key="installed" row={row} now={now} />],
    ["held by", <HeldBy key="held" row={row} now={now} />],
    ["next plan", <Next key="next" row={row} now={now} />],
  ] as const;
  return (
    <Box as="dl" display="grid" gridTemplateColumns="auto minmax(0, 1fr)" columnGap="4" rowGap="1" my="3">
      {facts.map(([what, fact]) => (
        <Box key={what} display="contents">
          <Box as="dt" color="fg.muted">
            {what}
          </Box>
          <Box as="dd" m="0">
            {fact}
          </Box>
        </Box>
      ))}
    </Box>
  );
}
