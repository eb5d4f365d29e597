import { Box, Text } from "@chakra-ui/react";
import type { Seen } from "./poll.ts";

/** Why what is shown may be old; a session that has ended is begun again on the way back to this page. */
export function Problem({ seen }: { seen: Seen<unknown> }) {
  if (seen.problem === null) return null;
  const here = encodeURIComponent(location.href);
  return (
    <Box role="alert" borderLeftWidth="4px" borderLeftColor="red.solid" pl="2" my="2">
      <Text overflowWrap="anywhere">
        {seen.problem}
        {seen.found !== null && " What is shown below may be out of date."}
      </Text>
      {seen.signedOut && (
        <a href={new URL(`api/v2/auth/login?next=${here}`, document.baseURI).href} style={{ textDecoration: "underline" }}>
          Log in again
        </a>
      )}
    </Box>
  );
}
