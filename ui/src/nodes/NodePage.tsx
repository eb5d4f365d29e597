import { Box, Flex, Heading, Text } from "@chakra-ui/react";
import { Link, useParams } from "react-router-dom";
import { useWords } from "../Filters.tsx";
import { pageOf } from "../paths.ts";
import { useAnswer } from "../poll.ts";
import { Problem } from "../Problem.tsx";
import { useNow } from "../store.ts";
import { When } from "../When.tsx";
import { length, type NodeRun, type NodeStory, type Result } from "./nodes.ts";
import { Facts, Muted, ReadingNotes, RunLink, State, UNDERLINED } from "./parts.tsx";

/** One node: what is on it, and each run with what came of it on this very node. */
export function NodePage() {
  const { environment = "", node = "" } = useParams();
  const [said, say] = useWords();
  const before = said.get("before") ?? "";
  const path = `nodes/${encodeURIComponent(environment)}/${encodeURIComponent(node)}`;
  const seen = useAnswer<NodeStory>(before ? `${path}?before=${encodeURIComponent(before)}` : path);
  const now = useNow();
  return (
    <>
      <Heading as="h1" size="xl" mb="1" overflowWrap="anywhere">
        {node} <Muted>({environment})</Muted>
      </Heading>
      <Text fontSize="sm">
        <Link to={pageOf("nodes")} style={UNDERLINED}>
          All nodes
        </Link>
      </Text>
      <Problem seen={seen} />
      {seen.found === null ? (
        seen.problem === null && <Text role="status">Reading the records of the runs…</Text>
      ) : (
        <Story found={seen.found} now={now} before={before} turn={(to) => say({ before: to })} />
      )}
    </>
  );
}

function Story(props: { found: NodeStory; now: Date; before: string; turn: (to: string) => void }) {
  const { found, now, before, turn } = props;
  const row = found.node;
  return (
    <>
      <ReadingNotes found={found} />
      <Facts row={row} now={now} />
      <Heading as="h2" size="md" mt="4">
        Runs on this node ({found.matching})
      </Heading>
      <Flex as="ol" direction="column" gap="2" mt="2" p="0" listStyleType="none">
        {found.runs.map((run) => (
          <Box as="li" key={`${run.plan}/${run.run}`} borderTopWidth="1px" borderColor="border" py="2" fontSize="sm">
            <Run run={run} zone={row.timezone} now={now} />
          </Box>
        ))}
      </Flex>
      <Flex gap="4" my="3">
        {before && (
          <button type="button" style={UNDERLINED} onClick={() => turn("")}>
            From the latest run
          </button>
        )}
        {found.next && (
          <button type="button" style={UNDERLINED} onClick={() => turn(found.next ?? "")}>
            Earlier runs
          </button>
        )}
      </Flex>
    </>
  );
}

function Run({ run, zone, now }: { run: NodeRun; zone: string; now: Date }) {
  return (
    <Box overflowWrap="anywhere">
      <Text>
        <strong>
          {run.product} {run.release}
        </strong>{" "}
        by <RunLink run={run} />: run {run.outcome ? run.outcome.replaceAll("_", " ") : "under way"}
        {run.at && (
          <>
            , <When at={run.at} zone={zone} now={now} />
          </>
        )}
      </Text>
      {run.problem && (
        <Text>
          <strong>Not known:</strong> {run.problem}
        </Text>
      )}
      {run.standing && (
        <Text>
          this node: <State state={run.standing} />
        </Text>
      )}
      {run.results.map((result) => (
        <Text key={result.component} pl="4">
          {told(result)}
        </Text>
      ))}
    </Box>
  );
}

/** `web: failed after 12 s, exit 3: no space left (job …)`. */
function told(result: Result): string {
  const took = result.seconds === null ? "" : ` after ${length(result.seconds)}`;
  const exit = result.exit === null ? "" : `, exit ${result.exit}`;
  const why = result.why ? `: ${result.why}` : "";
  const job = result.job ? ` (${result.step} job ${result.job})` : "";
  return `${result.component}: ${result.standing}${took}${exit}${why}${job}`;
}
