import { Box, Flex, Heading, Text } from "@chakra-ui/react";
import { memo } from "react";
import { Choice } from "../Choice.tsx";
import { useWords } from "../Filters.tsx";
import { Muted, RunLink, UNDERLINED } from "../nodes/parts.tsx";
import { length, queryOf } from "../nodes/nodes.ts";
import { useAnswer } from "../poll.ts";
import { Problem } from "../Problem.tsx";
import { Search } from "../Search.tsx";
import { useNow } from "../store.ts";
import { When } from "../When.tsx";
import { CurrentGrid } from "./CurrentGrid.tsx";
import { type Ended, type EndedRun, type Now, WITHIN, WORDS } from "./history.ts";
import { Outcome } from "./Outcome.tsx";

const OFTEN = 15_000;

/** What is released where, which windows were missed, and every run that is over. */
export function History() {
  const now = useNow();
  const seen = useAnswer<Now>("history/current", OFTEN);
  return (
    <>
      <Heading as="h1" size="xl" mb="1">
        History
      </Heading>
      <Problem seen={seen} />
      {seen.found === null ? (
        seen.problem === null && <Text role="status">Reading the records of the runs…</Text>
      ) : (
        <>
          <CurrentGrid current={seen.found.current} now={now} />
          <MissedWindows found={seen.found} />
        </>
      )}
      <Runs now={now} />
    </>
  );
}

function MissedWindows({ found }: { found: Now }) {
  return (
    <Box as="section" aria-labelledby="missed" mt="5">
      <Heading as="h2" size="md" id="missed">
        Missed windows ({found.missed.length})
      </Heading>
      {found.reading && <Muted>Being looked for…</Muted>}
      {found.problem && <Text overflowWrap="anywhere">It cannot be told which: {found.problem}</Text>}
      {found.missed.length === 0 && !found.reading && !found.problem && <Muted>nothing</Muted>}
      <Box as="ul" fontSize="sm" pl="4">
        {found.missed.map((each) => (
          <Box as="li" key={each.plan} overflowWrap="anywhere">
            <strong>{each.plan}</strong> ({each.environment}, by {each.owner}): {each.reason}; {each.what_became_of_it}
          </Box>
        ))}
      </Box>
    </Box>
  );
}

function Runs({ now }: { now: Date }) {
  const [said, say] = useWords();
  const seen = useAnswer<Ended>(`history?${queryOf(said, {}, WORDS)}`, OFTEN);
  const choices = seen.found?.choices;
  const narrow = (words: Record<string, string>) => say({ ...words, after: "" });
  const choice = (label: string, offered: string[]) => (
    <Choice key={label} label={label} value={said.get(label) ?? ""} offered={offered} choose={(word) => narrow({ [label]: word })} />
  );
  return (
    <Box as="section" aria-labelledby="over" mt="5">
      <Heading as="h2" size="md" id="over">
        Runs that are over
      </Heading>
      <Flex as="form" role="search" gap="3" my="3" wrap="wrap" align="center" onSubmit={(event) => event.preventDefault()}>
        <Search value={said.get("q") ?? ""} hint="ticket, feature, person, node…" search={(q) => narrow({ q })} />
        {choice("within", WITHIN)}
        {choice("environment", choices?.environment ?? [])}
        {choice("product", choices?.product ?? [])}
        {choice("outcome", choices?.outcome ?? [])}
      </Flex>
      <Problem seen={seen} />
      {seen.found && <RunList found={seen.found} now={now} from={said.get("after") ?? ""} turn={(after) => say({ after })} />}
    </Box>
  );
}

function RunList(props: { found: Ended; now: Date; from: string; turn: (after: string) => void }) {
  const { found, now, from, turn } = props;
  return (
    <>
      {found.runs.length === 0 && <Text role="status">{found.cut ? "None among those that were looked at so far." : "No run is like that."}</Text>}
      <Flex as="ol" direction="column" p="0" listStyleType="none">
        {found.runs.map((run) => (
          <Box as="li" key={`${run.plan}/${run.run}`} borderTopWidth="1px" borderColor="border" py="2" fontSize="sm">
            <Run run={run} now={now} />
          </Box>
        ))}
      </Flex>
      {found.next === null && found.older > 0 && <Muted>{found.older} earlier runs are not looked at here; deployplan evidence tells of them.</Muted>}
      <Flex gap="4" my="3">
        {from && (
          <button type="button" style={UNDERLINED} onClick={() => turn("")}>
            From the latest run
          </button>
        )}
        {found.next && (
          <button type="button" style={UNDERLINED} onClick={() => turn(found.next ?? "")}>
            {found.cut ? "Look further back" : "Earlier runs"}
          </button>
        )}
      </Flex>
    </>
  );
}

const Run = memo(function Run({ run, now }: { run: EndedRun; now: Date }) {
  return (
    <Flex as="article" direction={{ base: "column", md: "row" }} gap={{ base: "1", md: "6" }} overflowWrap="anywhere" aria-label={`${run.plan} ${run.run}`}>
      <Box flex="2 1 0" minWidth="0">
        <strong>
          {run.product} {run.release}
        </strong>{" "}
        in {run.environment}: <Outcome outcome={run.outcome} />
        <Text>
          <RunLink run={run} />, ended <When at={run.ended} zone={run.timezone} now={now} />
        </Text>
        {run.because && <Text>{run.because}</Text>}
        {run.problem && (
          <Text>
            <strong>Not known:</strong> {run.problem}
          </Text>
        )}
      </Box>
      <Box flex="1 1 0" minWidth="0">
        <Text>{run.approved_by.length > 0 ? `approved by ${run.approved_by.join(", ")}` : "approved by nobody"}</Text>
        {run.author && <Muted>planned by {run.author}</Muted>}
        {run.pace && (
          <Text>
            took {length(run.pace.seconds)}
            {run.pace.usual !== null && `, p90 ${length(run.pace.usual)}`}: {run.pace.sentence}
          </Text>
        )}
      </Box>
      <Box flex="1 1 0" minWidth="0">
        {run.tickets.length > 0 && <Text>tickets: {run.tickets.join(", ")}</Text>}
        {Object.keys(run.features).length > 0 && <Text>features: {Object.keys(run.features).join(", ")}</Text>}
        <Text>
          {run.node_count === 1 ? "1 node" : `${run.node_count} nodes`}: {run.nodes.slice(0, 5).join(", ")}
          {run.node_count > 5 && ", …"}
        </Text>
      </Box>
    </Flex>
  );
});
