import { Box, Text } from "@chakra-ui/react";
import { Link } from "react-router-dom";
import { planPath } from "./Agenda.tsx";
import { type Calendar, dayName, inDay, nameOf, signOf } from "./calendar.ts";

const MOST = 6; // entries that a day shows; the list below has all

/** A month as a grid of days. On a phone the list below says the same. */
export function MonthGrid({ found }: { found: Calendar }) {
  return (
    <Box
      as="ul"
      display={{ base: "none", md: "grid" }}
      gridTemplateColumns="repeat(7, minmax(0, 1fr))"
      listStyleType="none"
      p="0"
      my="3"
      borderTopWidth="1px"
      borderLeftWidth="1px"
      borderColor="border"
      aria-label="Days of the month"
    >
      {found.days.map((day, index) => {
        const entries = inDay(found, index);
        return (
          <Box
            as="li"
            key={day.date}
            minHeight="6rem"
            p="1"
            borderRightWidth="1px"
            borderBottomWidth="1px"
            borderColor="border"
            bg={day.asked_for ? "bg" : "bg.muted"}
            fontSize="xs"
          >
            <Text fontWeight={day.date === found.today ? "bold" : "normal"}>
              {dayName(day.date)}
              {day.date === found.today && " (today)"}
            </Text>
            {entries.slice(0, MOST).map((entry, place) => (
              <Text key={place} truncate lineHeight="1.5rem" title={`${entry.begins} to ${entry.ends}: ${entry.what}`}>
                {signOf(entry)} {entry.plan ? <Link to={planPath(entry.plan)}>{nameOf(entry)}</Link> : nameOf(entry)}
              </Text>
            ))}
            {entries.length > MOST && <Text>and {entries.length - MOST} more</Text>}
          </Box>
        );
      })}
    </Box>
  );
}
