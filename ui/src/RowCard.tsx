import { Box, Flex, Heading, Text } from "@chakra-ui/react";
import { memo, type ReactNode } from "react";
import { Link } from "react-router-dom";
import { NodeBar } from "./NodeBar.tsx";
import { PhaseRail } from "./PhaseRail.tsx";
import { answerOf, budgetOf, cardOf, clock, deadline, distance, releaseOf, type Row, waitsFor, zoned } from "./tonight.ts";

const EDGE: Record<string, string> = {
  "needs you": "orange.solid",
  running: "blue.solid",
  waiting: "gray.solid",
  "next 7 days": "border.emphasized",
};
const BAD = new Set(["backout_failed", "unknown", "missed", "window_missed"]);
const GREEN = new Set(["success", "success_with_issues", "nothing_to_do"]);

function edge(row: Row): string {
  if (row.damaged || BAD.has(row.outcome ?? "")) return "red.solid";
  if (GREEN.has(row.outcome ?? "")) return "green.solid";
  return EDGE[row.lane] ?? "gray.solid";
}

/** A plan or run at a glance. On a phone its parts stand below each other. */
export const RowCard = memo(function RowCard({ row, now }: { row: Row; now: Date }) {
  const card = cardOf(row);
  return (
    <Box
      as="article"
      borderWidth="1px"
      borderColor="border"
      borderLeftWidth="4px"
      borderLeftColor={edge(row)}
      borderRadius="md"
      p="3"
      aria-label={`${row.plan}${row.run ? `, run ${row.run}` : ""}`}
    >
      <Flex direction={{ base: "column", lg: "row" }} gap={{ base: "2", lg: "6" }}>
        <Box flex="2 1 0" minWidth="0">
          <Heading as="h3" size="sm" overflowWrap="anywhere">
            <Link to={releaseOf(row)} style={{ textDecoration: "underline" }}>
              {row.plan}
            </Link>
          </Heading>
          <Text fontSize="sm" color="fg.muted" overflowWrap="anywhere">
            {[row.product && row.release ? `${row.product} ${row.release}` : row.product, row.environment, row.owner && `by ${row.owner}`]
              .filter(Boolean)
              .join(" · ")}
          </Text>
          <Text mt="1" overflowWrap="anywhere" data-testid="sentence">
            {row.damaged && <strong>Damaged record: </strong>}
            {row.outcome && !row.damaged && <strong>{row.outcome.replaceAll("_", " ")}: </strong>}
            {row.sentence}
          </Text>
          {card && (
            <Text mt="2">
              <a href={answerOf(row) ?? undefined} style={{ textDecoration: "underline", fontWeight: 600 }}>
                {row.may.answer ? "Answer" : "See the question"}
              </a>{" "}
              (
              <Link to={card} style={{ textDecoration: "underline" }}>
                in Airflow
              </Link>
              ){" "}
              <Box as="span" fontSize="sm" color="fg.muted">
                {row.question && waitsFor(row.question)}
              </Box>
            </Text>
          )}
        </Box>
        <Box flex="1 1 0" minWidth="0">
          <PhaseRail row={row} />
          <Box mt="2">
            <NodeBar row={row} />
          </Box>
        </Box>
        <Box flex="1 1 0" minWidth="0" fontSize="sm">
          <Facts row={row} now={now} />
        </Box>
      </Flex>
    </Box>
  );
});

function Facts({ row, now }: { row: Row; now: Date }) {
  const due = deadline(row);
  const { seats, wave } = row;
  const budget = budgetOf(row);
  return (
    <Box as="dl" display="grid" gridTemplateColumns="auto 1fr" columnGap="3" rowGap="1" m="0">
      {due && (
        <Fact what={due.what}>
          {clock(due.at, undefined, now)}, {distance(due.at, now)}
          {clock(due.at, row.timezone, now) !== clock(due.at, undefined, now) && (
            <Box as="span" color="fg.muted">
              {`; ${zoned(due.at, row.timezone, now)}`}
            </Box>
          )}
        </Fact>
      )}
      {wave && row.phase && !row.ended && (
        <Fact what="wave">
          {wave.number} of {wave.of}, {wave.title}
        </Fact>
      )}
      {seats && !row.ended && (
        <Fact what="approval">
          {seats.taken} of {seats.of}
          {seats.by.length > 0 && ` (${seats.by.join(", ")})`}
          {seats.missing.length > 0 && `, missing: ${seats.missing.join(" or ")}`}
        </Fact>
      )}
      {budget && <Fact what="budget">{budget}</Fact>}
    </Box>
  );
}

function Fact({ what, children }: { what: string; children: ReactNode }) {
  return (
    <>
      <Box as="dt" color="fg.muted">
        {what}
      </Box>
      <Box as="dd" m="0" overflowWrap="anywhere">
        {children}
      </Box>
    </>
  );
}
