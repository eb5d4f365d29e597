import { Box, Text } from "@chakra-ui/react";
import type { Finding } from "./plan.ts";

/** What is wrong, at its line, with the caret below it and how to mend it: as `deployplan lint` prints it. */
export function Findings({ findings }: { findings: Finding[] }) {
  return (
    <Box as="ul" listStyleType="none" p="0">
      {findings.map((found, place) => (
        <Box
          as="li"
          key={place}
          my="2"
          pl="2"
          borderLeftWidth="4px"
          borderLeftColor={found.severity === "error" ? "red.solid" : "orange.solid"}
        >
          <Text overflowWrap="anywhere">
            <strong>{found.severity === "error" ? "✗ error" : "⚠ warning"}</strong> {found.path}:{found.line}:{found.column}: {found.message} [{found.rule}]
          </Text>
          {found.snippet.length > 0 && (
            <Box as="pre" role="region" aria-label={`line ${found.line} of ${found.path}`} tabIndex={0} overflowX="auto" bg="bg.muted" p="1" fontSize="sm">
              {found.snippet.join("\n")}
            </Box>
          )}
          {found.hint && <Text overflowWrap="anywhere">hint: {found.hint}</Text>}
        </Box>
      ))}
    </Box>
  );
}
