/** Actions that Open vSwitch adds to OpenFlow, by their subtypes. @see ovs-actions(7) */
import {
  bytesToEnd,
  type Codec,
  complete,
  listCounted,
  pad,
  struct,
  u16,
  u32,
  u64,
  u8,
  withDefault,
  zeros,
  zerosToEnd,
} from "@loomstack/wire";
import type { ActionList } from "../of13/actions.ts";
import { Port, shortPortNo } from "../of13/ports.ts";
import { maskedFieldAssignment } from "../of13/set-field.ts";
import { action } from "../text/action-text.ts";
import { formatClone, formatCt, formatNat } from "../text/format-connection-tracking.ts";
import { formatLearn } from "../text/format-learn.ts";
import {
  formatBundle,
  formatController,
  formatDecap,
  formatEncap,
  formatMultipath,
  formatResubmit,
  formatSample,
} from "../text/format-nicira.ts";
import { formatMove, formatSetField, formatWriteMetadata } from "../text/format-fields.ts";
import {
  decimal,
  dottedBytes,
  fieldBits as bitsText,
  formatSubfield,
  hex,
  hexadecimal,
  hexadecimal64,
  portNumber,
  wholeField,
} from "../text/values.ts";
import { cloneWith, ctWith, nat } from "./connection-tracking.ts";
import { controller2 } from "./controller.ts";
import { encap } from "./encapsulation.ts";
import { checkPktLarger, deleteField, fieldBits, load, move, outputRegister2, stack } from "./field-actions.ts";
import { learn, learn2 } from "./learn.ts";
import { bundle, bundleLoad, countBefore, multipath } from "./link-choice.ts";
import { sample, sample2, sample3, sample4 } from "./sample.ts";

/** Nicira's experimenter id, which Open vSwitch has inherited. */
export const nicira = 0x0000_2320;

const maxLen = withDefault(u16, 0xffff);
const inPort = withDefault(shortPortNo, Port.inPort);
const none = { _: pad(6) };

/** NXAST_OUTPUT_REG */
const outputRegister = complete(struct({ from: fieldBits, maxLen, _: zeros(6) }));

/** Actions that send a packet, to a port or to another table. */
const outputRows = {
  /** Looks the packet up again in the present table, as if it had come in by another port. */
  resubmitPort: action(1, { inPort: shortPortNo, _: pad(4) }, (t) => t.own("resubmit", formatResubmit)),
  /** Looks the packet up in another table, and goes on with the next action. */
  resubmit: action(14, { inPort, tableId: u8, _: pad(3) }, (t) => t.own("resubmit", formatResubmit)),
  /** As resubmit, with the addresses that the tracker saw in the connection's first packet. */
  resubmitCt: action(44, { inPort, tableId: u8, _: pad(3) }, (t) =>
    t.own("resubmit", (value, context) => formatResubmit(value, context, ",ct")),
  ),
  outputRegister: action(15, outputRegister, (t) => t.colon("output", "from", bitsText)),
  outputRegister2: action(32, outputRegister2, (t) => t.colon("output", "from", bitsText)),
  /** Sends no more of the packet than `maxLen` bytes. */
  outputTrunc: action(39, { port: shortPortNo, maxLen: u32 }, (t) =>
    t.keyed("output", t.key("port", "port", portNumber), t.key("max_len", "maxLen", decimal)),
  ),
  /** To the controllers, with a reason that they see in the packet-in. */
  controller: action(20, { maxLen, controllerId: withDefault(u16, 0), reason: withDefault(u8, 1), _: zeros(1) }, (t) =>
    t.own(["controller", "CONTROLLER"], formatController),
  ),
  controller2: action(37, controller2, (t) => t.own(["controller", "CONTROLLER"], formatController)),
  multipath: action(10, multipath, (t) => t.own("multipath", formatMultipath)),
  bundle: action(12, bundle, (t) => t.own("bundle", formatBundle)),
  bundleLoad: action(13, bundleLoad, (t) => t.own("bundle_load", formatBundle)),
};

