/** For tests: random actions of all kinds that Open vSwitch has, such as a flow of a given match may have. */
import type { Ipv4, Mac } from "@loomstack/core";
import fc, { type Arbitrary } from "fast-check";
import { ctStateBits } from "../nicira/connection-fields.ts";
import { bundleAlgorithms, hashFieldNumbers, multipathAlgorithms } from "../nicira/link-choice.ts";
import type { LearnSpec } from "../nicira/learn.ts";
import { type Subfield, subfieldBits } from "../nicira/subfield.ts";
import type { Action } from "./actions.ts";
import { ipv4, ipv6, mac } from "./field-types.ts";
import type { Match } from "./match.ts";
import { fieldMask, fieldValue, rowsFor } from "./match.arbitrary.ts";
import type { FieldRow } from "./oxm.ts";
import { ofPort, Port } from "./ports.ts";

type Kind = Exclude<Action["kind"], "unknown">;
type Of<K extends Kind> = Extract<Action, { readonly kind: K }>;
type Made<K extends Kind> = Arbitrary<Of<K>> | undefined;

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const u64 = fc.bigInt(0n, 2n ** 64n - 1n);
const tableId = fc.nat(254);
const port = fc.integer({ min: 1, max: 0xfeff }).map(ofPort);
const flag = fc.option(fc.constant(true as const), { nil: undefined });
const address = fc.bigInt(1n, 2n ** 32n - 1n).map(ipv4.fromInteger);
const address6 = fc.bigInt(1n, 2n ** 128n - 1n).map(ipv6.fromInteger);
const hashFields = fc.constantFrom(...(Object.keys(hashFieldNumbers) as (keyof typeof hashFieldNumbers)[]));
const bytes = (minLength: number, maxLength: number): Arbitrary<Uint8Array> => fc.uint8Array({ minLength, maxLength });

/** An object with a kind, and the members that aren't undefined. */
function make<K extends Kind>(
  kind: K,
  members: { readonly [M in Exclude<keyof Of<K>, "kind">]?: Arbitrary<Of<K>[M]> } = {},
): Arbitrary<Of<K>> {
  return fc.record(members as Record<string, Arbitrary<unknown>>).map((made) => {
    const present = Object.entries(made).filter(([, value]) => value !== undefined);
    return { kind, ...Object.fromEntries(present) } as unknown as Of<K>;
  });
}

const trackedBit = 2 ** ctStateBits.trk;

/** What a flow of a match lets actions do. */
class Choice {
  readonly #match: Match;
  readonly #readable: readonly FieldRow[];

  constructor(match: Match) {
    this.#match = match;
    // The switch has to know how many bytes the options of a tunnel have.
    this.#readable = rowsFor(match).filter(({ type }) => !type.variable);
  }

