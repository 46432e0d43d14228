/** What the functions refuse, and how little they send: they are pure, so tables are made by hand. */
import type { Uuid } from "@loomstack/core";
import { describe, expect, test } from "vitest";
import type { Operation } from "../notation/operation.ts";
import { ensureBond, ensureBondInterface, removeBondInterface } from "./bond.ts";
import { type BridgeSettings, ensureBridge, removeBridge } from "./bridge.ts";
import { rowName } from "./columns.ts";
import { ensureControllers } from "./controller.ts";
import { ensureInterface } from "./interface.ts";
import { ensureManagers, removeManager } from "./manager.ts";
import { ensureMirror, removeMirror } from "./mirror.ts";
import { removePatchPair } from "./patch-pair.ts";
import { ensurePort, removePort } from "./port.ts";
import { ensureQos, removeQos } from "./qos.ts";
import { removeTunnel, type TunnelOptions, tunnelPort } from "./tunnel.ts";

const id = (number: number): Uuid => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}` as Uuid;
const none: ReadonlySet<Uuid> = new Set();
const texts = (...entries: readonly (readonly [string, string])[]): ReadonlyMap<string, string> => new Map(entries);

/** Two bridges: br0 with the ports p1 and bond0 (e1, e2), br1 with the patch port p2. p1 and p2 share a QoS. */
const tables = {
  Open_vSwitch: new Map([[id(1), { manager_options: new Set([id(90)]) }]]),
  Bridge: new Map([
    [
      id(10),
      {
        name: "br0",
        ports: new Set([id(20), id(21), id(22)]),
        controller: none,
        mirrors: none,
        external_ids: texts(["a", "1"], ["b", "2"]),
      },
    ],
    [id(11), { name: "br1", ports: new Set([id(23), id(24)]), controller: none, mirrors: none, external_ids: texts() }],
  ]),
  Port: new Map([
    [id(20), { name: "br0", interfaces: new Set([id(30)]), tag: undefined, qos: undefined }],
    [id(21), { name: "p1", interfaces: new Set([id(31)]), tag: 7, qos: id(40) }],
    [id(22), { name: "bond0", interfaces: new Set([id(32), id(33)]), tag: undefined, qos: undefined }],
    [id(23), { name: "br1", interfaces: new Set([id(34)]), tag: undefined, qos: undefined }],
    [id(24), { name: "p2", interfaces: new Set([id(35)]), tag: undefined, qos: id(40) }],
  ]),
  Interface: new Map([
    [id(30), { name: "br0", type: "internal", options: texts() }],
    [id(31), { name: "p1", type: "", options: texts() }],
    [id(32), { name: "e1", type: "", options: texts() }],
    [id(33), { name: "e2", type: "", options: texts() }],
    [id(34), { name: "br1", type: "internal", options: texts() }],
    [id(35), { name: "p2", type: "patch", options: texts(["peer", "elsewhere"]) }],
  ]),
  Controller: new Map<Uuid, { readonly target: string }>(),
  Manager: new Map([[id(90), { target: "ptcp:6640" }]]),
  Mirror: new Map<Uuid, { readonly name: string }>(),
  QoS: new Map([[id(40), { type: "linux-htb", queues: new Map([[0, id(50)]]) }]]),
  Queue: new Map([[id(50), { dscp: 1 }]]),
};

const refused: readonly (readonly [string, () => unknown, object])[] = [
  [
    "a bridge with the name of a port",
    () => ensureBridge(tables, { name: "p1" }),
    { code: "OVSDB__NAME_TAKEN", context: { wanted: "bridge p1", holder: "port p1 of bridge br0" } },
  ],
  [
    "a port that is on another bridge",
    () => ensurePort(tables, "br1", { name: "p1" }),
    { code: "OVSDB__NAME_TAKEN", context: { holder: "port p1 of bridge br0" } },
  ],
  [
    "a port with the name of an interface of a bond",
    () => ensurePort(tables, "br1", { name: "e1" }),
    { code: "OVSDB__NAME_TAKEN", context: { holder: "interface e1 of port bond0" } },
  ],
  [
    "a new bridge with a port that another bridge has",
    () => ensureBridge(tables, { name: "br2", ports: [{ name: "p2" }] }),
    { code: "OVSDB__NAME_TAKEN", context: { holder: "port p2 of bridge br1" } },
  ],
  [
    "a port on a bridge that isn't there",
    () => ensurePort(tables, "br2", { name: "p3" }),
    { code: "OVSDB__NO_SUCH_RECORD", context: { missing: "bridge br2" } },
  ],
  [
    "an interface of another type",
    () => ensurePort(tables, "br0", { name: "p1", interfaces: [{ name: "p1", type: "internal" }] }),
    { code: "OVSDB__RECORD_DIFFERS", context: { difference: "it is of type system, not internal" } },
  ],
  [
    "a port with other interfaces",
    () => ensureBond(tables, "br0", { name: "bond0", interfaces: [{ name: "e1" }, { name: "e3" }] }),
    { code: "OVSDB__RECORD_DIFFERS", context: { difference: "it has interface(s) e1, e2, not e1, e3" } },
  ],
  [
    "a bond of one interface",
    () => ensureBond(tables, "br0", { name: "bond1", interfaces: [{ name: "e3" }] }),
    { code: "OVSDB__INVALID_VALUE" },
  ],
  [
    "an interface for a bond that another port has",
    () => ensureBondInterface(tables, "bond0", { name: "p1" }),
    { code: "OVSDB__NAME_TAKEN" },
  ],
  [
    "taking an interface from another bond than its own",
    () => removeBondInterface(tables, "p1", "e1"),
    { code: "OVSDB__RECORD_DIFFERS" },
  ],
  [
    "taking the last interface of a port",
    () => removeBondInterface(tables, "p1", "p1"),
    { code: "OVSDB__RECORD_DIFFERS" },
  ],
  [
    "settings for an interface that isn't there",
    () => ensureInterface(tables, { name: "p3", mtu_request: 1400 }),
    { code: "OVSDB__NO_SUCH_RECORD" },
  ],
  [
    "removing a port from a bridge that it isn't on",
    () => removePort(tables, "p1", "br1"),
    { code: "OVSDB__RECORD_DIFFERS", context: { difference: "it is on bridge br0, not on br1" } },
  ],
  ["removing the local port of a bridge", () => removePort(tables, "br0"), { code: "OVSDB__RECORD_DIFFERS" }],
  ["removing a tunnel that is none", () => removeTunnel(tables, "p2"), { code: "OVSDB__RECORD_DIFFERS" }],
  [
    "removing a patch pair whose port leads elsewhere",
    () => removePatchPair(tables, "p2", "p3"),
    { code: "OVSDB__RECORD_DIFFERS" },
  ],
  [
    "a mirror to a port of another bridge",
    () => ensureMirror(tables, "br0", { name: "m", output_port: "p2" }),
    { code: "OVSDB__NO_SUCH_RECORD", context: { missing: "port p2 of bridge br0" } },
  ],
  [
    "changing a QoS that another port has too",
    () => ensureQos(tables, "p1", { type: "linux-hfsc" }),
    { code: "OVSDB__RECORD_DIFFERS", context: { difference: "it is the QoS of p2 too" } },
  ],
  [
    "a column that isn't replicated",
    () => ensureBridge(tables, { name: "br0", stp_enable: true }),
    { code: "OVSDB__NOT_OBSERVED", context: { label: "Bridge.stp_enable" } },
  ],
  [
    "a controller that is wanted twice",
    () => ensureControllers(tables, "br0", [{ target: "tcp:127.0.0.1:1" }, { target: "tcp:127.0.0.1:1" }]),
    { code: "OVSDB__INVALID_VALUE" },
  ],
  [
    "controllers of a bridge whose controllers aren't replicated",
    () => {
      const { Controller: _, ...others } = tables;
      return ensureBridge(others, { name: "br0", controllers: [{ target: "tcp:127.0.0.1:1" }] });
    },
    { code: "OVSDB__NOT_OBSERVED", context: { label: "Controller.target" } },
  ],
  [
    "a database without its root row",
    () => ensureBridge({ ...tables, Open_vSwitch: new Map() }, { name: "br2" }),
    { code: "OVSDB__NOT_INITIALIZED" },
  ],
  [
    "a key that doesn't fit into a VXLAN header",
    () => tunnelPort({ name: "v" }, { type: "vxlan", remote_ip: "flow", key: 2 ** 24 }),
    { code: "OVSDB__INVALID_VALUE", context: { label: "Interface.options:key" } },
  ],
  [
    "local_ip by flow alone",
    () => tunnelPort({ name: "v" }, { type: "gre", remote_ip: "192.0.2.1", local_ip: "flow" }),
    { code: "OVSDB__INVALID_VALUE" },
  ],
  ["an empty name", () => ensureBridge(tables, { name: "" }), { code: "OVSDB__INVALID_VALUE" }],
];

test.each(refused)("%s is refused", (_what, plan, error) => {
  expect(plan).toThrow(
    expect.objectContaining({
      ...error,
      context: expect.objectContaining("context" in error ? (error.context as object) : {}) as object,
    }) as Error,
  );
});

describe("nothing is sent", () => {
  const nothing: readonly (readonly [string, () => readonly Operation[]])[] = [
    ["for a bridge that is as wanted", () => ensureBridge(tables, { name: "br0", ports: [{ name: "p1", tag: 7 }] })],
    [
      "for external_ids that others have more of",
      () => ensureBridge(tables, { name: "br0", external_ids: texts(["a", "1"]) }),
    ],
    [
      "for a key to be removed that isn't there",
      () => ensureBridge(tables, { name: "br0", external_ids: new Map([["c", undefined]]) }),
    ],
    ["for a system interface without a type", () => ensureInterface(tables, { name: "p1", type: "system" })],
    ["for the local port, whatever its type is", () => ensureBridge(tables, { name: "br1" })],
    [
      "for a shared QoS that is as wanted",
      () => ensureQos(tables, "p1", { type: "linux-htb", queues: new Map([[0, { dscp: 1 }]]) }),
    ],
    ["for no controllers", () => ensureControllers(tables, "br0", [])],
    ["for the managers that are there", () => ensureManagers(tables, [{ target: "ptcp:6640" }])],
    [
      "to remove what isn't there",
      () => [
        ...removeBridge(tables, "br2"),
        ...removePort(tables, "p3"),
        ...removeTunnel(tables, "p3"),
        ...removePatchPair(tables, "p3", "p4"),
        ...removeMirror(tables, "br0", "m"),
        ...removeManager(tables, "ptcp:6641"),
        ...removeQos(tables, "br0"),
        ...removeBondInterface(tables, "bond0", "e3"),
      ],
    ],
  ];
  test.each(nothing)("%s", (_what, plan) => expect(plan()).toEqual([]));
});

test("of external_ids the keys that differ are sent, and nothing else", () => {
  const wanted = new Map([
    ["a", "1"],
    ["b", undefined],
    ["c", "3"],
  ]);
  expect(sent(ensureBridge(tables, { name: "br0", external_ids: wanted }))).toEqual([
    {
      op: "mutate",
      table: "Bridge",
      where: [["_uuid", "==", ["uuid", id(10)]]],
      mutations: [
        ["external_ids", "delete", ["set", ["b"]]],
        ["external_ids", "insert", ["map", [["c", "3"]]]],
      ],
    },
  ]);
});

test("what is ours may be turned into what is wanted: other interfaces, and another type", () => {
  const bond = { name: "bond0", interfaces: [{ name: "e1", type: "internal" }, { name: "e3" }] };
  const [first, ...rest] = sent(ensurePort(tables, "br0", bond, { replaces: true }));
  expect(first).toMatchObject({ op: "update", table: "Interface", row: { type: "internal" } });
  expect(rest).toMatchObject([
    { op: "insert", table: "Interface", row: { name: "e3" } },
    {
      op: "update",
      table: "Port",
      row: {
        interfaces: [
          "set",
          [
            ["uuid", id(32)],
            ["named-uuid", "Interface__e3"],
          ],
        ],
      },
    },
  ]);
});

test("a shared QoS is taken from one port, and stays for the other", () => {
  expect(sent(removeQos(tables, "p1"))).toMatchObject([{ op: "update", table: "Port", row: { qos: ["set", []] } }]);
  const alone = { ...tables, Port: new Map([...tables.Port].filter(([, { name }]) => name !== "p2")) };
  expect(sent(removeQos(alone, "p1"))).toMatchObject([
    { op: "update", table: "Port" },
    { op: "delete", table: "QoS", where: [["_uuid", "==", ["uuid", id(40)]]] },
    { op: "delete", table: "Queue", where: [["_uuid", "==", ["uuid", id(50)]]] },
  ]);
});

test("names that differ in signs only make different rows of one transaction", () => {
  const names = ["p-1", "p_1", "p.1", "p_2d_1", "p1"].map((name) => rowName("Port", name));
  expect(new Set(names).size).toBe(names.length);
  expect(rowName("Controller", "a", "b_")).not.toBe(rowName("Controller", "a_", "b"));
});

test("what the schema doesn't have does not compile", () => {
  // @ts-expect-error there is no such fail mode
  const failMode: BridgeSettings = { name: "br0", fail_mode: "open" };
  // @ts-expect-error GRE has no port numbers
  const tunnel: TunnelOptions = { type: "gre", remote_ip: "flow", dst_port: 4789 };
  // @ts-expect-error a tunnel needs the address of the other end
  const endless: TunnelOptions = { type: "vxlan", key: "flow" };
  const nameless = { ...tables, Bridge: new Map([[id(10), {}]]) };
  // @ts-expect-error the names of bridges have to be replicated
  const blind = (): unknown => removeBridge(nameless, "br0");
  expect([failMode, tunnel, endless, blind]).toHaveLength(4);
});

/** The operations but for guards. */
function sent(operations: readonly Operation[]): readonly unknown[] {
  return operations.map(({ json }) => json).filter(({ op }) => op !== "wait");
}
