import { Box, Flex } from "@chakra-ui/react";
import { PHASES, type Row } from "./tonight.ts";

/** Six steps, the one that it is in by its name; `planned` where nothing has begun. */
export function PhaseRail({ row }: { row: Row }) {
  const at = row.phase?.number ?? 0;
  const name = row.phase ? `${at} of ${PHASES.length}, ${row.phase.name}` : row.damaged ? "not known" : "planned";
  const backedOut = at === 5 || (row.nodes.undone ?? 0) > 0;
  const passed = (number: number) => number <= at && (number !== 5 || backedOut);
  return (
    <Flex align="center" gap="2" fontSize="sm">
      <Flex gap="1" aria-hidden="true">
        {PHASES.map((phase, index) => (
          <Box
            key={phase}
            width={index + 1 === at ? "5" : "2.5"}
            height="2.5"
            borderRadius="full"
            borderWidth="1px"
            borderColor={passed(index + 1) ? "blue.solid" : "border.emphasized"}
            bg={passed(index + 1) ? "blue.solid" : "transparent"}
          />
        ))}
      </Flex>
      <span>Phase {name}</span>
    </Flex>
  );
}
