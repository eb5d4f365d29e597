import { Box, Button, Flex, Input, Text } from "@chakra-ui/react";
import { useState } from "react";
import { sendHold } from "./store.ts";
import type { Tonight } from "./tonight.ts";

/** Hold or resume all plans, with a reason that stands in the evidence; only for those who may. */
export function HoldForm({ found }: { found: Tonight }) {
  const [open, setOpen] = useState(false);
  const [why, setWhy] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const action = found.hold ? "resume" : "hold";
  if (!found.may.hold) return null;
  const send = async () => {
    setSending(true);
    const refused = await sendHold(action, why);
    setSending(false);
    setProblem(refused);
    if (refused === null) {
      setWhy("");
      setOpen(false);
    }
  };
  if (!open) {
    return (
      <Button variant="outline" size="sm" onClick={() => setOpen(true)}>
        {action === "hold" ? "Hold all…" : "Resume all…"}
      </Button>
    );
  }
  return (
    <Box
      as="form"
      borderWidth="1px"
      borderRadius="md"
      p="3"
      width="100%"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Text fontSize="sm" mb="2">
        {action === "hold"
          ? "No plan will start a new wave and no window will open, until somebody resumes. What runs goes on; no backout is held."
          : "All plans go on from where they are."}
      </Text>
      <Flex gap="2" wrap="wrap" align="center">
        <label htmlFor="deployplan-why">Why?</label>
        <Input
          id="deployplan-why"
          value={why}
          maxLength={1000}
          required
          autoFocus
          flex="1 1 12rem"
          onChange={(event) => setWhy(event.target.value)}
        />
        <Button type="submit" size="sm" disabled={sending || !why.trim()}>
          {action === "hold" ? "Hold all" : "Resume all"}
        </Button>
        <Button type="button" size="sm" variant="ghost" onClick={() => setOpen(false)}>
          Cancel
        </Button>
      </Flex>
      {problem && (
        <Text role="alert" mt="2" fontSize="sm">
          {problem}
        </Text>
      )}
    </Box>
  );
}