/** Actions that change a packet, or what the switch knows of it. */
const changeRows = {
  move: action(6, move, (t) => t.own("move", formatMove)),
  load: action(7, load, (t) => t.own("load", ({ value, to }) => `load:${hex(value)}->${formatSubfield(to)}`)),
  /** Sets those bits of a field that the mask has. */
  setFieldMasked: action(33, maskedFieldAssignment, (t) => t.own("set_field", formatSetField)),
  setTunnel: action(2, { _: pad(2), tunnelId: u32 }, (t) => t.colon("set_tunnel", "tunnelId", hexadecimal)),
  setTunnel64: action(9, { _: pad(6), tunnelId: u64 }, (t) => t.colon("set_tunnel64", "tunnelId", hexadecimal64)),
  /** The queue is what it was before setQueue. */
  popQueue: action(5, none, (t) => t.word("pop_queue")),
  /** As decNwTtl; a packet whose time is over is sent to these controllers. */
  decNwTtlControllers: action(21, { controllerIds: listCounted(countBefore(4), u16, 0x7ff0), _: zerosToEnd(8) }, (t) =>
    t.own("dec_ttl", ({ controllerIds }) => `dec_ttl(${controllerIds.join(",")})`),
  ),
  /** As the instruction, for where only actions are allowed. */
  writeMetadata: action(22, { _: zeros(6), metadata: u64, mask: u64 }, (t) =>
    t.own("write_metadata", formatWriteMetadata),
  ),
  stackPush: action(27, stack, (t) => t.colon("push", "subfield", bitsText)),
  stackPop: action(28, stack, (t) => t.colon("pop", "subfield", bitsText)),
  /** Takes one of Geneve's options off the packet's tunnel. */
  deleteField: action(50, deleteField, (t) =>
    t.own("delete_field", (field) => `delete_field:${wholeField.print(field, {})}`),
  ),
  encap: action(46, encap, (t) => t.own("encap", formatEncap)),
  decap: action(47, { _: pad(2), packetType: u32 }, (t) => t.own("decap", formatDecap)),
  decNshTtl: action(48, none, (t) => t.word("dec_nsh_ttl")),
  /** Sets a bit where the packet is longer. */
  checkPktLarger: action(49, checkPktLarger, (t) =>
    t.own("check_pkt_larger", ({ pktLen, to }) => `check_pkt_larger(${pktLen})->${formatSubfield(to)}`),
  ),
};

/** Actions on flows, connections and lists of actions. */
const flowRows = {
  /** Anything that whoever added the flow wants to keep with it. */
  note: action(8, { note: bytesToEnd }, (t) => t.colon("note", "note", dottedBytes)),
  learn: action(16, learn, (t) => t.own("learn", formatLearn)),
  learn2: action(45, learn2, (t) => t.own("learn", formatLearn)),
  /** Ends the list of actions. */
  exit: action(17, none, (t) => t.word("exit")),
  /** Other timeouts for the flow once a TCP connection ends. */
  finTimeout: action(19, { idleTimeoutSec: u16, hardTimeoutSec: u16, _: zeros(2) }, (t) =>
    t.keyed(
      "fin_timeout",
      t.key("idle_timeout", "idleTimeoutSec", decimal, 0),
      t.key("hard_timeout", "hardTimeoutSec", decimal, 0),
    ),
  ),
  sample: action(29, sample, (t) => t.own("sample", formatSample)),
  sample2: action(38, sample2, (t) => t.own("sample", formatSample)),
  sample3: action(41, sample3, (t) => t.own("sample", formatSample)),
  sample4: action(51, sample4, (t) => t.own("sample", formatSample)),
  /** `clause`, from 0, of `nClauses` is met; where all are, conjId has the id. */
  conjunction: action(34, { clause: u8, nClauses: u8, id: u32 }, (t) =>
    t.own("conjunction", ({ clause, nClauses, id }) => `conjunction(${id},${clause + 1}/${nClauses})`),
  ),
  nat: action(36, nat, (t) => t.own("nat", formatNat)),
  /** Forgets what the tracker has said of the packet. */
  ctClear: action(43, none, (t) => t.word("ct_clear")),
  /** For Open vSwitch's own tests. */
  debugSlow: action(254, none, (t) => t.word("debug_slow")),
  debugRecirc: action(255, none, (t) => t.word("debug_recirc")),
};

/**
 * All of Nicira's actions.
 *
 * @param actions the codec of the actions that some have inside: those of the same version of OpenFlow
 */
export function niciraRowsWith(actions: Codec<ActionList>) {
  return {
    ...outputRows,
    ...changeRows,
    ...flowRows,
    ct: action(35, ctWith(actions), (t) => t.own("ct", formatCt)),
    clone: action(42, cloneWith(actions), (t) => t.own("clone", formatClone)),
  };
}
