/** What switches of either other version than 1.3 do alike, as Open vSwitch plays them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ipv4 } from "@loomstack/core";
import type { Flow } from "../of13/flow.ts";
import { flowMod } from "../of13/messages/flow-mod.ts";
import { packetOut } from "../of13/messages/packet-out.ts";
import { ofPort, Port } from "../of13/ports.ts";
import {
  aggregateStats,
  echo,
  portDescriptions,
  portStats,
  queueStats,
  switchDescription,
  tableStats,
} from "../of13/requests.ts";
import type { SwitchConnection } from "./switch-connection.ts";
import { apply, flow, identities, isSkipped, output, reason, type Scene, sceneOf } from "./version-under-test.ts";

const frame = Uint8Array.from([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00, ...new Uint8Array(46)]);
const ip = (text: string): Ipv4 => text as Ipv4;

/** What every version can say. */
const plainFlows: readonly Flow[] = [
  flow(0, 1, {}),
  flow(
    0,
    2,
    { inPort: ofPort(1), vlanVid: 0 },
    apply({ kind: "pushVlan", etherType: 0x8100 }, { kind: "setField", field: "vlanVid", value: 0x1064 }, output(2)),
  ),
  flow(0, 3, { inPort: ofPort(2), vlanVid: 0x1064, vlanPcp: 3 }, apply({ kind: "popVlan" }, output(1))),
  flow(
    1,
    4,
    {
      ethType: 0x0800,
      ipv4Src: { value: ip("10.1.0.0"), mask: ip("255.255.0.0") },
      ipDscp: 10,
      ipProto: 6,
      tcpDst: 80,
    },
    apply(
      { kind: "setField", field: "ipv4Dst", value: ip("10.9.9.9") },
      { kind: "setField", field: "tcpDst", value: 8080 },
      output(3),
    ),
  ),
  flow(
    2,
    5,
    { ethType: 0x0806, arpOp: 1, arpTpa: ip("10.0.0.1") },
    apply({ kind: "output", port: Port.controller, maxLen: 128 }),
  ),
  flow(
    2,
    6,
    { ethType: 0x0800, ipProto: 1, icmpv4Type: 8, icmpv4Code: 0 },
    apply({ kind: "output", port: Port.normal }),
  ),
];

