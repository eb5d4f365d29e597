import { Box, Flex, Heading, Text } from "@chakra-ui/react";
import { Muted, RunLink } from "../nodes/parts.tsx";
import { useIsWide } from "../useIsWide.ts";
import { When } from "../When.tsx";
import { type Current, gridOf } from "./history.ts";
import { Outcome } from "./Outcome.tsx";

/** Each product in each environment: which release, since when, how it ended, who approved it. */
export function CurrentGrid({ current, now }: { current: Current[]; now: Date }) {
  const wide = useIsWide();
  const { environments, rows } = gridOf(current);
  return (
    <Box as="section" aria-labelledby="current" mt="3">
      <Heading as="h2" size="md" id="current">
        What is where
      </Heading>
      {current.length === 0 ? (
        <Muted>no run has ended</Muted>
      ) : wide && environments.length <= 4 ? (
        <Box as="table" fontSize="sm" mt="2" width="100%" style={{ borderCollapse: "collapse", tableLayout: "fixed" }}>
          <thead>
            <tr>
              {["product", ...environments].map((each) => (
                <Box as="th" key={each} textAlign="start" p="2" color="fg.muted" fontWeight="medium">
                  {each}
                </Box>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Box as="tr" key={row.product} borderTopWidth="1px" borderColor="border">
                <th scope="row" style={{ textAlign: "start", padding: "0.5rem", verticalAlign: "top", overflowWrap: "anywhere" }}>
                  {row.product}
                </th>
                {row.cells.map((cell, index) => (
                  <td key={environments[index]} style={{ padding: "0.5rem", verticalAlign: "top" }}>
                    {cell ? <Cell cell={cell} now={now} /> : <Muted>never released</Muted>}
                  </td>
                ))}
              </Box>
            ))}
          </tbody>
        </Box>
      ) : (
        <Flex as="ul" direction="column" gap="2" mt="2" p="0" listStyleType="none">
          {current.map((cell) => (
            <Box as="li" key={`${cell.product}/${cell.environment}`} borderTopWidth="1px" borderColor="border" py="2" fontSize="sm">
              <strong>{cell.product}</strong> in {cell.environment}
              <Cell cell={cell} now={now} />
            </Box>
          ))}
        </Flex>
      )}
    </Box>
  );
}

function Cell({ cell, now }: { cell: Current; now: Date }) {
  const { since, later } = cell;
  return (
    <Box overflowWrap="anywhere">
      {since ? (
        <>
          <strong>{since.release ?? "not known"}</strong> <Outcome outcome={since.outcome} />
          <Text>
            since <When at={since.ended} zone={since.timezone} now={now} />, by <RunLink run={since} />
          </Text>
          <Text>{since.approved_by.length > 0 ? `approved by ${since.approved_by.join(", ")}` : "approved by nobody"}</Text>
          {since.problem && <Text>Not known: {since.problem}</Text>}
        </>
      ) : (
        <Muted>{cell.hidden ? "not known" : "no release is known"}</Muted>
      )}
      {cell.hidden && (
        <Text>
          <strong>! Not known what is there: </strong>
          {since ? "a later run is" : "the last runs are"} of a plan that you may not read
        </Text>
      )}
      {later && (
        <Text>
          {cell.doubt && !cell.hidden && <strong>! Nobody knows what is there since: </strong>}
          then {later.release} <Outcome outcome={later.outcome} /> <When at={later.ended} zone={later.timezone} now={now} />, by <RunLink run={later} />
        </Text>
      )}
    </Box>
  );
}
