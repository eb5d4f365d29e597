// One poll for all parts of the page, however many ask: unchanged answers are 304, and a hidden tab asks nothing.
import { useEffect, useState } from "react";
import type { Tonight } from "./tonight.ts";

export interface Seen {
  found: Tonight | null;
  problem: string | null;
  signedOut: boolean;
}

const OFTEN = 5_000;
const UNREAD = 1_000;

let seen: Seen = { found: null, problem: null, signedOut: false };
let tag: string | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let asking: AbortController | undefined;
const listeners = new Map<(seen: Seen) => void, number>();

/** An address of ours, wherever Airflow is mounted. */
export function address(path: string): string {
  return new URL(`deployplan/api/v1/${path}`, document.baseURI).href;
}

function tell(next: Seen): void {
  seen = next;
  for (const listener of listeners.keys()) listener(next);
}

/** Ask now; what was asked before is no longer waited for. */
export async function refresh(): Promise<void> {
  clearTimeout(timer);
  asking?.abort();
  const mine = (asking = new AbortController());
  try {
    const answer = await fetch(address("tonight"), {
      cache: "no-store", // the browser would hide the 304 from us
      credentials: "same-origin",
      headers: tag ? { "If-None-Match": tag } : {},
      signal: mine.signal,
    });
    if (answer.status === 200) {
      const found = (await answer.json()) as Tonight;
      tag = answer.headers.get("ETag");
      tell({ found, problem: null, signedOut: false });
    } else if (answer.status === 304) {
      if (seen.problem) tell({ ...seen, problem: null, signedOut: false });
    } else {
      const signedOut = answer.status === 401 || answer.status === 403;
      tell({ ...seen, signedOut, problem: await reason(answer) });
    }
  } catch (error) {
    if (mine.signal.aborted) return;
    tell({ ...seen, problem: `Airflow does not answer: ${error instanceof Error ? error.message : String(error)}` });
  }
  if (!mine.signal.aborted) plan();
}

async function reason(answer: Response): Promise<string> {
  try {
    const { detail } = (await answer.json()) as { detail?: unknown };
    if (typeof detail === "string") return detail;
  } catch {
    // no JSON: the status says it
  }
  return `Airflow answered ${answer.status}`;
}

function plan(): void {
  clearTimeout(timer);
  if (listeners.size === 0 || document.hidden) return;
  const every = seen.found?.unread ? UNREAD : Math.min(...listeners.values());
  timer = setTimeout(() => void refresh(), every);
}

/** What is known, kept up to date while somebody looks; `every` milliseconds at least. */
export function useTonight(every: number = OFTEN): Seen {
  const [mine, setMine] = useState(seen);
  useEffect(() => {
    const first = listeners.size === 0;
    const wake = () => (document.hidden ? clearTimeout(timer) : void refresh());
    listeners.set(setMine, every);
    setMine(seen);
    if (first) void refresh();
    else plan();
    document.addEventListener("visibilitychange", wake);
    return () => {
      document.removeEventListener("visibilitychange", wake);
      listeners.delete(setMine);
      if (listeners.size === 0) clearTimeout(timer);
    };
  }, [every]);
  return mine;
}

/** The time, looked at twice a minute. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const ticking = setInterval(() => setNow(new Date()), 30_000);
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
