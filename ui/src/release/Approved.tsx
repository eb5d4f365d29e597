import { Text } from "@chakra-ui/react";
import { Answer, Lines, Opened } from "./Opened.tsx";
import { asJson, partOf, useOnce } from "./once.ts";
import { Table } from "./Section.tsx";
import { TwoClocks } from "./TwoClocks.tsx";

export interface Approved {
  digest: string;
  commands: { component: string; what: string; text: string }[];
  files: { kind: string; path: string; sha256: string; source: string | null }[];
  worst_case: string[];
  compared: { plan: string; run: string; release: string | null; at: string; lines: string[] } | null;
  /** why what there is to compare with is not shown */
  not_compared: string | null;
  changed: string | null;
  page: string;
}

interface Given {
  plan: string;
  run: string;
  digest: string;
  zone: string;
  now: Date;
}

/** What exactly is approved: commands, files, and what differs from the product's last release. */
export function ApprovedPart(given: Given) {
  return <Opened title="What exactly is approved: commands, files, difference to the last release">{() => <Content {...given} />}</Opened>;
}

function Content({ plan, run, digest, zone, now }: Given) {
  const once = useOnce(partOf(plan, run, "approved"), asJson<Approved>, digest);
  return (
    <Answer once={once}>
      {(found) => (
        <>
          {found.changed && (
            <Text role="status" fontWeight="semibold">
              Not what stands in the file now: {found.changed}. What is approved is this.
            </Text>
          )}
          <ul style={{ margin: "0.5rem 0 0.5rem 1.2rem" }}>
            {found.worst_case.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
          <Table
            label="Commands"
            head={["component", "what", "command"]}
            rows={found.commands.map((each) => ({
              key: `${each.component} ${each.what}`,
              cells: [each.component, each.what, <code style={{ whiteSpace: "pre-wrap" }}>{each.text}</code>],
            }))}
          />
          <Table
            label="Files"
            head={["file", "kind", "sha256", "built from"]}
            rows={found.files.map((each) => ({
              key: `${each.kind} ${each.path}`,
              cells: [each.path, each.kind, <code>{each.sha256}</code>, each.source ?? "–"],
            }))}
          />
          <Compared found={found} zone={zone} now={now} />
          <Opened title="The whole plan, as `deployplan show` prints it">{() => <Lines label="The whole plan" text={found.page} />}</Opened>
        </>
      )}
    </Answer>
  );
}

function Compared({ found, zone, now }: { found: Approved; zone: string; now: Date }) {
  const { compared } = found;
  if (!compared) return <Text mt="2">{found.not_compared ? `Not compared: ${found.not_compared}.` : "There is no earlier release of this product to compare with."}</Text>;
  return (
    <>
      <Text mt="2">
        Against {compared.release ?? "the last release"} ({compared.plan}, run {compared.run}, released{" "}
        <TwoClocks at={compared.at} zone={zone} now={now} />
        ): {compared.lines.length === 0 ? "nothing differs." : `${compared.lines.length} differ.`}
      </Text>
      {compared.lines.length > 0 && <Lines label="Difference to the last release" text={compared.lines.join("\n")} />}
    </>
  );
}
