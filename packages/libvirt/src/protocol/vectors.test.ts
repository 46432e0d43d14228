/** Messages between virsh 9.0.0 and libvirtd 9.0.0 (QEMU 7.2), recorded on the socket of Debian 12's packages. */
import type { Uuid } from "@loomstack/core";
import { decode, encode } from "@loomstack/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  authList,
  connectDomainEventCallbackRegisterAny,
  connectGetHostname,
  connectGetVersion,
  connectOpen,
  connectSupportsFeature,
} from "./connect-calls.ts";
import {
  connectGetAllDomainStats,
  connectListAllDomains,
  domainCreateXml,
  domainDestroy,
  domainGetState,
  domainGetXmlDesc,
} from "./domain-calls.ts";
import { frame, MessageFramer } from "./framing.ts";
import { LifecycleMessage } from "./lifecycle.ts";
import { callMessage, encodeArguments, type Incoming, keepaliveMessage, readAs, readMessage } from "./message.ts";
import type { Procedure } from "./procedure.ts";
import { RemoteError } from "./remote-error.ts";

const domain = { name: "v1", uuid: "9b2c6a5e-0f1d-4c3b-8a79-6e5d4c3b2a19" as Uuid, id: 1 };
const v1 = "00000002 76310000 9b2c6a5e0f1d4c3b8a796e5d4c3b2a19 00000001";
const program = "20008086 00000001";

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));
}

/** A vector of a call: what is sent. */
function call<Input>(procedure: Procedure<Input, unknown>, serial: number, args: Input, hex: string): () => void {
  return () => {
    expect(Buffer.from(callMessage(procedure.number, serial, encodeArguments(procedure, args))).toString("hex")).toBe(
      hex.replaceAll(/\s/g, ""),
    );
  };
}

const calls: readonly (readonly [string, () => void])[] = [
  ["authList", call(authList, 0, undefined, `0000001c ${program} 00000042 00000000 00000000 00000000`)],
  [
    "supportsFeature",
    call(
      connectSupportsFeature,
      1,
      { feature: 10 },
      `00000020 ${program} 0000003c 00000000 00000001 00000000 0000000a`,
    ),
  ],
  [
    "open",
    call(
      connectOpen,
      2,
      { name: "qemu:///system", flags: 0 },
      `00000038 ${program} 00000001 00000000 00000002 00000000
       00000001 0000000e 71656d753a2f2f2f73797374656d0000 00000000`,
    ),
  ],
  [
    "registerAny",
    call(
      connectDomainEventCallbackRegisterAny,
      6,
      { eventId: 0, domain: undefined },
      `00000024 ${program} 0000013c 00000000 00000006 00000000 00000000 00000000`,
    ),
  ],
  ["destroy", call(domainDestroy, 7, { domain }, `00000038 ${program} 0000000c 00000000 00000007 00000000 ${v1}`)],
  [
    "getState",
    call(
      domainGetState,
      7,
      { domain, flags: 0 },
      `0000003c ${program} 000000d4 00000000 00000007 00000000 ${v1} 00000000`,
    ),
  ],
  [
    "getXMLDesc",
    call(
      domainGetXmlDesc,
      7,
      { domain, flags: 0 },
      `0000003c ${program} 0000000e 00000000 00000007 00000000 ${v1} 00000000`,
    ),
  ],
  [
    "listAll",
    call(
      connectListAllDomains,
      6,
      { needResults: 1, flags: 3 },
      `00000024 ${program} 00000111 00000000 00000006 00000000 00000001 00000003`,
    ),
  ],
  [
    "allDomainStats",
    call(
      connectGetAllDomainStats,
      6,
      { domains: [], stats: 1, flags: 0 },
      `00000028 ${program} 00000158 00000000 00000006 00000000 00000000 00000001 00000000`,
    ),
  ],
];

test.each(calls)("the call %s has the bytes that virsh sends", (_name, check) => check());

interface ReplyVector {
  readonly name: string;
  readonly procedure: Procedure<never, unknown>;
  readonly hex: string;
  readonly value: unknown;
}

const replies: readonly ReplyVector[] = [
  {
    name: "authList",
    procedure: authList,
    hex: `00000024 ${program} 00000042 00000001 00000000 00000000 00000001 00000000`,
    value: { types: ["none"] },
  },
  {
    name: "open",
    procedure: connectOpen,
    hex: `0000001c ${program} 00000001 00000001 00000002 00000000`,
    value: undefined,
  },
  {
    name: "getHostname",
    procedure: connectGetHostname,
    hex: `00000024 ${program} 0000003b 00000001 00000006 00000000 00000002 766d0000`,
    value: { hostname: "vm" },
  },
  {
    name: "getVersion",
    procedure: connectGetVersion,
    hex: `00000024 ${program} 00000004 00000001 00000007 00000000 00000000 006ad7a6`,
    value: { version: 7_002_022n },
  },
  {
    name: "createXML",
    procedure: domainCreateXml,
    hex: `00000038 ${program} 0000000a 00000001 00000006 00000000 ${v1}`,
    value: { domain },
  },
  {
    name: "getState",
    procedure: domainGetState,
    hex: `00000024 ${program} 000000d4 00000001 00000007 00000000 00000001 00000001`,
    value: { state: 1, reason: 1 },
  },
  {
    name: "listAll of none",
    procedure: connectListAllDomains,
    hex: `00000024 ${program} 00000111 00000001 00000006 00000000 00000000 00000000`,
    value: { domains: [], count: 0 },
  },
  {
    name: "allDomainStats",
    procedure: connectGetAllDomainStats,
    hex: `00000070 ${program} 00000158 00000001 00000006 00000000 00000001 ${v1} 00000002
      0000000b 73746174652e737461746500 00000001 00000001 0000000c 73746174652e726561736f6e 00000001 00000001`,
    value: {
      records: [
        {
          domain,
          parameters: [
            { field: "state.state", value: { kind: "int", value: 1 } },
            { field: "state.reason", value: { kind: "int", value: 1 } },
          ],
        },
      ],
    },
  },
];

