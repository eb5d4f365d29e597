import { Text } from "@chakra-ui/react";
import type { Message } from "./release.ts";
import { Section, Table } from "./Section.tsx";
import { TwoClocks } from "./TwoClocks.tsx";

const STATES: Record<string, string> = { sent: "✓ sent", "not sent": "✕ NOT sent", "perhaps sent": "? perhaps sent" };

/** Who was told what, by which way, and what the other side answered. */
export function Messages({ messages, zone, now }: { messages: Message[]; zone: string; now: Date }) {
  return (
    <Section title={`Messages (${messages.length})`}>
      {messages.length === 0 ? (
        <Text fontSize="sm" color="fg.muted">
          none yet
        </Text>
      ) : (
        <Table
          label="Messages"
          head={["whom", "of what", "by", "when", "receipt"]}
          rows={messages.map((each, index) => ({
            key: `${each.at}${index}`,
            cells: [
              each.to,
              each.moment.replaceAll("_", " "),
              each.via,
              <TwoClocks at={each.at} zone={zone} now={now} />,
              `${STATES[each.state] ?? each.state}${each.receipt ? `: ${each.receipt}` : ""}`,
            ],
          }))}
        />
      )}
    </Section>
  );
}
