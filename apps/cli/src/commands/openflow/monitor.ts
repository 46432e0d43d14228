import { isLoomstackError } from "@loomstack/core";
import { type FlowNames, type FlowUpdate, type SwitchConnection, switchConfig, toPlain } from "@loomstack/openflow";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CommandIo } from "../../io.ts";
import { escapeControls } from "../../render/control-characters.ts";
import { eventLine, type SwitchEvent } from "./event-text.ts";
import { isWatch, watchRequest } from "./flow-watch.ts";
import { onSwitchWhileRunning } from "./lasting-switch.ts";
import { addSwitchVerb, type SwitchOptions } from "./options.ts";
import { isPunted } from "./packet-text.ts";
import { namesOf } from "./switch.ts";

const topics = ["flows", "packets", "ports"];

/** The forms of packets, by their names of ovs-ofctl(8). */
const packetInFormats = { standard: "standard", nxt_packet_in: "nxtPacketIn", nxt_packet_in2: "nxtPacketIn2" } as const;

interface MonitorOptions extends SwitchOptions {
  readonly timestamp?: boolean;
  readonly packetInFormat?: keyof typeof packetInFormats;
}

/** Where events of one connection go, until it has ended. */
interface Watching {
  readonly io: CommandIo;
  readonly connection: SwitchConnection;
  readonly listening: DisposableStack;
  readonly print: (event: SwitchEvent) => void;
}

/** OFPCML_NO_BUFFER: whole packets. */
const wholePackets = 0xffff;

/** `monitor <switch> [what…]`: what a switch tells unasked, also over reconnects, until interrupted. */
export function addMonitor(openflow: Command, io: CommandIo): void {
  addSwitchVerb(openflow, "monitor", io)
    .description("print each change of flows and ports, and each packet for the controller, also over reconnects")
    .argument(
      "[what...]",
      `${topics.join(", ")}; watch:[!initial,...][,<flow>]: flows, also those that there are; default: ${topics.join(", ")}`,
      collectTopic,
    )
    .addOption(
      new Option("-P, --packet-in-format <format>", "the form in which packets are sent").choices(
        Object.keys(packetInFormats),
      ),
    )
    .option("--timestamp", "tell when each came")
    .action(async (remote: string, what: readonly string[] | undefined, options: MonitorOptions) => {
      const wanted = new Set(what === undefined || what.length === 0 ? topics : what);
      await onSwitchWhileRunning(io, remote, options, (connection, listening) => {
        const print = eventPrinter(io, namesOf(connection, options), options);
        return begin({ io, connection, listening, print }, wanted, options);
      });
    });
}

async function begin(watching: Watching, wanted: ReadonlySet<string>, options: MonitorOptions): Promise<void> {
  const { io, connection, listening, print } = watching;
  if (wanted.has("ports")) listening.use(connection.portStatus.add(print));
  await beginFlows(watching, wanted);
  if (wanted.has("packets")) await beginPackets(watching, options);
  io.note(`monitoring ${[...wanted].join(", ")} of ${connection.remoteAddress}`);
}

async function beginFlows(watching: Watching, wanted: ReadonlySet<string>): Promise<void> {
  const { io, connection, listening, print } = watching;
  const watches = [...wanted].filter(isWatch);
  if (watches.length === 0 && !wanted.has("flows")) return;
  const printAll = (updates: readonly FlowUpdate[]): void => {
    for (const update of updates) if (update.kind !== "abbreviated") print(update);
  };
  listening.use(connection.flowUpdates.add(printAll));
  // Open vSwitch takes the number of a monitor once; 1 is that of monitorFlows.
  for (const [index, watch] of watches.entries()) {
    printAll(await connection.request(watchRequest(watch, index + 2, connection)));
  }
  // Who is told of all changes needn't be told of the expired flows once more.
  if (wanted.has("flows") && !(await startFlowMonitor(io, connection))) {
    listening.use(connection.flowsRemoved.add(print));
  }
}

async function beginPackets(
  { connection, listening, print }: Watching,
  { packetInFormat }: MonitorOptions,
): Promise<void> {
  listening.use(connection.packetIns.add(print));
  listening.use(
    connection.messages.add((message) => {
      if (isPunted(message)) print(message);
    }),
  );
  if (packetInFormat !== undefined) {
    await connection.apply([{ kind: "setPacketInFormat", format: packetInFormats[packetInFormat] }]);
  }
  const { fragments } = await connection.request(switchConfig());
  await connection.apply([{ kind: "setConfig", fragments, missSendBytes: wholePackets }]);
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

function collectTopic(text: string, previous: readonly string[] | undefined): readonly string[] {
  if (!topics.includes(text) && !isWatch(text)) {
    throw new InvalidArgumentError(`What is monitored is ${topics.join(", ")}, watch:<flow>.`);
  }
  return [...(previous ?? []), text];
}