  /** Whether the packets have one of some values of a field. */
  has(name: "ethType" | "ipProto", ...values: readonly number[]): boolean {
    return values.some((value) => this.#match[name] === value);
  }

  get isTagged(): boolean {
    return this.#match.vlanVid !== undefined && this.#match.vlanVid !== 0;
  }

  get isTracked(): boolean {
    const { ctState } = this.#match;
    return typeof ctState === "object" && (ctState.value & ctState.mask & trackedBit) !== 0;
  }

  get isEthernet(): boolean {
    return this.#match.packetType === undefined;
  }

  get writable(): readonly FieldRow[] {
    // What the tracker remembers is changed inside of ct only.
    return this.#readable.filter(({ writable, name }) => writable && name !== "ctMark" && name !== "ctLabel");
  }

  /** Bits of a field, of those whose number has four bytes where an action has no room for others. */
  bits(options: { readonly of: "readable" | "writable"; readonly most?: number; readonly short?: boolean }) {
    const { of, most = 64, short = false } = options;
    const rows = (of === "readable" ? this.#readable : this.writable).filter(
      ({ subfield }) => !short || subfield.experimenter === undefined,
    );
    return fc.constantFrom(...rows).chain((row) => {
      const all = subfieldBits({ field: row.name });
      return fc
        .integer({ min: 1, max: Math.min(all, most) })
        .chain((bits) =>
          fc.integer({ min: 0, max: all - bits }).map((start): Subfield => ({ field: row.name, start, bits })),
        );
    });
  }

  /** Just so many bits of a field. */
  exactly(of: "readable" | "writable", bits: number, short = false): Arbitrary<Subfield> {
    const rows = (of === "readable" ? this.#readable : this.writable).filter(
      ({ name, subfield }) => subfieldBits({ field: name }) >= bits && !(short && subfield.experimenter !== undefined),
    );
    return fc
      .constantFrom(...rows)
      .chain(({ name: field }) =>
        fc.integer({ min: 0, max: subfieldBits({ field }) - bits }).map((start) => ({ field, start, bits })),
      );
  }
}

/** The actions of each kind; undefined where the match doesn't allow it, or where it makes no sense by itself. */
function byKind(choice: Choice, depth: number): { readonly [K in Kind]: Made<K> } {
  return {
    ...outputs(choice),
    ...assignments(choice),
    ...headers(choice),
    ...others(choice),
    ...nested(choice, depth),
  };
}

function outputs(choice: Choice) {
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

function assignments(choice: Choice) {
  const writable = fc.constantFrom(...choice.writable);
  const whole = writable.chain((row) =>
    (row.name === "inPort" ? fc.integer({ min: 1, max: 99 }) : fieldValue(row)).map((value) => ({
      kind: "setField",
      field: row.name,
      value,
    })),
  );
  const maskable = fc.constantFrom(...choice.writable.filter((row) => row.maskable));
  const masked = maskable.chain((row) =>
    fc.tuple(fieldValue(row), fieldMask(row, 0)).map(([value, mask]) => ({
      ...{ kind: "setFieldMasked", field: row.name },
      ...{ value: row.type.fromInteger(row.type.toInteger(value) & mask), mask: row.type.fromInteger(mask) },
    })),
  );
  const move = choice
    .bits({ of: "readable", most: 128 })
    .chain((from) => choice.exactly("writable", from.bits).map((to) => ({ from, to })));
  return {
    setField: whole as Arbitrary<Of<"setField">>,
    setFieldMasked: masked as Arbitrary<Of<"setFieldMasked">>,
    load: choice
      .bits({ of: "writable", short: true })
      .chain((to) =>
        fc.bigInt(0n, (1n << BigInt(to.bits)) - 1n).map((value) => ({ kind: "load" as const, to, value })),
      ),
    move: move.map((both) => ({ kind: "move" as const, ...both })),
    copyField: move.map((both) => ({ kind: "copyField" as const, ...both })),
    stackPush: make("stackPush", { subfield: choice.bits({ of: "readable", most: 128 }) }),
    stackPop: make("stackPop", { subfield: choice.bits({ of: "writable", most: 128 }) }),
    checkPktLarger: make("checkPktLarger", { pktLen: u16, to: choice.exactly("writable", 1) }),
    setTunnel: make("setTunnel", { tunnelId: u32 }),
    setTunnel64: make("setTunnel64", { tunnelId: u64 }),
    // A text has no size: it is that of the switch's TLV table.
    deleteField: make("deleteField", { field: fc.nat(63).map((number) => `tunMetadata${number}` as "tunMetadata0") }),
    writeMetadata: undefined,
  } satisfies { readonly [K in Kind]?: Made<K> };
}

function headers(choice: Choice) {
  const isIpv4 = choice.has("ethType", 0x0800);
  const isIp = isIpv4 || choice.has("ethType", 0x86dd);
  const isMpls = choice.has("ethType", 0x8847, 0x8848);
  const hasPorts = isIp && choice.has("ipProto", 6, 17, 132);
  const when = <T>(condition: boolean, made: T): T | undefined => (condition ? made : undefined);
  const macAddress: Arbitrary<Mac> = fc.bigInt(0n, 2n ** 48n - 1n).map(mac.fromInteger);
  return {
    setDlSrc: when(choice.isEthernet, make("setDlSrc", { address: macAddress })),
    setDlDst: when(choice.isEthernet, make("setDlDst", { address: macAddress })),
    setVlanVid: when(choice.isTagged, make("setVlanVid", { vlanVid: fc.nat(0xfff) })),
    setVlanPcp: when(choice.isTagged, make("setVlanPcp", { vlanPcp: fc.nat(7) })),
    setNwSrc: when(isIpv4, make("setNwSrc", { address })),
    setNwDst: when(isIpv4, make("setNwDst", { address })),
    setNwTos: when(isIp, make("setNwTos", { nwTos: fc.nat(63).map((dscp) => dscp * 4) })),
    setNwEcn: when(isIp, make("setNwEcn", { nwEcn: fc.nat(3) })),
    setNwTtl: when(isIp, make("setNwTtl", { nwTtl: u8 })),
    decNwTtl: when(isIp, make("decNwTtl")),
    decNwTtlControllers: when(
      isIp,
      make("decNwTtlControllers", { controllerIds: fc.array(u16, { minLength: 1, maxLength: 5 }) }),
    ),
    setTpSrc: when(hasPorts, make("setTpSrc", { port: u16 })),
    setTpDst: when(hasPorts, make("setTpDst", { port: u16 })),
    finTimeout: when(
      isIp && choice.has("ipProto", 6),
      make("finTimeout", { idleTimeoutSec: u16, hardTimeoutSec: u16 }),
    ),
    setMplsLabel: when(isMpls, make("setMplsLabel", { mplsLabel: fc.nat(0xf_ffff) })),
    setMplsTc: when(isMpls, make("setMplsTc", { mplsTc: fc.nat(7) })),
    setMplsTtl: when(isMpls, make("setMplsTtl", { mplsTtl: u8 })),
    decMplsTtl: when(isMpls, make("decMplsTtl")),
    decNshTtl: when(choice.has("ethType", 0x894f), make("decNshTtl")),
    // What a packet is afterwards, differs: they come in lists of their own.
    ...{ pushVlan: undefined, popVlan: undefined, pushMpls: undefined, popMpls: undefined },
    ...{ encap: undefined, decap: undefined },
    ...{ copyTtlIn: undefined, copyTtlOut: undefined, pushPbb: undefined, popPbb: undefined },
  } satisfies { readonly [K in Kind]?: Made<K> };
}

function others(choice: Choice) {
  const sample = { probability: fc.integer({ min: 1, max: 0xffff }), collectorSetId: u32 };
  const point = { ...sample, obsDomainId: u32, obsPointId: u32 };
  const learn = {
    ...{ tableId, idleTimeoutSec: u16, hardTimeoutSec: u16, finIdleTimeoutSec: u16, finHardTimeoutSec: u16 },
    ...{ priority: u16, cookie: u64 },
    flags: fc
      .subarray(["sendFlowRemoved", "deleteLearned"])
      .map((names) => Object.fromEntries(names.map((name) => [name, true]))),
    specs: fc.array(learnSpec(choice), { maxLength: 3 }),
  };
  return {
    // Text and switches fill it up to a multiple of eight bytes.
    note: make("note", { note: bytes(6, 6) }),
    learn: make("learn", learn),
    learn2: make("learn2", {
      ...learn,
      limit: fc.integer({ min: 1, max: 0xffff_ffff }),
      result: fc.option(choice.exactly("writable", 1), { nil: undefined }),
    }),
    exit: make("exit"),
    sample: make("sample", point),
    sample2: make("sample2", { ...point, samplingPort: port }),
    sample3: make("sample3", { ...point, samplingPort: port, direction: fc.constantFrom("ingress", "egress") }),
    ctClear: make("ctClear"),
    // Not with others; the switch's own tests; since Open vSwitch 3.4.
    ...{ conjunction: undefined, debugSlow: undefined, debugRecirc: undefined, sample4: undefined },
  } satisfies { readonly [K in Kind]?: Made<K> };
}

/** Fields that a learned flow may have in its match whatever else it has. */
function learnSpec(choice: Choice): Arbitrary<LearnSpec> {
  const free = new Choice({});
  const into = free.bits({ of: "writable", short: true });
  const source = (to: Subfield): Arbitrary<Subfield | bigint> =>
    fc.oneof(choice.exactly("readable", to.bits, true), fc.bigInt(0n, (1n << BigInt(to.bits)) - 1n));
  const pair = (kind: "match" | "load") =>
    into.chain((to) => source(to).map((from): LearnSpec => ({ kind, from, to })));
  return fc.oneof(
    pair("match"),
    pair("load"),
    choice.bits({ of: "readable", short: true }).map((from): LearnSpec => ({ kind: "output", from })),
  );
}

function nested(choice: Choice, depth: number) {
  const isIpv4 = choice.has("ethType", 0x0800);
  const isIp = isIpv4 || choice.has("ethType", 0x86dd);
  const clone = make("clone", {
    actions: fc.array(fc.constant(null), { maxLength: 3 }).chain(({ length }) => listOf(choice, length, depth - 1)),
  });
  return {
    clone: depth === 0 ? undefined : clone,
    ct: isIp ? connectionTracking(choice, isIpv4 ? address : address6, isIpv4) : undefined,
    nat: undefined,
  } satisfies { readonly [K in Kind]?: Made<K> };
}

function connectionTracking(
  choice: Choice,
  anyAddress: Arbitrary<Ipv4> | typeof address6,
  isIpv4: boolean,
): Arbitrary<Of<"ct">> {
  const [least, most] = isIpv4 ? (["ipv4Min", "ipv4Max"] as const) : (["ipv6Min", "ipv6Max"] as const);
  const toInteger = (text: string): bigint => (isIpv4 ? ipv4.toInteger(text as never) : ipv6.toInteger(text as never));
  const range = fc
    .tuple(anyAddress, anyAddress, fc.integer({ min: 1, max: 0xffff }), fc.integer({ min: 1, max: 0xffff }))
    .map(([one, other, low, high]) => ({
      ...(toInteger(one) < toInteger(other) ? { [least]: one, [most]: other } : { [least]: one }),
      ...(low < high ? { protoMin: low, protoMax: high } : low > 0x8000 ? { protoMin: low } : {}),
    }));
  const direction = fc.constantFrom({ src: true }, { dst: true });
  const spread = fc.constantFrom({}, { persistent: true }, { protoHash: true }, { protoRandom: true });
  const nat = fc.oneof(
    fc.constant<Of<"nat">>({ kind: "nat" }),
    direction.map((flags): Of<"nat"> => ({ kind: "nat", flags })),
    fc.tuple(direction, spread, range).map(([one, how, range]): Of<"nat"> => ({
      ...{ kind: "nat", flags: { ...one, ...how } },
      range,
    })),
  );
  const marks = new Choice({});
  const mark = fc.oneof(
    u32.map((value): Action => ({ kind: "setField", field: "ctMark", value })),
    fc.bigInt(0n, 2n ** 128n - 1n).map((value): Action => ({ kind: "setField", field: "ctLabel", value })),
    marks
      .exactly("readable", 32)
      .map((from): Action => ({ kind: "move", from, to: { field: "ctMark", start: 0, bits: 32 } })),
  );
  const lists = fc.tuple(fc.option(nat, { nil: undefined }), fc.array(mark, { maxLength: 2 }));
  return make("ct", {
    flags: fc.constantFrom({ commit: true }, { commit: true, force: true }),
    zone: fc.oneof(u16, choice.exactly("readable", 16, true)),
    tableId: fc.oneof(tableId, fc.constant(undefined)),
    alg: choice.has("ipProto", 6) ? fc.constantFrom(undefined, 21) : fc.constant(undefined),
    actions: lists.map(([first, rest]) => (first === undefined ? rest : [first, ...rest])),
  });
}

/** Lists of actions after which a packet is what it was before, but for its fields. */
function sequences(choice: Choice): readonly (readonly Action[])[] {
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

function listOf(choice: Choice, length: number, depth: number): Arbitrary<Action[]> {
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
  return fc.nat(maxLength).chain((length) => listOf(new Choice(match), length, 2));
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
