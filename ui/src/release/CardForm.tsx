import { Box, Button, Flex, Text, Textarea } from "@chakra-ui/react";
import { useId, useState } from "react";
import type { Question } from "../tonight.ts";
import { Answer, Lines, Opened } from "./Opened.tsx";
import { asJson, useOnce } from "./once.ts";
import type { Release } from "./release.ts";
import { answerCard, cardPath, type Outcome } from "./send.ts";

interface Card {
  body?: string | null;
  options?: string[];
  params?: Record<string, unknown> | null;
  response_received?: boolean;
}

/** The open card: its text as it is, a note, and a button for each answer that this person may give. */
export function CardForm({ release, question }: { release: Release; question: Question }) {
  const [outcome, tell] = useState<Outcome | null>(null);
  const [note, write] = useState("");
  const [sending, sent] = useState(false);
  const id = useId();
  const path = cardPath(release.plan, release.run ?? "", question.task);
  const once = useOnce(path, asJson<Card>, question.subject);
  const choose = async (option: string, takesNote: boolean) => {
    sent(true);
    tell(await answerCard(path, option, takesNote ? note : ""));
    sent(false);
  };
  return (
    <Box borderWidth="1px" borderLeftWidth="4px" borderLeftColor="orange.solid" borderRadius="md" p="3">
      <Text fontWeight="semibold" overflowWrap="anywhere">
        {question.subject}
      </Text>
      <Answer once={once}>
        {(card) => {
          if (card.response_received) return <Text role="status">This card is answered; the run goes on in a moment.</Text>;
          const takesNote = card.params?.["note"] !== undefined;
          const mine = (card.options ?? []).filter((option) => release.choices === null || release.choices.includes(option));
          return (
            <>
              {card.body && <Opened title="What the card says">{() => <Lines label="What the card says" text={card.body ?? ""} />}</Opened>}
              {takesNote && (
                <>
                  <label htmlFor={id}>Note, for the evidence</label>
                  <Textarea id={id} value={note} maxLength={500} rows={2} my="1" onChange={(event) => write(event.target.value)} />
                </>
              )}
              <Flex gap="2" wrap="wrap">
                {mine.map((option) => (
                  <Button key={option} size="sm" disabled={sending} onClick={() => void choose(option, takesNote)}>
                    {option}
                  </Button>
                ))}
              </Flex>
            </>
          );
        }}
      </Answer>
      {outcome && (
        <Text role={outcome.refused ? "alert" : "status"} fontSize="sm" mt="1" overflowWrap="anywhere">
          {outcome.words}
        </Text>
      )}
    </Box>
  );
}
