import { Box, Flex, Heading, Text } from "@chakra-ui/react";
import { Filters, useFilter } from "./Filters.tsx";
import { HoldForm } from "./HoldForm.tsx";
import { Problem } from "./Problem.tsx";
import { RowCard } from "./RowCard.tsx";
import { useNow, useTonight } from "./store.ts";
import { filtered, type Lane, type Row, summary, type Tonight } from "./tonight.ts";

const TITLES: Record<Lane, string> = {
  "needs you": "Needs you",
  running: "Running",
  waiting: "Waiting",
  "next 7 days": "Next 7 days",
  "ended in 24 h": "Ended in 24 hours",
};

/** The first page: lanes of rows, sorted by time to act. */
export function Releases() {
  const seen = useTonight();
  const now = useNow();
  return (
    <>
      <Heading as="h1" size="xl" mb="1">
        Releases
      </Heading>
      <Problem seen={seen} />
      {seen.found === null ? seen.problem === null && <Text role="status">Reading plans and records…</Text> : <Lanes found={seen.found} now={now} />}
    </>
  );
}

function Lanes({ found, now }: { found: Tonight; now: Date }) {
  const [filter, choose] = useFilter();
  const rows = filtered(found.rows, filter);
  return (
    <>
      <Text>{summary(found, now)}</Text>
      {found.hold && (
        <Text role="status" fontWeight="semibold" borderLeftWidth="4px" borderLeftColor="orange.solid" pl="2" my="2">
          Everything is {found.hold.sentence}
        </Text>
      )}
      <Notes found={found} />
      <Flex gap="4" my="3" wrap="wrap" align="center" justify="space-between">
        <Filters rows={found.rows} filter={filter} choose={choose} />
        <HoldForm found={found} />
      </Flex>
      {found.lanes.map((lane) => (
        <LaneSection key={lane} lane={lane} rows={rows.filter((row) => row.lane === lane)} now={now} />
      ))}
    </>
  );
}

function Notes({ found }: { found: Tonight }) {
  const notes = [
    found.unread > 0 && `Still reading: ${found.unread} runs or plan files.`,
    found.rejected > 0 && `Not shown: ${found.rejected} plan files with problems; see Airflow's import errors, or deployplan lint.`,
  ].filter((note): note is string => !!note);
  return notes.map((note) => (
    <Text key={note} fontSize="sm" color="fg.muted" role="status">
      {note}
    </Text>
  ));
}

function LaneSection({ lane, rows, now }: { lane: Lane; rows: Row[]; now: Date }) {
  const id = `lane-${lane.replaceAll(" ", "-")}`;
  return (
    <Box as="section" aria-labelledby={id} mt="4">
      <Heading as="h2" size="md" id={id}>
        {TITLES[lane]} ({rows.length})
      </Heading>
      {rows.length === 0 ? (
        <Text fontSize="sm" color="fg.muted">
          nothing
        </Text>
      ) : (
        <Flex as="ul" direction="column" gap="2" mt="2" p="0" listStyleType="none">
          {rows.map((row) => (
            <Box as="li" key={`${row.plan}/${row.run}`}>
              <RowCard row={row} now={now} />
            </Box>
          ))}
        </Flex>
      )}
    </Box>
  );
}