describe.skipIf(isSkipped).each(["1.0", "1.5"] as const)(`OpenFlow %s${reason}`, (version) => {
  let scene: Scene;
  let connection: SwitchConnection;

  beforeAll(async () => {
    scene = await sceneOf(version);
    connection = scene.connection;
  }, 30_000);
  afterAll(async () => scene[Symbol.asyncDispose]());

  const clear = (): Promise<void> => connection.apply([{ kind: "flowMod", command: "delete", tableId: 0xff }]);

  test("the handshake tells what the switch is, and its ports", async () => {
    expect(connection.version).toBe(version);
    expect(connection.features).toMatchObject({ tableCount: 254, capabilities: { flowStats: true, portStats: true } });
    expect([...connection.ports.values()].map(({ portNo, name }) => `${name}=${portNo}`).sort()).toEqual(
      [`br0=${Port.local}`, "p1=1", "p2=2", "p3=3", "p4=4"].sort(),
    );
    expect(await connection.request(portDescriptions())).toHaveLength(5);
    expect(await connection.request(switchDescription())).toMatchObject({ hardware: "Open vSwitch" });
    expect(await connection.request(echo(Uint8Array.of(7)))).toEqual(Uint8Array.of(7));
    await connection.barrier();
  });

  test("flows are dumped as they were sent, and removed one by one", async () => {
    await clear();
    await connection.apply(plainFlows.map((entry) => flowMod("add", entry)));
    const dumped = await connection.dumpFlows();
    expect(identities(dumped)).toEqual(identities(plainFlows));
    expect((await connection.request(aggregateStats())).flowCount).toBe(plainFlows.length);
    expect(await connection.dumpFlows({ cookie: 0x4c03n })).toHaveLength(1);
    expect(await connection.dumpFlows({ tableId: 2 })).toHaveLength(2);
    await connection.apply(plainFlows.slice(1).map((entry) => flowMod("delete-strict", entry)));
    expect(identities(await connection.dumpFlows())).toEqual(identities(plainFlows.slice(0, 1)));
  });

  test("packets go out, come in, and are counted", async () => {
    await clear();
    const toUs = flow(0, 9, { inPort: ofPort(3) }, apply({ kind: "output", port: Port.controller, maxLen: 0xffff }));
    await connection.apply([flowMod("add", toUs)]);
    const { promise, resolve } = Promise.withResolvers<unknown>();
    using _listening = connection.packetIns.add(resolve);
    connection.send(packetOut({ inPort: ofPort(3), actions: [{ kind: "output", port: Port.table }], data: frame }));
    expect(await promise).toMatchObject({ match: { inPort: 3 }, data: frame, totalLength: 60 });
    connection.send(packetOut({ actions: [output(4)], data: frame }));
    await connection.barrier();
    const [port] = await connection.request(portStats(ofPort(4)));
    expect(port).toMatchObject({ portNo: 4, txPackets: 1n, txBytes: 60n });
    expect(await connection.request(portStats())).toHaveLength(5);
    expect((await connection.request(tableStats()))[0]).toMatchObject({ tableId: 0, activeCount: 1 });
    expect(await connection.request(queueStats({ portNo: ofPort(1) }))).toMatchObject([{ queueId: 0, portNo: 1 }]);
  });

  test("ports that come, change and go are told, and removed flows, too", async () => {
    const seen: string[] = [];
    const { promise, resolve } = Promise.withResolvers<unknown>();
    using _ports = connection.portStatus.add(({ reason, port }) => {
      seen.push(`${String(reason)} ${port.name}`);
      if (reason === "delete") resolve(undefined);
    });
    await scene.ovs.vsctl("add-port", "br0", "p9", "--", "set", "Interface", "p9", "type=dummy");
    await scene.ovs.vsctl("del-port", "br0", "p9");
    await promise;
    expect(seen).toContain("add p9");
    expect(seen.at(-1)).toBe("delete p9");
    const removed = Promise.withResolvers<unknown>();
    using _flows = connection.flowsRemoved.add(removed.resolve);
    const entry = flow(0, 7, { inPort: ofPort(1) });
    await connection.apply([
      { ...flowMod("add", entry), flags: { sendFlowRemoved: true } },
      flowMod("delete-strict", entry),
    ]);
    expect(await removed.promise).toMatchObject({
      priority: 7,
      cookie: 0x4c07n,
      reason: "delete",
      match: { inPort: 1 },
    });
  });

  test("the first message that is refused is named, with the error of its version", async () => {
    const bad = { ...flowMod("add", flow(0, 1, {})), command: 9 };
    await expect(connection.apply([flowMod("add", flow(0, 2, {})), bad])).rejects.toMatchObject({
      code: "OPENFLOW__MESSAGE_REFUSED",
      context: { index: 1, error: version === "1.0" ? "OFPFMFC_BAD_COMMAND (3,4)" : "OFPFMFC_BAD_COMMAND (5,6)" },
    });
  });

  test("a port is configured, and a role taken", async () => {
    const hwAddr = connection.ports.get(ofPort(2))?.hwAddr;
    if (hwAddr === undefined) throw new TypeError("there is no port 2");
    const change = { kind: "portMod", portNo: ofPort(2), hwAddr, advertise: {} } as const;
    await connection.apply([{ ...change, config: { noForward: true }, mask: { noForward: true } }]);
    const [changed] = (await connection.request(portDescriptions())).filter(({ portNo }) => portNo === 2);
    expect(changed?.config).toEqual({ noForward: true });
    await connection.apply([{ ...change, config: {}, mask: { noForward: true } }]);
    await connection.setRole("primary", 1n);
    await connection.setRole("equal", 2n);
  });
});
