import type { Guest } from "../guest.ts";

/** What a ping counted. */
export interface PingCount {
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
}

/** The count in the last lines of ping's output, of busybox and of iputils. */
export function parsePing(output: string): PingCount {
  const match = /(\d+) packets transmitted, (\d+) (?:packets )?received/.exec(output);
  const sent = Number(match?.[1] ?? 0);
  const received = Number(match?.[2] ?? 0);
  return { sent, received, lost: sent - received };
}

/** Pings `address` from a guest, five times a second. */
export async function ping(guest: Guest, address: string, count: number, waitSec = 1): Promise<PingCount> {
  const { stdout } = await guest.run(`ping -c ${count} -i 0.2 -W ${waitSec} ${address}`);
  return parsePing(stdout);
}
