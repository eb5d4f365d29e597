import { Box, Button, Flex, Text } from "@chakra-ui/react";
import { useEffect, useState } from "react";
import { address } from "../paths.ts";
import { Answer, Lines, Opened } from "./Opened.tsx";
import { asJson, partOf, useOnce } from "./once.ts";
import type { Release } from "./release.ts";
import { Section } from "./Section.tsx";

export interface Entry {
  seq: number;
  at: string;
  kind: string;
  told: string;
}

interface Story {
  entries: Entry[];
  next: number | null;
  apart: Entry[];
}

interface Verification {
  ok: boolean;
  lines: string[];
}

/** The evidence: told, verified in its place, and taken away to be verified elsewhere. */
export function Evidence({ release }: { release: Release }) {
  const { plan, run } = release;
  if (!run) return null;
  return (
    <Section title={`Evidence (${release.entries} entries)`}>
      <Flex gap="3" wrap="wrap" align="center">
        <Verify plan={plan} run={run} />
        <a href={address(partOf(plan, run, "evidence.tar.gz"))} download style={{ textDecoration: "underline" }}>
          Export
        </a>
        <Text fontSize="sm" color="fg.muted">
          unpacked anywhere, <code>deployplan evidence verify ./evidence</code> checks it
        </Text>
      </Flex>
      <Opened title="The story, entry by entry">{() => <StoryLines plan={plan} run={run} entries={release.entries} />}</Opened>
    </Section>
  );
}

function Verify({ plan, run }: { plan: string; run: string }) {
  const [turn, set] = useState(0);
  const once = useOnce(turn ? partOf(plan, run, "verification") : null, asJson<Verification>, turn);
  return (
    <>
      <Button size="sm" variant="outline" onClick={() => set(turn + 1)}>
        Verify
      </Button>
      {turn > 0 && (
        <Box role="status" flexBasis="100%">
          <Answer once={once}>
            {(found) => (
              <>
                <Text fontWeight="semibold">{found.ok ? "✓ intact" : "✕ NOT INTACT"}</Text>
                <Lines label="What the check found" text={found.lines.join("\n")} />
              </>
            )}
          </Answer>
        </Box>
      )}
    </>
  );
}

/** Newest last, as at a terminal; more is asked for piece by piece, and when the evidence has grown. */
function StoryLines({ plan, run, entries }: { plan: string; run: string; entries: number }) {
  const [known, keep] = useState<Story>({ entries: [], next: 0, apart: [] });
  const after = known.entries.at(-1)?.seq ?? 0;
  const wanted = known.next !== null || after < entries;
  const path = wanted ? `${partOf(plan, run, "story")}?after=${after}` : null;
  const once = useOnce(path, asJson<Story>, entries);
  useEffect(() => {
    const { found } = once;
    if (found === null || (found.entries?.[0]?.seq ?? 0) <= after) return;
    keep((old) => ({ ...found, entries: [...old.entries, ...found.entries] }));
  }, [once, after]);
  const lines = (some: Entry[]) => some.map((each) => `${String(each.seq).padStart(4)}  ${spell(each.at)} UTC  ${each.told}`);
  return (
    <>
      {once.problem && <Text role="alert">{once.problem}</Text>}
      <Lines label="The story of the evidence" text={lines(known.entries).join("\n")} />
      {known.apart.length > 0 && (
        <>
          <Text>apart, when the run was over:</Text>
          <Lines label="What came when the run was over" text={lines(known.apart).join("\n")} />
        </>
      )}
    </>
  );
}

/** `2026-11-30 09:49:05`, as `deployplan evidence show` prints it. */
function spell(instant: string): string {
  return new Date(instant).toISOString().slice(0, 19).replace("T", " ");
}
