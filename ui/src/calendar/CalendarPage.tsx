import { Box, chakra, Flex, Heading, Text } from "@chakra-ui/react";
import { type ReactNode, useState } from "react";
import { Link, useSearchParams } from "react-router-dom";
import { address } from "../paths.ts";
import { useAnswer } from "../poll.ts";
import { Problem } from "../Problem.tsx";
import { Agenda } from "./Agenda.tsx";
import { type Calendar, dayName, myZone, pathOf } from "./calendar.ts";
import { MonthGrid } from "./MonthGrid.tsx";
import { SlotFinder } from "./SlotFinder.tsx";
import { Timeline } from "./Timeline.tsx";

const EVERY = 30_000;

/** A week or month of an environment: what happens when, who is in whose way, and what is still free. */
export function CalendarPage() {
  const [chosen] = useSearchParams();
  const seen = useAnswer<Calendar>(pathOf(chosen), EVERY);
  const [last, keep] = useState<Calendar | null>(null); // while another period is read, the choices stay where they are
  if (seen.found !== null && seen.found !== last) keep(seen.found);
  const shown = seen.found ?? last;
  return (
    <>
      <Heading as="h1" size="xl" mb="1">
        Calendar
      </Heading>
      <Problem seen={seen} />
      {shown === null ? seen.problem === null && <Text role="status">Reading plans and windows…</Text> : <Period found={shown} />}
    </>
  );
}

function Period({ found }: { found: Calendar }) {
  const title = found.scale === "week" ? `${dayName(found.first)} to ${dayName(found.last)} ${found.last.slice(0, 4)}` : monthName(found.first);
  return (
    <>
      <Choices found={found} />
      <Heading as="h2" size="md" mt="4">
        {found.environment}, {title}
      </Heading>
      <Text>
        Times in <strong>{found.zone}</strong>
        {found.zone !== found.timezone && ` (the environment's own is ${found.timezone})`}
      </Text>
      <Remarks found={found} />
      {found.scale === "week" ? <Timeline found={found} /> : <MonthGrid found={found} />}
      <Agenda found={found} />
      <SlotFinder found={found} />
      <Text mt="4">
        <a href={address(`calendar.ics?environment=${encodeURIComponent(found.environment)}`)} download style={{ textDecoration: "underline" }}>
          Download as iCalendar file (.ics)
        </a>
      </Text>
    </>
  );
}

function monthName(first: string): string {
  return new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" }).format(new Date(`${first}T00:00:00Z`));
}

function Remarks({ found }: { found: Calendar }) {
  const remarks = [
    found.without_opening.length > 0 && `No opening of this time fits: ${found.without_opening.join(", ")}.`,
    found.any_time.length > 0 && `At any time: ${found.any_time.join(", ")}.`,
    ...Object.entries(found.left_out).map(([kind, count]) => `Not shown: ${count} more of kind ${kind}.`),
  ].filter((remark): remark is string => !!remark);
  return remarks.map((remark) => (
    <Text key={remark} fontSize="sm" color="fg.muted" overflowWrap="anywhere">
      {remark}
    </Text>
  ));
}

function Choices({ found }: { found: Calendar }) {
  const [chosen, choose] = useSearchParams();
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(location.search);
    next.set(name, value);
    choose(next, { replace: true });
  };
  const zones = [...new Set([found.timezone, myZone(), "UTC", found.zone])];
  return (
    <Flex gap="4" wrap="wrap" align="center" my="2" fontSize="sm">
      <Select name="environment" value={found.environment} offered={found.environments} choose={set} />
      <Select name="scale" value={found.scale} offered={["week", "month"]} choose={set} />
      <Select name="zone" value={found.zone} offered={zones} choose={set} />
      <Flex as="nav" aria-label="Period" gap="3">
        <To chosen={chosen} around={found.before}>
          ← earlier
        </To>
        <To chosen={chosen} around={found.today}>
          today
        </To>
        <To chosen={chosen} around={found.after}>
          later →
        </To>
      </Flex>
    </Flex>
  );
}

function To({ chosen, around, children }: { chosen: URLSearchParams; around: string; children: ReactNode }) {
  const next = new URLSearchParams(chosen);
  next.set("around", around);
  return (
    <Link to={{ search: `?${next.toString()}` }} style={{ textDecoration: "underline" }}>
      {children}
    </Link>
  );
}

export function Select(props: { name: string; value: string; offered: string[]; choose: (name: string, value: string) => void }) {
  const id = `deployplan-calendar-${props.name}`;
  return (
    <Box>
      <label htmlFor={id}>{props.name} </label>
      <chakra.select
        id={id}
        value={props.value}
        borderWidth="1px"
        borderColor="border.emphasized"
        borderRadius="md"
        bg="bg"
        color="fg"
        p="1"
        maxWidth="16rem"
        onChange={(event) => props.choose(props.name, event.target.value)}
      >
        {props.offered.map((word) => (
          <option key={word} value={word}>
            {word}
          </option>
        ))}
      </chakra.select>
    </Box>
  );
}
