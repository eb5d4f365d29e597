// Answers of our API, kept up to date while somebody looks: unchanged ones are 304, and a hidden tab asks nothing.
import { useEffect, useState } from "react";
import { address } from "./paths.ts";

export interface Seen<T> {
  found: T | null;
  problem: string | null;
  signedOut: boolean;
}

const OFTEN = 5_000;
const HURRY = 1_000;

/** One poll of an address, for all parts that show it; `isUnread` answers are asked for again sooner. */
export class Poll<T> {
  private seen: Seen<T> = { found: null, problem: null, signedOut: false };
  private tag: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking: AbortController | undefined;
  private readonly listeners = new Map<(seen: Seen<T>) => void, number>();

  constructor(
    private readonly path: string,
    private readonly isUnread: (found: T) => boolean = () => false,
  ) {}

  get known(): Seen<T> {
    return this.seen;
  }

  /** Tell `listener` of all that comes, every so many milliseconds at least; returns how to stop. */
  follow(listener: (seen: Seen<T>) => void, every: number): () => void {
    const first = this.listeners.size === 0;
    const wake = () => (document.hidden ? clearTimeout(this.timer) : void this.refresh());
    this.listeners.set(listener, every);
    listener(this.seen);
    if (first) void this.refresh();
    else this.plan();
    document.addEventListener("visibilitychange", wake);
    return () => {
      document.removeEventListener("visibilitychange", wake);
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      clearTimeout(this.timer);
      this.asking?.abort();
    };
  }

  /** Ask now; what was asked before is no longer waited for. */
  async refresh(): Promise<void> {
    clearTimeout(this.timer);
    this.asking?.abort();
    const mine = (this.asking = new AbortController());
    try {
      const answer = await fetch(address(this.path), {
        cache: "no-store", // the browser would hide the 304 from us
        credentials: "same-origin",
        headers: this.tag ? { "If-None-Match": this.tag } : {},
        signal: mine.signal,
      });
      await this.take(answer, mine.signal);
    } catch (error) {
      if (mine.signal.aborted) return;
      this.tell({ ...this.seen, problem: `Airflow does not answer: ${error instanceof Error ? error.message : String(error)}` });
    }
    if (!mine.signal.aborted) this.plan();
  }

  private async take(answer: Response, signal: AbortSignal): Promise<void> {
    if (answer.status === 200) {
      const found = (await answer.json()) as T;
      if (signal.aborted) return;
      this.tag = answer.headers.get("ETag");
      this.tell({ found, problem: null, signedOut: false });
    } else if (answer.status === 304) {
      if (this.seen.problem) this.tell({ ...this.seen, problem: null, signedOut: false });
    } else {
      const signedOut = answer.status === 401 || answer.status === 403;
      this.tell({ ...this.seen, signedOut, problem: await reason(answer) });
    }
  }

  private tell(next: Seen<T>): void {
    this.seen = next;
    for (const listener of this.listeners.keys()) listener(next);
  }

  private plan(): void {
    clearTimeout(this.timer);
    if (this.listeners.size === 0 || document.hidden) return;
    const hurried = this.seen.found !== null && this.isUnread(this.seen.found);
    this.timer = setTimeout(() => void this.refresh(), hurried ? HURRY : Math.min(...this.listeners.values()));
  }
}

/** What a poll knows, kept up to date while somebody looks. */
export function usePoll<T>(poll: Poll<T>, every: number = OFTEN): Seen<T> {
  const [mine, setMine] = useState(poll.known);
  useEffect(() => poll.follow(setMine, every), [poll, every]);
  return mine;
}

/** What `GET /deployplan/api/v1/PATH` answers; another path is another poll, which begins with nothing known. */
export function useAnswer<T>(path: string, every: number = OFTEN): Seen<T> {
  const [kept, keep] = useState(() => ({ path, poll: new Poll<T>(path) }));
  let now = kept;
  if (kept.path !== path) {
    now = { path, poll: new Poll<T>(path) };
    keep(now);
  }
  return usePoll(now.poll, every);
}

/** What the server says against it, in a sentence. */
export async function reason(answer: Response): Promise<string> {
  try {
    const { detail } = (await answer.json()) as { detail?: unknown };
    if (typeof detail === "string") return detail;
  } catch {
    // no JSON: the status says it
  }
  return `Airflow answered ${answer.status}`;
}
