import { Box, Heading, Text } from "@chakra-ui/react";
import { Link } from "react-router-dom";
import { type Calendar, dayName, type Entry, type PlanInCalendar, signOf } from "./calendar.ts";

/** The path of a plan in Airflow: its run, else its DAG. */
export function planPath(plan: PlanInCalendar): string {
  const dag = `/dags/${encodeURIComponent(plan.name)}`;
  return plan.run ? `${dag}/runs/${encodeURIComponent(plan.run)}` : dag;
}

/** Everything in order of time, in the words of `deployplan calendar`; each entry once, on the day on which it begins. */
export function Agenda({ found }: { found: Calendar }) {
  const begins = (entry: Entry, index: number) =>
    Date.parse(entry.start) < Date.parse(found.days[index + 1]?.begins ?? found.end) &&
    (index === 0 || Date.parse(entry.start) >= Date.parse(found.days[index]?.begins ?? found.end));
  const days = found.days
    .map((day, index) => ({ day, entries: found.entries.filter((entry) => begins(entry, index)) }))
    .filter(({ entries }) => entries.length > 0);
  if (days.length === 0) return <Text mt="3">Nothing happens in this time.</Text>;
  return (
    <Box mt="3">
      {days.map(({ day, entries }) => (
        <Box as="section" key={day.date} mt="3" aria-labelledby={`day-${day.date}`}>
          <Heading as="h3" size="sm" id={`day-${day.date}`}>
            {dayName(day.date, true)}
            {day.date === found.today && " (today)"}
          </Heading>
          <Box as="ul" listStyleType="none" p="0">
            {entries.map((entry, place) => (
              <Line key={place} entry={entry} />
            ))}
          </Box>
        </Box>
      ))}
    </Box>
  );
}

function Line({ entry }: { entry: Entry }) {
  const { plan } = entry;
  return (
    <Box as="li" display="flex" flexWrap="wrap" columnGap="3" py="1" fontSize="sm" overflowWrap="anywhere">
      <Box as="span" flex="0 1 20rem" minWidth="0">
        <span aria-hidden="true">{signOf(entry)} </span>
        {entry.begins} to {entry.ends}
      </Box>
      <Box as="span" minWidth="4rem">
        {entry.kind}
      </Box>
      <Box as="span" flex="1 1 20rem" minWidth="0">
        {plan ? (
          <>
            <Link to={planPath(plan)} style={{ textDecoration: "underline" }}>
              {plan.name}
            </Link>
            {entry.what.startsWith(plan.name) ? entry.what.slice(plan.name.length) : ` ${entry.what}`}
          </>
        ) : (
          entry.what
        )}
      </Box>
    </Box>
  );
}
