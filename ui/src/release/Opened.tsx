import { Text } from "@chakra-ui/react";
import { type ReactNode, useState } from "react";
import type { Once } from "./once.ts";

/** What is shown when somebody opens it, and asked for only then. */
export function Opened({ title, children }: { title: string; children: () => ReactNode }) {
  const [open, set] = useState(false);
  return (
    <details open={open} onToggle={(event) => set(event.currentTarget.open)} style={{ margin: "0.25rem 0" }}>
      <summary style={{ cursor: "pointer", padding: "0.35rem 0", fontWeight: 500 }}>{title}</summary>
      {open && children()}
    </details>
  );
}

/** What came of asking: the answer, why there is none, or that it is on its way. */
export function Answer<T>({ once, children }: { once: Once<T>; children: (found: T) => ReactNode }) {
  if (once.problem !== null) return <Text role="alert">{once.problem}</Text>;
  return once.found === null ? <Text role="status">Reading…</Text> : children(once.found);
}

/** Text of a machine: as it is, in lines, scrolled within bounds. */
export function Lines({ label, text }: { label: string; text: string }) {
  return (
    <pre
      role="region"
      aria-label={label}
      tabIndex={0}
      style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere", fontSize: "0.8rem", maxHeight: "60vh", overflowY: "auto", margin: 0 }}
    >
      {text}
    </pre>
  );
}
