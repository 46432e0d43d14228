import { silentLogger, systemClock } from "@loomstack/core";
import { listenForSwitches, type SwitchConnection } from "@loomstack/openflow";
import type { Benchmark, Run } from "../benchmark.ts";
import { runNode } from "../child.ts";
import { BareAnswers } from "./bare-answers.ts";
import { LearningSwitch } from "./learning-switch.ts";

/** Packet-ins on their way at once: enough that neither end waits for the other. */
export const throughputWindow = 1024;

/**
 * Packet-ins to packet-outs, as cbench counts them, with one on its way (latency) and with many (throughput). Ours is a
 * learning switch: it reads the packet-in, remembers and looks up MAC addresses, and makes the packet-out. The peer is a
 * bare socket that counts messages and writes packet-outs that were encoded before: what Node.js allows. The switch is a
 * process of its own, likewise a bare socket.
 */
export const packetIn: Benchmark = {
  bench: "openflow",
  metrics: {
    "packet-in-throughput": { unit: "packets/s", better: "higher", goal: 0.25 },
    "packet-in-latency": { unit: "packets/s", better: "higher", goal: 0.8 },
  },
  peer: "bare socket",
  runs: 5,
  async prepare(length) {
    const packets =
      length === "full" ? { throughput: 500_000, latency: 20_000 } : { throughput: 50_000, latency: 2_000 };
    await using starting = new AsyncDisposableStack();
    const bare = starting.use(await BareAnswers.listen());
    const listener = starting.use(
      await listenForSwitches({
        host: "127.0.0.1",
        port: 0,
        clock: systemClock,
        logger: silentLogger,
        onSwitch: answerPackets,
      }),
    );
    const running = starting.move();
    const run = async (port: number, signal: AbortSignal): Promise<Run> => {
      const rate = async (window: number, count: number): Promise<number> => {
        const args = [port, window, count].map(String);
        return (await runNode("openflow/simulated-switch.ts", args, signal)).figures["rate"] ?? Number.NaN;
      };
      const throughput = await rate(throughputWindow, packets.throughput);
      return {
        figures: { "packet-in-throughput": throughput, "packet-in-latency": await rate(1, packets.latency) },
      };
    };
    return {
      params: { packets: packets.throughput, window: throughputWindow, threads: 1 },
      ours: (signal) => run(listener.port, signal),
      peer: (signal) => run(bare.port, signal),
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  },
};

/** Lets a learning switch answer all packets of a switch. */
export function answerPackets(connection: SwitchConnection): void {
  const learning = new LearningSwitch();
  connection.packetIns.add((packet) => {
    const answer = learning.answer(packet);
    if (answer !== undefined) connection.send(answer);
  });
  // The switch begins with it. That the connection ends while it is waited for is told to the switch's process.
  connection.barrier().catch(() => undefined);
}
