import { Box, Flex, Heading, Text } from "@chakra-ui/react";
import { memo } from "react";
import { Link } from "react-router-dom";
import { Choice } from "../Choice.tsx";
import { useWords } from "../Filters.tsx";
import { address, pageOf } from "../paths.ts";
import { useAnswer } from "../poll.ts";
import { Problem } from "../Problem.tsx";
import { Search } from "../Search.tsx";
import { useNow } from "../store.ts";
import { useIsWide } from "../useIsWide.ts";
import { type NodeRow, type Nodes as Found, queryOf } from "./nodes.ts";
import { Facts, HeldBy, Installed, Next, ReadingNotes, Standing, UNDERLINED } from "./parts.tsx";

/** Every node: what is on it and why, who holds it, what comes next. */
export function Nodes() {
  const [said, say] = useWords();
  const seen = useAnswer<Found>(`nodes?${queryOf(said, { after: said.get("after") ?? "" })}`);
  const now = useNow();
  return (
    <>
      <Heading as="h1" size="xl" mb="1">
        Nodes
      </Heading>
      <Problem seen={seen} />
      <NodeFilters said={said} say={(words) => say({ ...words, after: "" })} choices={seen.found?.choices} />
      {seen.found === null ? (
        seen.problem === null && <Text role="status">Reading the records of the runs…</Text>
      ) : (
        <List found={seen.found} said={said} say={say} now={now} />
      )}
    </>
  );
}

type Say = (words: Record<string, string>) => void;

function NodeFilters({ said, say, choices }: { said: URLSearchParams; say: Say; choices: Found["choices"] | undefined }) {
  const choice = (label: string, offered: string[]) => (
    <Choice key={label} label={label} value={said.get(label) ?? ""} offered={offered} choose={(word) => say({ [label]: word })} />
  );
  return (
    <Flex as="form" role="search" gap="3" my="3" wrap="wrap" align="center" onSubmit={(event) => event.preventDefault()}>
      <Search value={said.get("q") ?? ""} hint="node, release, run…" search={(q) => say({ q })} />
      {choice("environment", choices?.environment ?? [])}
      {choice("product", choices?.product ?? [])}
      {choice("state", choices?.state ?? [])}
      {choice("holder", choices?.holder ?? [])}
      {choice("verified", ["yes", "no"])}
    </Flex>
  );
}

function List({ found, said, say, now }: { found: Found; said: URLSearchParams; say: Say; now: Date }) {
  const wide = useIsWide();
  const query = queryOf(said);
  return (
    <>
      <Flex gap="4" wrap="wrap" justify="space-between" align="baseline">
        <Text role="status">
          {found.matching} of {found.total} nodes
        </Text>
        <Flex gap="4" fontSize="sm">
          <a href={address(`nodes?${query}&format=csv`)} download="nodes.csv" style={UNDERLINED}>
            CSV
          </a>
          <a href={address(`nodes?${query}&limit=1000`)} style={UNDERLINED}>
            JSON
          </a>
        </Flex>
      </Flex>
      <ReadingNotes found={found} />
      {found.rows.length === 0 ? (
        <Text my="3">No node is like that.</Text>
      ) : wide ? (
        <Table rows={found.rows} now={now} />
      ) : (
        <Flex as="ul" direction="column" gap="2" mt="2" p="0" listStyleType="none">
          {found.rows.map((row) => (
            <Box as="li" key={`${row.environment}/${row.node}`}>
              <Card row={row} now={now} />
            </Box>
          ))}
        </Flex>
      )}
      <Flex gap="4" my="3">
        {said.get("after") && <Turn label="From the first node" to="" say={say} />}
        {found.next && <Turn label="More nodes" to={found.next} say={say} />}
      </Flex>
    </>
  );
}

function Turn({ label, to, say }: { label: string; to: string; say: Say }) {
  return (
    <button type="button" style={UNDERLINED} onClick={() => say({ after: to })}>
      {label}
    </button>
  );
}

const HEAD = ["node", "installed", "stands", "held by", "next plan"];

function Table({ rows, now }: { rows: NodeRow[]; now: Date }) {
  return (
    <Box as="table" width="100%" fontSize="sm" mt="2" style={{ borderCollapse: "collapse", tableLayout: "fixed" }}>
      <colgroup>
        {["14%", "34%", "20%", "18%", "14%"].map((width, index) => (
          <col key={index} style={{ width }} />
        ))}
      </colgroup>
      <thead>
        <tr>
          {HEAD.map((each) => (
            <Box as="th" key={each} textAlign="start" p="2" color="fg.muted" fontWeight="medium">
              {each}
            </Box>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <TableRow key={`${row.environment}/${row.node}`} row={row} now={now} />
        ))}
      </tbody>
    </Box>
  );
}

const CELL = { padding: "0.5rem", verticalAlign: "top" } as const;

const TableRow = memo(function TableRow({ row, now }: { row: NodeRow; now: Date }) {
  return (
    <Box as="tr" borderTopWidth="1px" borderColor="border">
      <th scope="row" style={{ ...CELL, textAlign: "start" }}>
        <Name row={row} />
      </th>
      <td style={CELL}>
        <Installed row={row} now={now} />
      </td>
      <td style={CELL}>
        <Standing row={row} />
      </td>
      <td style={CELL}>
        <HeldBy row={row} now={now} />
      </td>
      <td style={CELL}>
        <Next row={row} now={now} />
      </td>
    </Box>
  );
});

const Card = memo(function Card({ row, now }: { row: NodeRow; now: Date }) {
  return (
    <Box as="article" borderWidth="1px" borderColor="border" borderRadius="md" p="3" fontSize="sm" aria-label={`${row.node} (${row.environment})`}>
      <Name row={row} />
      <Facts row={row} now={now} />
    </Box>
  );
});

function Name({ row }: { row: NodeRow }) {
  return (
    <Box overflowWrap="anywhere">
      <Link to={pageOf("nodes", row.environment, row.node)} style={{ ...UNDERLINED, fontWeight: 600 }}>
        {row.node}
      </Link>
      <Box color="fg.muted" fontWeight="normal">
        {row.environment}
      </Box>
    </Box>
  );
}
