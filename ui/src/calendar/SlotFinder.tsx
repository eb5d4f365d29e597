import { Box, Heading, Text } from "@chakra-ui/react";
import { useSearchParams } from "react-router-dom";
import { useAnswer } from "../poll.ts";
import { Problem } from "../Problem.tsx";
import { Select } from "./CalendarPage.tsx";
import type { Calendar, Slots } from "./calendar.ts";

const EVERY = 60_000;
const NONE = "choose a plan";

/** Where does a plan fit next, beside all others? */
export function SlotFinder({ found }: { found: Calendar }) {
  const [chosen, choose] = useSearchParams();
  const plan = chosen.get("plan") ?? "";
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(location.search);
    if (value === NONE) next.delete(name);
    else next.set(name, value);
    choose(next, { replace: true });
  };
  const listed = [...found.entries.flatMap((entry) => (entry.plan ? [entry.plan.name] : [])), ...found.without_opening, ...found.any_time];
  const plans = [...new Set([NONE, ...(plan ? [plan] : []), ...listed.sort()])];
  return (
    <Box as="section" mt="5" aria-labelledby="deployplan-fits">
      <Heading as="h2" size="md" id="deployplan-fits">
        Where does a plan fit next?
      </Heading>
      <Box my="2" fontSize="sm">
        <Select name="plan" value={plan || NONE} offered={plans} choose={set} />
      </Box>
      {plan && <Found plan={plan} />}
    </Box>
  );
}

function Found({ plan }: { plan: string }) {
  const seen = useAnswer<Slots>(`plans/${encodeURIComponent(plan)}/slot`, EVERY);
  const taken = seen.found?.slots.filter((slot) => slot.taken_by.length > 0) ?? [];
  return (
    <>
      <Problem seen={seen} />
      {seen.found === null && seen.problem === null && <Text role="status">Looking…</Text>}
      {seen.found && (
        <Text role="status" overflowWrap="anywhere" fontWeight="medium">
          {seen.found.fits ? "✓ " : "✗ "}
          {seen.found.sentence}
        </Text>
      )}
      {taken.length > 0 && (
        <Box as="ul" fontSize="sm" pl="5">
          {taken.map((slot) => (
            <Box as="li" key={slot.opens} overflowWrap="anywhere">
              {`${slot.opens.slice(0, 16).replace("T", " ")} (${slot.timezone}): taken by ${slot.taken_by.join(", ")}`}
            </Box>
          ))}
        </Box>
      )}
    </>
  );
}
