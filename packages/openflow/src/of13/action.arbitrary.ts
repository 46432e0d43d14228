/** For tests: random actions of all kinds that Open vSwitch has, such as a flow of a given match may have. */
import fc, { type Arbitrary } from "fast-check";
import { ActionChoice } from "./action-choice.arbitrary.ts";
import { type Kind, type Made, make, port, tableId, u32 } from "./action-kind.arbitrary.ts";
import type { Action } from "./actions.ts";
import { fieldActions } from "./field-action.arbitrary.ts";
import { headerActions } from "./header-action.arbitrary.ts";
import { learnActions } from "./learn-action.arbitrary.ts";
import type { Match } from "./match.ts";
import { outputActions } from "./output-action.arbitrary.ts";
import { trackingAction } from "./tracking-action.arbitrary.ts";

/** The actions of each kind; undefined where the match doesn't allow it, or where it makes no sense by itself. */
function byKind(choice: ActionChoice, depth: number): { readonly [K in Kind]: Made<K> } {
  return {
    ...outputActions(choice),
    ...fieldActions(choice),
    ...headerActions(choice),
    ...learnActions(choice),
    ...nested(choice, depth),
  };
}

function nested(choice: ActionChoice, depth: number) {
  const isIpv4 = choice.has("ethType", 0x0800);
  const isIp = isIpv4 || choice.has("ethType", 0x86dd);
  const clone = make("clone", {
    actions: fc.array(fc.constant(null), { maxLength: 3 }).chain(({ length }) => listOf(choice, length, depth - 1)),
  });
  return {
    clone: depth === 0 ? undefined : clone,
    ct: isIp ? trackingAction(choice, isIpv4) : undefined,
    nat: undefined,
  } satisfies { readonly [K in Kind]?: Made<K> };
}

/** Lists of actions after which a packet is what it was before, but for its fields. */
function sequences(choice: ActionChoice): readonly (readonly Action[])[] {
  if (!choice.isEthernet) return [];
  const nshProperties = [
    { kind: "nshMdType", mdType: 2 },
    { kind: "nshTlv", tlvClass: 0x1000, tlvType: 10, data: Uint8Array.of(0x12, 0x34, 0x56, 0x78) },
  ] as const;
  return [
    ...(choice.isTagged
      ? []
      : [
          [
            { kind: "pushVlan", etherType: 0x8100 },
            { kind: "setField", field: "vlanVid", value: 0x1005 },
            { kind: "popVlan" },
          ] as const,
        ]),
    ...(choice.has("ethType", 0x0800)
      ? [
          [
            {
              kind: "clone",
              actions: [
                { kind: "pushMpls", etherType: 0x8847 },
                { kind: "setField", field: "mplsLabel", value: 7 },
                { kind: "popMpls", etherType: 0x0800 },
              ],
            },
          ] as const,
        ]
      : []),
    [
      {
        kind: "clone",
        actions: [
          { kind: "encap", packetType: 0x0001_894f, properties: nshProperties },
          { kind: "setField", field: "nshSpi", value: 5 },
          { kind: "encap", packetType: 0 },
          { kind: "decap", packetType: 0x0001_894f },
          { kind: "decap", packetType: 0x0000_fffe },
        ],
      },
    ],
  ];
}

function listOf(choice: ActionChoice, length: number, depth: number): Arbitrary<Action[]> {
  const kinds = Object.values(byKind(choice, depth)).filter((made) => made !== undefined) as Arbitrary<Action>[];
  // Few flows may have it.
  const tracked = choice.isTracked ? [make("resubmitCt", { inPort: port, tableId })] : [];
  const one = fc
    .oneof(...kinds, ...Array.from({ length: 9 }, () => tracked).flat())
    .map((action): readonly Action[] => [action]);
  const several = fc.constantFrom(...sequences(choice), []);
  const step = fc.oneof({ weight: 12, arbitrary: one }, { weight: 1, arbitrary: several });
  return fc.array(step, { minLength: length, maxLength: length }).map((steps) => steps.flat());
}

/** Up to `maxLength` actions, or sequences of some, that flows with `match` may have. */
export function arbitraryActions(match: Match, maxLength = 4): Arbitrary<readonly Action[]> {
  return fc.nat(maxLength).chain((length) => listOf(new ActionChoice(match), length, 2));
}

/** Clauses of conjunctions, which flows have no other actions with. */
export const arbitraryConjunctions: Arbitrary<readonly Action[]> = fc.array(
  fc
    .tuple(fc.integer({ min: 2, max: 64 }), u32)
    .chain(([nClauses, id]) =>
      fc.nat(nClauses - 1).map((clause): Action => ({ kind: "conjunction", clause, nClauses, id })),
    ),
  { minLength: 1, maxLength: 3 },
);
