/** Whether the flow that learn adds fits together: its parts are named in their order, each behind what it requires. */
import type { LearnSpec } from "../../nicira/learn.ts";
import type { Subfield } from "../../nicira/subfield.ts";
import { fieldRow } from "../oxm.ts";
import { CollectedBits, type KnownPacket, lackOf, packetOf } from "./known-packet.ts";
import { lacking, type Problem } from "./problem.ts";

/** @param packet the one that makes the flow, whose fields are copied */
export function learnProblem(specs: readonly LearnSpec[], packet: KnownPacket): Problem | undefined {
  const learned = new CollectedBits();
  for (const spec of specs) {
    const from = typeof spec.from === "bigint" ? undefined : problemOf(spec.from, packet);
    if (from !== undefined) return from;
    if (spec.kind === "output") continue;
    const { to } = spec;
    const unmet = problemOf(to, packetOf(learned));
    if (unmet !== undefined)
      return { problem: `${unmet.problem} in the flow that is learned`, allowed: "what it needs in front of it" };
    if (spec.kind === "match" && typeof spec.from === "bigint") {
      const [shift, ones] = [BigInt(to.start), (1n << BigInt(to.bits)) - 1n];
      learned.add(fieldRow(to.field), spec.from << shift, ones << shift);
    }
  }
  return undefined;
}

function problemOf({ field }: Subfield, packet: KnownPacket): Problem | undefined {
  const row = fieldRow(field);
  const lack = lackOf(row, packet);
  return lack === undefined ? undefined : lacking(lack, row.setName);
}
