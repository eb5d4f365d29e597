import { Text } from "@chakra-ui/react";
import { ApprovedPart } from "./Approved.tsx";
import type { Approval, Release } from "./release.ts";
import { Section, Table } from "./Section.tsx";
import { TwoClocks } from "./TwoClocks.tsx";

const SIGNS: Record<Approval["state"], string> = { asked: "○", approved: "✓", rejected: "✕", expired: "–" };

/** Who has said what on which seat, and of which digest. */
export function Approvals({ release, now }: { release: Release; now: Date }) {
  const { seats, approvals, digest } = release;
  return (
    <Section title="Approval">
      {seats && (
        <Text fontSize="sm">
          {seats.taken} of {seats.of} seats have a yes
          {seats.missing.length > 0 && `; who may take the others: ${seats.missing.join(" or ")}`}. Digest{" "}
          <code style={{ overflowWrap: "anywhere" }}>{digest}</code>
        </Text>
      )}
      {approvals.length > 0 && (
        <Table
          label="Approval seats"
          head={["seat", "answer", "when", "digest"]}
          rows={approvals.map((each) => ({
            key: String(each.seat),
            cells: [
              each.seat,
              <>
                <span aria-hidden="true">{SIGNS[each.state]}</span> {said(each)}
              </>,
              <TwoClocks at={each.at} zone={release.timezone} now={now} />,
              <>
                <code title={each.digest}>{each.digest.slice(0, 12)}</code>
                {each.digest !== digest && " (another plan)"}
              </>,
            ],
          }))}
        />
      )}
      {release.run && digest && <ApprovedPart plan={release.plan} run={release.run} digest={digest} zone={release.timezone} now={now} />}
    </Section>
  );
}

function said(each: Approval): string {
  const window = each.window ? `, for the window of ${each.window}` : "";
  switch (each.state) {
    case "asked":
      return `asked of ${each.asked.join(", ")}`;
    case "expired":
      return `nobody answered in time; asked were ${each.asked.join(", ")}`;
    default:
      return `${each.person ?? "somebody"} ${each.state}${window}${each.why ? `: ${each.why}` : ""}`;
  }
}
