import { Box, Flex, Text } from "@chakra-ui/react";
import type { Row, Standing } from "./tonight.ts";

const COLOURS: Record<Standing, string> = {
  done: "green.solid",
  working: "blue.solid",
  failed: "red.solid",
  unknown: "purple.solid",
  "left out": "orange.solid",
  undone: "gray.solid",
  "not started": "border.emphasized",
};
const ORDER = Object.keys(COLOURS) as Standing[];

/** How many nodes stand how: in length and colour, and the same in numbers and words. */
export function NodeBar({ row }: { row: Row }) {
  const parts = ORDER.flatMap((standing) => {
    const count = row.nodes[standing];
    return count ? [{ standing, count }] : [];
  });
  if (parts.length === 0) return null;
  const words = parts.map(({ standing, count }) => `${count} ${standing}`).join(", ");
  return (
    <Box>
      <Flex height="2" borderRadius="full" overflow="hidden" gap="1px" aria-hidden="true">
        {parts.map(({ standing, count }) => (
          <Box key={standing} flexGrow={count} flexBasis="0" minWidth="4px" bg={COLOURS[standing]} />
        ))}
      </Flex>
      <Text fontSize="sm" mt="1">
        <Box as="span" fontWeight="medium">
          Nodes:
        </Box>{" "}
        {words}
        {row.troubled.length > 0 && ` (${row.troubled.join(", ")})`}
      </Text>
    </Box>
  );
}
