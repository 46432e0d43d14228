import { decode, encode } from "@loomstack/wire";
import { expect, test } from "vitest";
import { notInActions, actionSamples } from "./action.samples.ts";
import { type Action, actions, actionTexts } from "./actions.ts";
import { fieldSamples } from "./field.samples.ts";
import { flowFingerprint, flowKey } from "./flow-identity.ts";
import { instructions } from "./instructions.ts";
import { match, normalMatch } from "./match.ts";
import { fieldRows } from "./oxm.ts";

/** Those of a list and of the actions inside of them. */
function kindsOf(list: readonly Action[]): readonly string[] {
  return list.flatMap((action) => {
    const inner = action.kind === "ct" || action.kind === "clone" ? (action.actions ?? []) : [];
    return [action.kind, ...kindsOf(inner)];
  });
}

test("there is a sample of every field, with a mask where it can have one", () => {
  for (const row of fieldRows) {
    const samples = fieldSamples.filter((sample) => sample.row.name === row.name);
    expect(
      samples.map(({ masked }) => masked),
      row.name,
    ).toEqual(row.maskable ? [false, true] : [false]);
  }
});

test("there is a sample of every action that Open vSwitch has", () => {
  const sampled = actionSamples.flatMap((sample) =>
    sample.instructions.flatMap((instruction) => ("actions" in instruction ? kindsOf(instruction.actions) : [])),
  );
  const missing = [...actionTexts.keys()].filter((kind) => !sampled.includes(kind));
  expect(missing.sort()).toEqual([...notInActions.keys()].sort());
});

test.each(fieldSamples)("$row.name (mask: $masked) survives the way to bytes and back", (sample) => {
  const bytes = encode(match, sample.match);
  const decoded = decode(match, bytes);
  expect(decoded).toEqual(normalMatch(sample.match));
  expect(encode(match, decoded)).toEqual(bytes);
  expect(flowKey({ tableId: 0, priority: 0, match: decoded })).toBe(
    flowKey({ tableId: 0, priority: 0, match: sample.match }),
  );
});

test.each(actionSamples)("$name survives the way to bytes and back", (sample) => {
  const bytes = encode(instructions, sample.instructions);
  const decoded = decode(instructions, bytes);
  expect(decoded).toMatchObject(sample.instructions);
  expect(encode(instructions, decoded)).toEqual(bytes);
  expect(flowFingerprint({ cookie: 0n, instructions: decoded })).toBe(
    flowFingerprint({ cookie: 0n, instructions: sample.instructions }),
  );
});

const others: readonly Action[] = [
  { kind: "copyTtlIn" },
  { kind: "copyTtlOut" },
  { kind: "pushPbb", etherType: 0x88e7 },
  { kind: "popPbb" },
  {
    ...{ kind: "sample4", probability: 1, collectorSetId: 2, obsDomainId: { field: "reg0", start: 0, bits: 32 } },
    ...{ obsPointId: 4, direction: "ingress" },
  },
];

test.each(others)("$kind, which the real switch here doesn't have, survives the way to bytes and back", (action) => {
  const bytes = encode(actions, [action]);
  expect(decode(actions, bytes)).toMatchObject([action]);
  expect(encode(actions, decode(actions, bytes))).toEqual(bytes);
});
