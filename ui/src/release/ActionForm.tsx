import { Box, Button, Flex, Text, Textarea } from "@chakra-ui/react";
import { type ReactNode, useId, useState } from "react";
import type { Outcome } from "./send.ts";

interface Given {
  /** on the button that opens it, and on the one that does it */
  open: string;
  act: string;
  label: string;
  run: (reason: string, told: (words: string) => void) => Promise<Outcome>;
  /** what it will do */
  children: ReactNode;
}

/** An action: it says what it will do, takes a reason, and then what came of it. */
export function ActionForm({ open, act, label, run, children }: Given) {
  const [opened, set] = useState(false);
  const [why, write] = useState("");
  const [sending, sent] = useState(false);
  const [outcome, tell] = useState<Outcome | null>(null);
  const id = useId();
  const go = async () => {
    sent(true);
    const came = await run(why, (words) => tell({ refused: false, words }));
    sent(false);
    tell(came);
    if (!came.refused) {
      write("");
      set(false);
    }
  };
  return (
    <Box>
      {!opened && (
        <Button size="sm" variant="outline" onClick={() => set(true)}>
          {open}
        </Button>
      )}
      {opened && (
        <Box
          as="form"
          borderWidth="1px"
          borderRadius="md"
          p="3"
          onSubmit={(event) => {
            event.preventDefault();
            void go();
          }}
        >
          {children}
          <label htmlFor={id}>{label}</label>
          <Textarea id={id} value={why} maxLength={1000} required autoFocus rows={2} my="1" onChange={(event) => write(event.target.value)} />
          <Flex gap="2">
            <Button type="submit" size="sm" disabled={sending || !why.trim()}>
              {act}
            </Button>
            <Button type="button" size="sm" variant="ghost" onClick={() => set(false)}>
              Cancel
            </Button>
          </Flex>
        </Box>
      )}
      {outcome && (
        <Text role={outcome.refused ? "alert" : "status"} fontSize="sm" mt="1" overflowWrap="anywhere">
          {outcome.words}
        </Text>
      )}
    </Box>
  );
}
