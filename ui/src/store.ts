// What tonight holds, for all parts that show it, and what is done about it.
import { useEffect, useState } from "react";
import { address } from "./paths.ts";
import { Poll, reason, type Seen, usePoll } from "./poll.ts";
import { TICK, type Tonight } from "./tonight.ts";

const tonight = new Poll<Tonight>("tonight", (found) => found.unread > 0);

/** Ask now; what was asked before is no longer waited for. */
export function refresh(): Promise<void> {
  return tonight.refresh();
}

/** What is known of tonight; `every` milliseconds at least. */
export function useTonight(every?: number): Seen<Tonight> {
  return usePoll(tonight, every);
}

/** The time, looked at twice a minute. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const ticking = setInterval(() => setNow(new Date()), TICK);
    return () => clearInterval(ticking);
  }, []);
  return now;
}

/** Hold all plans, or let them go on; returns why not, or null. */
export async function sendHold(action: "hold" | "resume", why: string): Promise<string | null> {
  try {
    const answer = await fetch(address(action), {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ reason: why }),
    });
    if (!answer.ok) return await reason(answer);
    await refresh();
    return null;
  } catch (error) {
    return `Airflow does not answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}
