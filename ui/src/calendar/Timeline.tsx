import { Box, Flex, Text } from "@chakra-ui/react";
import type { CSSProperties } from "react";
import { Link } from "react-router-dom";
import { planPath } from "./Agenda.tsx";
import { type Calendar, dayName, type Entry, KINDS, nameOf, placeOf, rowsOf, signOf, TITLES } from "./calendar.ts";

const EDGES: Record<string, string> = { window: "blue.solid", freeze: "red.solid", free: "green.solid", plan: "border.emphasized" };

const SHORTEST = 0.04; // of the whole: as much as a bar of 32 pixels takes, which a finger hits

/** A week as lanes of bars, each as long as it lasts. On a phone the list below says the same. */
export function Timeline({ found }: { found: Calendar }) {
  return (
    <Box display={{ base: "none", md: "block" }} role="region" aria-label="Timeline of the week" tabIndex={0} overflowX="auto" my="3">
      <Box minWidth="60rem" borderWidth="1px" borderColor="border" borderRadius="md">
        <Flex ml="7rem" position="relative" height="2rem">
          {found.days.map((day, index) => {
            const ends = found.days[index + 1]?.begins ?? found.end;
            const width = (100 * (Date.parse(ends) - Date.parse(day.begins))) / (Date.parse(found.end) - Date.parse(found.start));
            return (
              <Text key={day.date} width={`${width}%`} px="1" borderLeftWidth="1px" fontSize="sm" fontWeight={day.date === found.today ? "bold" : "normal"}>
                {dayName(day.date)}
                {day.date === found.today && " (today)"}
              </Text>
            );
          })}
        </Flex>
        {KINDS.map((kind) => (
          <Lane key={kind} title={TITLES[kind]} entries={found.entries.filter((entry) => entry.kind === kind)} found={found} />
        ))}
      </Box>
    </Box>
  );
}

function Lane({ title, entries, found }: { title: string; entries: Entry[]; found: Calendar }) {
  const rows = rowsOf(entries, SHORTEST * (Date.parse(found.end) - Date.parse(found.start)));
  return (
    <Flex borderTopWidth="1px" borderColor="border">
      <Text width="7rem" flex="none" p="1" fontSize="sm">
        {title}
      </Text>
      <Box flex="1" minWidth="0">
        {rows.length === 0 && (
          <Text fontSize="sm" color="fg.muted" p="1">
            none
          </Text>
        )}
        {rows.map((row, number) => (
          <Box key={number} position="relative" height="2rem">
            {row.map((entry, place) => (
              <Bar key={place} entry={entry} found={found} />
            ))}
          </Box>
        ))}
      </Box>
    </Flex>
  );
}

function Bar({ entry, found }: { entry: Entry; found: Calendar }) {
  const place = placeOf(entry, found.start, found.end);
  if (place === null) return null;
  const style: CSSProperties = { left: `${place.left}%`, width: `${place.width}%` };
  const told = `${entry.begins} to ${entry.ends}: ${entry.what || "free"}`;
  const text = `${signOf(entry)} ${nameOf(entry)}`;
  return (
    <Box
      position="absolute"
      top="0.15rem"
      minWidth="2rem"
      height="1.7rem"
      style={style}
      title={told}
      borderWidth="1px"
      borderLeftWidth="4px"
      boxSizing="border-box"
      borderColor={entry.plan?.conflict ? "orange.solid" : EDGES[entry.kind]}
      borderStyle={entry.kind === "free" ? "dashed" : "solid"}
      bg="bg.muted"
      borderRadius="sm"
      fontSize="xs"
      px={entry.plan ? "0" : "1"}
      overflow="hidden"
      lineHeight="1.6rem"
      whiteSpace="nowrap"
      textOverflow="ellipsis"
    >
      {entry.plan ? (
        <Link to={planPath(entry.plan)} aria-label={`${text}; ${told}`} style={{ display: "block", overflow: "hidden", textOverflow: "ellipsis" }}>
          {text}
        </Link>
      ) : (
        text
      )}
    </Box>
  );
}
