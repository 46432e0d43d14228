/** Actions that send a packet, to a port, to the controllers or to another table. */
import type { Action } from "../../of13/actions.ts";
import { fieldRow } from "../../of13/oxm.ts";
import { Port } from "../../of13/ports.ts";
import type { Subfield } from "../../nicira/subfield.ts";
import type { ActionReaders, ReadContext } from "./action-reader.ts";
import { keyValues } from "./key-values.ts";
import { dottedBytesIn, numberU16, numberU32 } from "./numbers.ts";
import { subfieldIn } from "./parse-subfield.ts";
import { portIn, portNamed, tableIn } from "./read-names.ts";
import { part, refused, type TextSlice, textOf } from "./text-slice.ts";
import { packetInReasonNumber } from "./words.ts";

const everything = 0xffff;
const shortestPacket = 14;
const sameTable = 0xff;
const mostPortBits = 64;

export const outputReaders: ActionReaders = {
  output: (value, { names }) => {
    const text = textOf(value);
    if (text.includes("port") && text.includes("max_len")) return truncated(value, names);
    const port = portNamed(text, names);
    if (port !== undefined) return outputTo(port);
    const from = subfieldIn(value);
    if (from === undefined) return outputTo(portIn(value, names));
    if (from.bits > mostPortBits) throw refused(value, `has ${from.bits} bits`, `at most ${mostPortBits}`);
    return outputRegister(from);
  },
  controller: readController,
  resubmit: readResubmit,
  /** What OpenFlow 1.0 had instead of set_queue. */
  enqueue: (value, { names }) => {
    const [, port, queue] = /^([^:q,]+)[:q,](.+)$/.exec(textOf(value)) ?? [];
    if (port === undefined || queue === undefined)
      throw refused(value, "is no port and queue", "enqueue:<port>:<queue> or enqueue(<port>,<queue>)");
    const start = textOf(value).length - queue.length;
    return [
      { kind: "setQueue", queueId: numberU32(part(value, start), "queue") },
      outputTo(portIn(part(value, textOf(value).indexOf(port), textOf(value).indexOf(port) + port.length), names)),
      { kind: "popQueue" },
    ];
  },
};

/** The action that sends to a port: how much of the packet, matters to the controllers only. */
export function outputTo(port: ReturnType<typeof portIn>): Action {
  return { kind: "output", port, maxLen: port === Port.controller ? everything : 0 };
}

function outputRegister(from: Subfield): Action {
  const isLong = fieldRow(from.field).subfield.experimenter !== undefined;
  return { kind: isLong ? "outputRegister2" : "outputRegister", from, maxLen: everything };
}

function truncated(value: TextSlice, names: ReadContext["names"]): Action {
  let port = Port.any;
  let maxLen = 0;
  for (const { key, keySlice, value: own } of keyValues(value)) {
    if (key === "port") port = portIn(own, names);
    else if (key === "max_len") maxLen = numberU32(own, "length");
    else throw refused(keySlice, "is no key of output", "port, max_len");
  }
  const sendable = port <= Port.max || port === Port.local || port === Port.inPort;
  if (!sendable || maxLen < shortestPacket)
    throw refused(
      value,
      "can't be sent",
      `a port of the switch, IN_PORT or LOCAL, and at least ${shortestPacket} bytes`,
    );
  return { kind: "outputTrunc", port, maxLen };
}

function readController(value: TextSlice): Action {
  const text = textOf(value);
  const isLength = /^\d+$/.test(text);
  const read = isLength ? { maxLen: numberU16(value, "length") } : controllerKeys(value);
  const { maxLen = everything, controllerId = 0, reason = 1, userdata, pause, meterId } = read;
  const extended = pause !== undefined || meterId !== undefined || userdata !== undefined;
  if (!extended && reason === 1 && controllerId === 0) return { kind: "output", port: Port.controller, maxLen };
  if (!extended) return { kind: "controller", maxLen, controllerId, reason };
  return {
    kind: "controller2",
    ...(maxLen === everything ? {} : { maxLen }),
    ...(controllerId === 0 ? {} : { controllerId }),
    ...(reason === 1 ? {} : { reason }),
    ...(userdata === undefined || userdata.byteLength === 0 ? {} : { userdata }),
    ...(pause === undefined ? {} : { pause }),
    ...(meterId === undefined ? {} : { meterId }),
  };
}

interface ControllerKeys {
  maxLen?: number;
  controllerId?: number;
  reason?: number;
  userdata?: Uint8Array;
  pause?: true;
  meterId?: number;
}

function controllerKeys(value: TextSlice): ControllerKeys {
  const read: ControllerKeys = {};
  for (const { key, keySlice, value: own } of keyValues(value)) {
    if (key === "reason") read.reason = packetInReasonNumber(own);
    else if (key === "max_len") read.maxLen = numberU16(own, "length");
    else if (key === "id") read.controllerId = numberU16(own, "controller id");
    else if (key === "userdata") read.userdata = dottedBytesIn(own, "userdata");
    else if (key === "pause") read.pause = true;
    else if (key === "meter_id") read.meterId = numberU32(own, "meter");
    else throw refused(keySlice, "is no key of controller", "reason, max_len, id, userdata, pause, meter_id");
  }
  return read;
}

function readResubmit(value: TextSlice, { names }: ReadContext): Action {
  const [port = value, table, ct] = commaParts(value);
  const inPort = textOf(port) === "" ? Port.inPort : portIn(port, names);
  const tableId = table === undefined || textOf(table) === "" ? sameTable : tableIn(table, names);
  const tracked = ct !== undefined && textOf(ct) !== "";
  if (tracked && textOf(ct) !== "ct") throw refused(ct, "is no part of resubmit", "ct");
  if (inPort === Port.inPort && tableId === sameTable)
    throw refused(value, "says nothing", "a port or a table: resubmit(<port>,<table>)");
  if (tracked) return { kind: "resubmitCt", inPort, tableId };
  return tableId === sameTable ? { kind: "resubmitPort", inPort } : { kind: "resubmit", inPort, tableId };
}

/** The parts between commas, empty ones too. */
function commaParts(value: TextSlice): readonly TextSlice[] {
  let start = 0;
  return textOf(value)
    .split(",")
    .map((text) => {
      const found = part(value, start, start + text.length);
      start += text.length + 1;
      return found;
    });
}
