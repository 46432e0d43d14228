/** For tests: random actions that say where packets go. */
import fc from "fast-check";
import { bundleAlgorithms, hashFieldNumbers, multipathAlgorithms } from "../nicira/link-choice.ts";
import type { ActionChoice } from "./action-choice.arbitrary.ts";
import { bytes, type Kind, type Made, make, port, tableId, u16, u32, u8 } from "./action-kind.arbitrary.ts";
import { Port } from "./ports.ts";

const flag = fc.option(fc.constant(true as const), { nil: undefined });
const hashFields = fc.constantFrom(...(Object.keys(hashFieldNumbers) as (keyof typeof hashFieldNumbers)[]));

export function outputActions(choice: ActionChoice) {
  const controller = { maxLen: u16, controllerId: u16, reason: fc.constantFrom(0, 2) };
  const hash = { fields: hashFields, basis: u16 };
  const members = fc.array(port, { maxLength: 5 });
  const link = fc.constantFrom(...(Object.keys(bundleAlgorithms) as (keyof typeof bundleAlgorithms)[]));
  return {
    output: fc.oneof(
      make("output", { port, maxLen: fc.constant(0) }),
      make("output", { port: fc.constant(Port.controller), maxLen: u16 }),
      make("output", {
        port: fc.constantFrom(Port.inPort, Port.normal, Port.flood, Port.all, Port.local),
        maxLen: fc.constant(0),
      }),
    ),
    group: make("group", { groupId: fc.nat(0xffff_ff00) }),
    setQueue: make("setQueue", { queueId: u32 }),
    popQueue: make("popQueue"),
    resubmitPort: make("resubmitPort", { inPort: port }),
    resubmit: make("resubmit", { inPort: fc.oneof(port, fc.constant(Port.inPort)), tableId }),
    resubmitCt: choice.isTracked ? make("resubmitCt", { inPort: port, tableId }) : undefined,
    outputRegister: make("outputRegister", { from: choice.bits({ of: "readable", short: true }) }),
    outputRegister2: make("outputRegister2", { from: choice.bits({ of: "readable" }) }),
    outputTrunc: make("outputTrunc", { port, maxLen: fc.integer({ min: 14, max: 0xffff_ffff }) }),
    controller: make("controller", controller),
    controller2: make("controller2", {
      ...{
        userdata: bytes(1, 9),
        pause: flag,
        meterId: fc.option(fc.integer({ min: 1, max: 0xffff }), { nil: undefined }),
      },
      maxLen: fc.nat(0xfffe),
      controllerId: fc.integer({ min: 1, max: 0xffff }),
    }),
    multipath: make("multipath", {
      ...hash,
      algorithm: fc.constantFrom(...(Object.keys(multipathAlgorithms) as (keyof typeof multipathAlgorithms)[])),
      maxLink: u8,
      argument: u32,
      to: choice.bits({ of: "writable", short: true }).filter(({ bits }) => bits >= 8),
    }),
    bundle: make("bundle", { ...hash, algorithm: link, members }),
    bundleLoad: make("bundleLoad", { ...hash, algorithm: link, members, to: choice.exactly("writable", 16, true) }),
  } satisfies { readonly [K in Kind]?: Made<K> };
}
