import { LoomstackError } from "@loomstack/core";
import { until } from "../condition.ts";
import { requireSuccess } from "../process.ts";
import type { Pair } from "../reliability/reliability-world.ts";

/** How packets of a pair fare. */
export interface Passage {
  /** Of one TCP connection, as its receiver counts it. */
  readonly mbitPerSec: number;
  /** From a question to its answer, on average. */
  readonly roundTripMs: number;
}

const streamSec = 4;
const pings = 1_000;
const pingPauseSec = 0.002;
const limitMs = 60_000;

/** Lets one TCP connection take what it gets (iperf3), and then asks again and again (ping). */
export async function measurePassage(pair: Pair): Promise<Passage> {
  return { mbitPerSec: await throughput(pair), roundTripMs: await roundTrip(pair) };
}

async function throughput({ from, to, address }: Pair): Promise<number> {
  const serving = to.run("iperf3", ["--server", "--one-off", "--bind", address], { timeoutMs: limitMs });
  await until("iperf3 listens", async () => (await to.run("ss", ["-Hltn", "sport = :5201"])).stdout.includes(":5201"), {
    timeoutMs: limitMs,
  });
  const answer = await from.run("iperf3", ["--client", address, "--time", String(streamSec), "--json"], {
    timeoutMs: limitMs,
  });
  const report = JSON.parse(requireSuccess("iperf3", answer)) as IperfReport;
  requireSuccess("iperf3 --server", await serving);
  const bitsPerSec = report.end?.sum_received?.bits_per_second;
  if (bitsPerSec === undefined) throw unreadable("iperf3", answer.stdout);
  return bitsPerSec / 1e6;
}

/** What we read of `iperf3 --json`. */
interface IperfReport {
  readonly end?: { readonly sum_received?: { readonly bits_per_second: number } };
}

async function roundTrip({ from, address }: Pair): Promise<number> {
  const args = ["-q", "-n", "-c", String(pings), "-i", String(pingPauseSec), address];
  const text = requireSuccess("ping", await from.run("ping", args, { timeoutMs: limitMs }));
  const average = /= [\d.]+\/([\d.]+)\//.exec(text)?.[1];
  if (average === undefined) throw unreadable("ping", text);
  return Number(average);
}

function unreadable(command: string, text: string): LoomstackError {
  return new LoomstackError("LAB__COMMAND_FAILED", { command, status: 0, stderr: `it printed ${text.slice(-200)}` });
}