function received(hex: string): Incoming {
  const messages = new MessageFramer("test").push(fromHex(hex));
  expect(messages).toHaveLength(1);
  return readMessage("test", messages[0] ?? new Uint8Array());
}

test.each(replies)("the reply to $name is read", ({ procedure, hex, value }) => {
  const reply = received(hex);
  expect(reply).toMatchObject({ kind: "reply", procedure: procedure.number });
  expect(reply.kind === "reply" && decode(procedure.result, reply.payload)).toEqual(value);
});

test.each(replies.filter(({ value }) => value !== undefined))(
  "every truncated reply to $name is refused",
  ({ procedure, hex }) => {
    const bytes = fromHex(hex).subarray(4);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => {
        const reply = readMessage("test", bytes.subarray(0, length));
        if (reply.kind === "reply") decode(procedure.result, reply.payload);
      }, `${length} bytes`).toThrow(/bytes short|MALFORMED/);
    }
  },
);

const noDomain = `000000c0 ${program} 00000017 00000001 00000006 00000001
  0000002a 0000000a 00000001 00000033
  446f6d61696e206e6f7420666f756e643a206e6f20646f6d61696e2077697468206d61746368696e67206e616d65202776312700
  00000002 00000000 00000001 00000014 446f6d61696e206e6f7420666f756e643a202573
  00000001 00000021 6e6f20646f6d61696e2077697468206d61746368696e67206e616d652027763127000000
  00000000 ffffffff ffffffff 00000000`;

test("a refusal is read with its number, its source and its message", () => {
  const refusal = received(noDomain);
  expect(refusal).toMatchObject({ kind: "refusal", serial: 6, procedure: 23 });
  expect(refusal.kind === "refusal" && refusal.error).toMatchObject({
    code: 42,
    source: 10,
    message: "Domain not found: no domain with matching name 'v1'",
  });
});

test("a truncated refusal is refused, and a whole one is written as it was read", () => {
  const payload = fromHex(noDomain).subarray(28);
  expect(encode(RemoteError, decode(RemoteError, payload))).toEqual(payload);
  for (let length = 0; length < payload.length; length++)
    expect(() => decode(RemoteError, payload.subarray(0, length))).toThrow("bytes short");
});

test.each([
  ["00000002 00000000", { event: 2, detail: 0 }],
  ["00000005 00000001", { event: 5, detail: 1 }],
])("a lifecycle event is read", (numbers, value) => {
  const message = received(`00000044 ${program} 0000013e 00000002 00000001 00000000 00000000 ${v1} ${numbers}`);
  expect(message).toMatchObject({ kind: "event", procedure: 318 });
  expect(message.kind === "event" && decode(LifecycleMessage, message.payload)).toEqual({
    callbackId: 0,
    domain,
    ...value,
  });
});

test("a probe of the daemon is read, and answered with the bytes that virsh sends", () => {
  expect(received("0000001c 6b656570 00000001 00000001 00000002 00000000 00000000")).toEqual({
    kind: "keepalive",
    procedure: 1,
  });
  expect(Buffer.from(keepaliveMessage("pong")).toString("hex")).toBe(
    "0000001c6b6565700000000100000002000000020000000000000000",
  );
});

test.each([
  ["a program that we don't speak", "0000001c 20008087 00000001 00000001 00000001 00000001 00000000"],
  ["a version that we don't speak", "0000001c 20008086 00000002 00000001 00000001 00000001 00000000"],
  ["a call to us", `0000001c ${program} 00000001 00000000 00000001 00000000`],
  ["a stream that nobody opened", `0000001c ${program} 00000001 00000003 00000001 00000002`],
  ["a type of message that doesn't exist", `0000001c ${program} 00000001 00000009 00000001 00000000`],
])("%s is refused", (_what, hex) => {
  expect(() => received(hex)).toThrow("sent something else than libvirt's remote protocol");
});

test("a message with any of its bytes changed is read or refused, and nothing else happens", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...replies),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
      ({ procedure, hex }, changes) => {
        const bytes = fromHex(hex).subarray(4);
        for (const [place, value] of changes) bytes[place % bytes.length] = value;
        try {
          const incoming = readMessage("test", bytes);
          if (incoming.kind === "reply") readAs("test", "result", procedure.result, incoming.payload);
        } catch (error) {
          expect(error).toMatchObject({ code: "LIBVIRT__MALFORMED" });
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test("a daemon that claims more statistics than were asked for is refused before they are read", () => {
  const claim = fromHex(`00000001 ${v1} 00001000`);
  expect(() => decode(connectGetAllDomainStats.result, claim)).toThrow("4096 items where at most 16 are allowed");
});

test("a frame counts its own length word", () => {
  expect(frame(new Uint8Array(24)).subarray(0, 4)).toEqual(Uint8Array.of(0, 0, 0, 28));
});
