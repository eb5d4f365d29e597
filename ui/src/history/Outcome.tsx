import { outcomeWords, signOf } from "./history.ts";

/** How a run ended: a sign, and the word. */
export function Outcome({ outcome }: { outcome: string }) {
  return (
    <span style={{ whiteSpace: "nowrap" }}>
      <span aria-hidden="true">{signOf(outcome)} </span>
      {outcomeWords(outcome)}
    </span>
  );
}
