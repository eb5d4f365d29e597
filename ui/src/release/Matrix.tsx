import { Box, Button, Flex, Input, Text } from "@chakra-ui/react";
import { memo, useEffect, useState } from "react";
import type { Standing } from "../tonight.ts";
import { type Cell, chosen, duration, type NodeRow, type Release, SIGNS, versions } from "./release.ts";
import { type LogWanted, NodeLog } from "./NodeLog.tsx";
import { Section, Table } from "./Section.tsx";

const COLOURS: Record<Standing, string> = {
  done: "green.fg",
  working: "blue.fg",
  failed: "red.fg",
  unknown: "purple.fg",
  "left out": "orange.fg",
  undone: "fg.muted",
  "not started": "fg.muted",
};

/** Which nodes have which component in which release, and what was said of each last. */
export function Matrix({ release, now }: { release: Release; now: Date }) {
  const [standing, choose] = useState("");
  const [text, write] = useState("");
  const [log, show] = useState<LogWanted | null>(null);
  const narrow = useNarrow();
  const rows = chosen(release.matrix, standing, text);
  const several = release.components.length > 1;
  return (
    <Section title={`Nodes (${release.matrix.length})`}>
      <Flex gap="2" wrap="wrap" mb="2" align="center">
        {Object.entries(release.nodes).map(([name, count]) => (
          <Button
            key={name}
            size="xs"
            variant={standing === name ? "solid" : "outline"}
            aria-pressed={standing === name}
            onClick={() => choose(standing === name ? "" : name)}
          >
            <span aria-hidden="true">{SIGNS[name as Standing]}</span> {count} {name}
          </Button>
        ))}
        <label htmlFor="deployplan-node">node</label>
        <Input id="deployplan-node" size="xs" width="12rem" value={text} onChange={(event) => write(event.target.value)} />
      </Flex>
      {narrow ? (
        <Flex as="ul" direction="column" gap="2" p="0" listStyleType="none">
          {rows.map((row) => (
            <Box as="li" key={row.node} borderWidth="1px" borderRadius="md" p="2" fontSize="sm">
              <Text fontWeight="semibold" overflowWrap="anywhere">
                {row.node}
              </Text>
              {row.cells.map((cell) => (
                <Box key={cell.component} mt="1" overflowWrap="anywhere">
                  {several && `${cell.component}: `}
                  <CellText node={row.node} cell={cell} now={now} show={show} />
                </Box>
              ))}
            </Box>
          ))}
        </Flex>
      ) : (
        <Table label="Nodes and components" head={["node", ...release.components]}>
          {rows.map((row) => (
            <MatrixRow key={row.node} row={row} components={release.components} now={now} show={show} />
          ))}
        </Table>
      )}
      {rows.length < release.matrix.length && (
        <Text fontSize="sm" color="fg.muted" mt="1" role="status">
          {rows.length} of {release.matrix.length} shown
        </Text>
      )}
      {log && release.run && <NodeLog plan={release.plan} run={release.run} wanted={log} close={() => show(null)} />}
    </Section>
  );
}

interface RowGiven {
  row: NodeRow;
  components: string[];
  now: Date;
  show: (log: LogWanted) => void;
}

/** A row is drawn anew when it says something else, or a script runs in it: hundreds stand still while one changes. */
const MatrixRow = memo(
  function MatrixRow({ row, components, now, show }: RowGiven) {
    return (
      <tr>
        <th scope="row" style={{ whiteSpace: "nowrap" }}>
          {row.node}
        </th>
        {components.map((component) => {
          const cell = row.cells.find((each) => each.component === component);
          return <td key={component}>{cell ? <CellText node={row.node} cell={cell} now={now} show={show} /> : "–"}</td>;
        })}
      </tr>
    );
  },
  (old, fresh) =>
    JSON.stringify(old.row) === JSON.stringify(fresh.row) &&
    old.components.length === fresh.components.length &&
    (old.now === fresh.now || !fresh.row.cells.some((cell) => cell.began && !cell.ended)),
);

function CellText({ node, cell, now, show }: { node: string; cell: Cell; now: Date; show: (log: LogWanted) => void }) {
  const took = duration(cell, now);
  const colour = `var(--chakra-colors-${COLOURS[cell.standing].replace(".", "-")})`;
  return (
    <>
      <span style={{ color: colour, fontWeight: 600, whiteSpace: "nowrap" }}>
        <span aria-hidden="true">{SIGNS[cell.standing]}</span> {cell.standing}
      </span>{" "}
      {versions(cell)}
      <span style={{ color: "var(--chakra-colors-fg-muted)" }}>
        {" · "}wave {cell.wave}
        {took && ` · ${cell.step ?? "script"} ${took}`}
        {cell.words && ` · ${cell.words}`}
      </span>
      {cell.job && (
        <>
          {" "}
          <button
            type="button"
            aria-label={`log of ${cell.component} on ${node}`}
            style={{ textDecoration: "underline", cursor: "pointer" }}
            onClick={() => show({ node, component: cell.component, step: cell.step ?? "deploy" })}
          >
            log
          </button>
        </>
      )}
    </>
  );
}

const NARROW = "(max-width: 48em)";

function useNarrow(): boolean {
  const [narrow, set] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const media = matchMedia(NARROW);
    const change = () => set(media.matches);
    media.addEventListener("change", change);
    return () => media.removeEventListener("change", change);
  }, []);
  return narrow;
}
