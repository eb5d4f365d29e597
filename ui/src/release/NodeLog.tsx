import { Button, Flex, Text } from "@chakra-ui/react";
import { useEffect, useRef, useState } from "react";
import { Answer, Lines } from "./Opened.tsx";
import { asText, partOf, useOnce } from "./once.ts";

export interface LogWanted {
  node: string;
  component: string;
  step: string;
}

interface Given {
  plan: string;
  run: string;
  wanted: LogWanted;
  close: () => void;
}

/** What a node's script said, in a window above the page; Escape closes it, and leads back to where it was opened. */
export function NodeLog({ plan, run, wanted, close }: Given) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [turn, again] = useState(0);
  const { node, component, step } = wanted;
  const query = `?component=${encodeURIComponent(component)}&step=${encodeURIComponent(step)}`;
  const once = useOnce(partOf(plan, run, "nodes", node, "log") + query, asText, turn);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      aria-label={`Log of ${component} on ${node}`}
      onClose={close}
      style={{
        width: "min(70rem, 96vw)",
        margin: "auto",
        padding: "1rem",
        borderRadius: "0.5rem",
        border: "1px solid var(--chakra-colors-border)",
        background: "var(--chakra-colors-bg)",
        color: "var(--chakra-colors-fg)",
      }}
    >
      <Flex gap="3" align="center" justify="space-between" wrap="wrap" mb="2">
        <Text fontWeight="semibold" overflowWrap="anywhere">
          {node}, {component}, {step} (times in UTC)
        </Text>
        <Flex gap="2">
          <Button size="sm" variant="outline" onClick={() => again(turn + 1)}>
            Read again
          </Button>
          <Button size="sm" onClick={() => dialog.current?.close()}>
            Close
          </Button>
        </Flex>
      </Flex>
      <Answer once={once}>{(text) => <Lines label={`What was said of ${node}`} text={text} />}</Answer>
    </dialog>
  );
}
