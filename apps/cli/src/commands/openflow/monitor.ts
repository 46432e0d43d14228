import { isLoomstackError } from "@loomstack/core";
import { type FlowNames, type FlowUpdate, type SwitchConnection, switchConfig, toPlain } from "@loomstack/openflow";
import { type Command, InvalidArgumentError } from "commander";
import type { CommandIo } from "../../io.ts";
import { escapeControls } from "../../render/control-characters.ts";
import { eventLine, type SwitchEvent } from "./event-text.ts";
import { addSwitchVerb, type SwitchOptions } from "./options.ts";
import { namesOf, untilEnded, withSwitch } from "./switch.ts";

const topics = ["flows", "packets", "ports"] as const;
type Topic = (typeof topics)[number];

interface MonitorOptions extends SwitchOptions {
  readonly timestamp?: boolean;
}

/** OFPCML_NO_BUFFER: whole packets. */
const wholePackets = 0xffff;

/** `monitor <switch> [what…]`: what a switch tells unasked, until interrupted. */
export function addMonitor(openflow: Command, io: CommandIo): void {
  addSwitchVerb(openflow, "monitor", io)
    .description("print each change of flows and ports, and each packet for the controller")
    .argument("[what...]", `${topics.join(", ")}; default: all of them`, collectTopic)
    .option("--timestamp", "tell when each came")
    .action((remote: string, what: readonly Topic[] | undefined, options: MonitorOptions) =>
      withSwitch(io, remote, options, (connection) =>
        monitor(io, connection, new Set(what === undefined || what.length === 0 ? topics : what), options),
      ),
    );
}

async function monitor(
  io: CommandIo,
  connection: SwitchConnection,
  wanted: ReadonlySet<Topic>,
  options: MonitorOptions,
): Promise<never> {
  const print = eventPrinter(io, namesOf(connection, options), options);
  using listening = new DisposableStack();
  if (wanted.has("ports")) listening.use(connection.portStatus.add(print));
  if (wanted.has("flows")) {
    const printAll = (updates: readonly FlowUpdate[]): void => {
      for (const update of updates) if (update.kind !== "abbreviated") print(update);
    };
    listening.use(connection.flowUpdates.add(printAll));
    const isMonitored = await startFlowMonitor(io, connection);
    // Who is told of all changes needn't be told of the expired flows once more.
    if (!isMonitored) listening.use(connection.flowsRemoved.add(print));
  }
  if (wanted.has("packets")) {
    listening.use(connection.packetIns.add(print));
    const { fragments } = await connection.request(switchConfig());
    await connection.apply([{ kind: "setConfig", fragments, missSendBytes: wholePackets }]);
  }
  io.note(`monitoring ${[...wanted].join(", ")} of ${connection.remoteAddress}`);
  return await untilEnded(connection, io.signal);
}

/** @returns whether the switch tells of changes of flows; one that can't may still tell of flows that are gone */
async function startFlowMonitor(io: CommandIo, connection: SwitchConnection): Promise<boolean> {
  try {
    await connection.monitorFlows();
    return true;
  } catch (error) {
    const isUnable =
      isLoomstackError(error, "OPENFLOW__UNSUPPORTED_REQUEST") ||
      isLoomstackError(error, "OPENFLOW__UNSUPPORTED_BY_VERSION");
    if (!isUnable) throw error;
    io.note(`only flows that are gone are told: ${error.message}`);
    return false;
  }
}

function eventPrinter(
  io: CommandIo,
  names: FlowNames,
  { json, timestamp }: MonitorOptions,
): (event: SwitchEvent) => void {
  return (event) => {
    const time = timestamp === true ? new Date(io.clock.now()).toISOString() : undefined;
    const line =
      json === true
        ? JSON.stringify({ ...(time === undefined ? {} : { time }), ...(toPlain(event) as object) })
        : `${time === undefined ? "" : `${time} `}${eventLine(event, names)}`;
    io.output.send(`${escapeControls(line)}\n`);
  };
}

function collectTopic(text: string, previous: readonly Topic[] | undefined): readonly Topic[] {
  const topic = topics.find((known) => known === text);
  if (topic === undefined) throw new InvalidArgumentError(`What is monitored is ${topics.join(", ")}.`);
  return [...(previous ?? []), topic];
}
