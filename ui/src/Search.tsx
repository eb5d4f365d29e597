import { Box, Input } from "@chakra-ui/react";
import { useEffect, useRef, useState } from "react";

const PAUSE = 300;

/** Text to search for; it is told when typing has paused, or who typed goes elsewhere: told later it would lead them back. */
export function Search({ value, hint, search }: { value: string; hint: string; search: (text: string) => void }) {
  const [typed, type] = useState(value);
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => type(value), [value]);
  useEffect(() => {
    if (typed.trim() === value) return;
    waiting.current = setTimeout(() => search(typed.trim()), PAUSE);
    return () => clearTimeout(waiting.current);
  }, [typed]); // what is typed decides alone
  const tellNow = () => {
    clearTimeout(waiting.current);
    if (typed.trim() !== value) search(typed.trim());
  };
  return (
    <Box fontSize="sm">
      <label htmlFor="deployplan-q">search </label>
      <Input
        id="deployplan-q"
        type="search"
        size="sm"
        width="16rem"
        maxWidth="100%"
        maxLength={250}
        value={typed}
        placeholder={hint}
        onChange={(event) => type(event.target.value)}
        onBlur={tellNow}
      />
    </Box>
  );
}
