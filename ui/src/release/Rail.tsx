import { Box, Flex, Text } from "@chakra-ui/react";
import type { PhaseTimes } from "./release.ts";
import { length } from "./release.ts";
import { TwoClocks } from "./TwoClocks.tsx";

const SIGNS: Record<PhaseTimes["state"], string> = { over: "✓", now: "▶", ahead: "○", "not needed": "–", "not reached": "–" };

/** The six phases: how the run stands to each, when it was planned, and when it was. */
export function Rail({ phases, zone, now }: { phases: PhaseTimes[]; zone: string; now: Date }) {
  return (
    <Flex as="ol" aria-label="Phases" wrap="wrap" gap="2" my="4" p="0" listStyleType="none">
      {phases.map((phase) => (
        <Box
          as="li"
          key={phase.number}
          aria-current={phase.state === "now" ? "step" : undefined}
          flex={{ base: "1 1 100%", md: "1 1 10rem" }}
          borderTopWidth="4px"
          borderColor={phase.state === "now" ? "blue.solid" : phase.state === "over" ? "green.solid" : "border.emphasized"}
          pt="1"
          fontSize="sm"
        >
          <Text fontWeight={phase.state === "now" ? "bold" : "medium"}>
            <span aria-hidden="true">{SIGNS[phase.state]} </span>
            {phase.number} {phase.name}{" "}
            <Box as="span" fontWeight="normal" color="fg.muted">
              {phase.state}
            </Box>
          </Text>
          <Times phase={phase} zone={zone} now={now} />
        </Box>
      ))}
    </Flex>
  );
}

function Times({ phase, zone, now }: { phase: PhaseTimes; zone: string; now: Date }) {
  const { began, ended, planned_begin: from, planned_end: to } = phase;
  const at = (instant: string) => <TwoClocks at={instant} zone={zone} now={now} />;
  return (
    <>
      {began && (
        <Text>
          {at(began)}
          {ended && ` for ${length(Date.parse(ended) - Date.parse(began))}`}
        </Text>
      )}
      {!phase.state.startsWith("not ") && (from || to) && (
        <Text color="fg.muted">
          planned{from && <> from {at(from)}</>}
          {to && <> until {at(to)}</>}
        </Text>
      )}
    </>
  );
}
