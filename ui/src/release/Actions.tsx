import { Box, Flex, Text } from "@chakra-ui/react";
import { type ReactNode, useRef } from "react";
import { ActionForm } from "./ActionForm.tsx";
import { CardForm } from "./CardForm.tsx";
import { Answer, Lines } from "./Opened.tsx";
import { asJson, useOnce } from "./once.ts";
import type { Release } from "./release.ts";
import { inPlan, type Outcome, send, takeBack } from "./send.ts";

/** What this person may do here; what Airflow would refuse them is not shown. */
export function Actions({ release }: { release: Release }) {
  const { plan, run, may, question } = release;
  if (!run) return null;
  const forms: ReactNode[] = [];
  if (may.answer && question) forms.push(<CardForm key="card" release={release} question={question} />);
  if (may.stop) forms.push(<Stop key="stop" plan={plan} />);
  if (may.rerun) forms.push(<TryAgain key="again" plan={plan} run={run} whole={release.outcome === "backed_out"} />);
  if (may.back_out) forms.push(<TakeBack key="back" plan={plan} run={run} />);
  if (forms.length === 0) return null;
  return (
    <Flex as="section" aria-label="What you may do" direction="column" gap="2" my="3">
      {forms}
    </Flex>
  );
}

interface StopPreview {
  run: string;
  sentence: string;
}

function Stop({ plan }: { plan: string }) {
  const path = inPlan(plan, "stop");
  const act = async (reason: string): Promise<Outcome> => send(path, { reason });
  return (
    <ActionForm open="Stop and back out…" act="Stop and back out" label="Why? It stands in the evidence" run={act}>
      <Preview<StopPreview> path={path}>{(found) => <Text>Now: {found.sentence}.</Text>}</Preview>
    </ActionForm>
  );
}

interface RerunPreview {
  entries: number;
  lines: string[];
  in_the_way: boolean;
}

/** Where everything was undone, nothing failed is left to try: it is the `whole` release once more. */
function TryAgain({ plan, run, whole }: { plan: string; run: string; whole: boolean }) {
  const path = inPlan(plan, "runs", run, "rerun");
  const shown = useRef<number | null>(null);
  const read = async (answer: Response) => {
    const found = await asJson<RerunPreview>(answer);
    shown.current = found.entries;
    return found;
  };
  const act = async (reason: string): Promise<Outcome> =>
    shown.current === null ? { refused: true, words: "Nothing is done before it is said what trying again would do." } : send(path, { reason, entries: shown.current });
  return (
    <ActionForm open={whole ? "Release again…" : "Try failed nodes again…"} act={whole ? "Release again" : "Try again"} label="Why? It stands in the evidence" run={act}>
      <Preview<RerunPreview> path={`${path}/preview`} method="POST" read={read}>
        {(found) => (
          <>
            {found.in_the_way && <Text fontWeight="semibold">As things stand something is in the way, or a node did not answer:</Text>}
            <Lines label="What trying again would do" text={found.lines.join("\n")} />
          </>
        )}
      </Preview>
    </ActionForm>
  );
}

interface BackoutPreview {
  version: string;
  until: string | null;
  decided_by: string[];
  begins_at_once: boolean;
  undoes: { component: string; nodes: Record<string, string | null> }[];
}

function TakeBack({ plan, run }: { plan: string; run: string }) {
  const preview = `${inPlan(plan, "backout")}?run=${encodeURIComponent(run)}`;
  return (
    <ActionForm open="Back out…" act="Back out" label="Why? It stands in the evidence and on the card" run={(reason, told) => takeBack(plan, run, reason, told)}>
      <Preview<BackoutPreview> path={preview}>
        {(found) => (
          <>
            {found.undoes.map((each) => (
              <Text key={each.component} overflowWrap="anywhere">
                would undo {each.component}: {goesBack(each.nodes)}
              </Text>
            ))}
            {!found.begins_at_once && <Text>you are not of the backout authority: {found.decided_by.join(", ")} will be asked</Text>}
          </>
        )}
      </Preview>
    </ActionForm>
  );
}

/** `web-1, web-2 to 4.3.0`: each release that is gone back to, with its nodes. */
export function goesBack(nodes: Record<string, string | null>): string {
  const back = new Map<string, string[]>();
  for (const [node, release] of Object.entries(nodes)) {
    const to = release ?? "what was there";
    back.set(to, [...(back.get(to) ?? []), node]);
  }
  return [...back].map(([to, names]) => `${names.join(", ")} to ${to}`).join("; ");
}

interface PreviewGiven<T> {
  path: string;
  /** POST where finding it out goes out to the nodes */
  method?: "GET" | "POST";
  read?: (answer: Response) => Promise<T>;
  children: (found: T) => ReactNode;
}

function Preview<T>({ path, method, read = asJson<T>, children }: PreviewGiven<T>) {
  const once = useOnce(path, read, null, method);
  return (
    <Box fontSize="sm" mb="2" data-testid="preview">
      <Answer once={once}>{children}</Answer>
    </Box>
  );
}
