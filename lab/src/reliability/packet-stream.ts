import type { Pair } from "./reliability-world.ts";

/** Packets that a pair sends, each 20 ms after the one before. */
export const packetPauseMs = 20;
/** The last packets before the end may still be on their way. */
const inFlight = 10;
const longestStreamMs = 600_000;

export interface StreamCount {
  readonly sent: number;
  readonly lost: number;
  /** The longest row of lost packets, as time. */
  readonly longestSilenceMs: number;
}

export interface PacketStream {
  readonly pair: Pair["name"];
  /** Ends the stream and counts. */
  stop(): Promise<StreamCount>;
}

/** Lets a pair ping until it is told to stop. */
export function startStream(pair: Pair): PacketStream {
  return { pair: pair.name, ...startPings(pair, packetPauseMs) };
}

/** Lets a guest ping an address until it is told to stop. */
export function startPings(
  { hypervisor, from, address }: Omit<Pair, "name" | "to">,
  pauseMs: number,
): Pick<PacketStream, "stop"> {
  const pidFile = `/run/pings-${from.device}-${address}.pid`;
  const ping = `echo $$ >${pidFile}; exec ping -n -i ${pauseMs / 1000} -W 1 ${address}`;
  // Settled, so that a guest that is removed first is told when the stream is stopped, and not as an unhandled rejection.
  const ended = Promise.allSettled([from.run("sh", ["-c", ping], { timeoutMs: longestStreamMs })]);
  return {
    async stop() {
      await hypervisor.run("sh", ["-c", `kill -INT $(cat ${pidFile})`]);
      const [result] = await ended;
      if (result.status === "rejected") throw result.reason;
      return countStream(result.value.stdout, pauseMs);
    },
  };
}

/** What ping's output says of a stream that was stopped; a row of lost packets at its end counts, bar those in flight. */
export function countStream(output: string, pauseMs = packetPauseMs): StreamCount {
  const answered = new Set([...output.matchAll(/icmp_seq=(\d+) ttl=/g)].map((match) => Number(match[1])));
  const transmitted = Number(/(\d+) packets transmitted/.exec(output)?.[1] ?? 0);
  const last = Math.max(0, ...answered);
  const sent = transmitted - last > inFlight ? transmitted : last;
  let lost = 0;
  let inRow = 0;
  let longest = 0;
  for (let sequence = 1; sequence <= sent; sequence++) {
    inRow = answered.has(sequence) ? 0 : inRow + 1;
    if (inRow > 0) lost++;
    longest = Math.max(longest, inRow);
  }
  return { sent, lost, longestSilenceMs: longest * pauseMs };
}
