/** Each function does what the command of ovs-vsctl(8) does: real daemons show the same after either. */
import { silentLogger, systemClock } from "@loomstack/core";
import { missingOpenVSwitch, type OvsdbDaemon, startOvsdbDaemon } from "@loomstack/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Replica } from "../cache/replica.ts";
import type { OvsdbClient } from "../client/client.ts";
import { connectOvsdb } from "../client/connect.ts";
import type { Operation } from "../notation/operation.ts";
import { type OpenVswitch, openVswitch } from "../schema/open-vswitch.generated.ts";
import { ensureBond, ensureBondInterface, removeBondInterface } from "./bond.ts";
import { ensureBridge, removeBridge } from "./bridge.ts";
import { configure } from "./configure.ts";
import { ensureController, ensureControllers, removeController } from "./controller.ts";
import { ensureInterface } from "./interface.ts";
import { ensureManager, ensureManagers } from "./manager.ts";
import { ensureMirror, removeMirror } from "./mirror.ts";
import { type ReplicaTablesOf, tablesOf } from "./observed.ts";
import { ensurePatchPair, removePatchPair } from "./patch-pair.ts";
import { ensurePort, removePort } from "./port.ts";
import { ensureQos, removeQos } from "./qos.ts";
import { configurationSelection } from "./selection.ts";
import { shownByOvsVsctl } from "./shown-by-ovs-vsctl.ts";
import { ensureTunnel, removeTunnel } from "./tunnel.ts";

type Selection = typeof configurationSelection;
type Tables = ReplicaTablesOf<Selection>;
interface Case {
  readonly name: string;
  /** What is there before. */
  readonly given?: string;
  /** What ovs-vsctl does. */
  readonly vsctl: string;
  /** What does the same. */
  readonly plan: (tables: Tables) => readonly Operation[];
}

const twoBridges = "add-br br0 -- add-br br1";
const mirrored = `add-br br0 -- add-port br0 p1 -- add-port br0 p2`;
const makeMirror =
  "-- --id=@1 get Port p1 -- --id=@2 get Port p2 -- --id=@m create Mirror name=m1 select_src_port=@1 select_dst_port=@1 output_port=@2 -- set Bridge br0 mirrors=@m";
const makeQos =
  "set Port p1 qos=@q -- --id=@q create QoS type=linux-htb other_config:max-rate=1000000 queues:0=@a queues:7=@b -- --id=@a create Queue other_config:min-rate=1000 -- --id=@b create Queue dscp=10";

const cases: readonly Case[] = [
  { name: "add-br", vsctl: "add-br br0", plan: (tables) => ensureBridge(tables, { name: "br0" }) },
  {
    name: "add-br with settings, and a port of another name",
    given: "add-br other",
    vsctl:
      "add-br br0 -- set Bridge br0 datapath_type=dummy fail_mode=secure protocols=OpenFlow13,OpenFlow15 other_config:hwaddr=02:00:00:00:00:07 external_ids:a=b -- add-port br0 p-1 tag=5",
    plan: (tables) =>
      ensureBridge(tables, {
        name: "br0",
        datapath_type: "dummy",
        fail_mode: "secure",
        protocols: new Set(["OpenFlow13", "OpenFlow15"]),
        other_config: new Map([["hwaddr", "02:00:00:00:00:07"]]),
        external_ids: new Map([["a", "b"]]),
        ports: [{ name: "p-1", tag: 5 }],
      }),
  },
  {
    name: "settings of a bridge that is there",
    given: "add-br br0 -- set Bridge br0 external_ids:a=1 external_ids:b=2 external_ids:c=3 fail_mode=secure",
    vsctl:
      "del-fail-mode br0 -- br-set-external-id br0 a 9 -- br-set-external-id br0 b -- set Bridge br0 stp_enable=true",
    plan: (tables) =>
      ensureBridge(tables, {
        name: "br0",
        fail_mode: undefined,
        stp_enable: true,
        external_ids: new Map([
          ["a", "9"],
          ["b", undefined],
        ]),
      }),
  },
  {
    name: "del-br of a bridge with ports and a controller",
    given: `${twoBridges} -- add-port br0 p1 -- set-controller br0 tcp:127.0.0.1:1`,
    vsctl: "del-br br0",
    plan: (tables) => removeBridge(tables, "br0"),
  },
  {
    name: "add-port with tag, trunks and a type",
    given: twoBridges,
    vsctl:
      "add-port br0 p1 tag=7 trunks=8,9 vlan_mode=native-tagged -- set Interface p1 type=internal external_ids:k=v",
    plan: (tables) =>
      ensurePort(tables, "br0", {
        name: "p1",
        tag: 7,
        trunks: new Set([8, 9]),
        vlan_mode: "native-tagged",
        interfaces: [{ name: "p1", type: "internal", external_ids: new Map([["k", "v"]]) }],
      }),
  },
  {
    name: "set and remove for a port and its interface",
    given: "add-br br0 -- add-port br0 p1 tag=7 -- set Interface p1 mtu_request=1400 external_ids:a=1",
    vsctl: "clear Port p1 tag -- set Interface p1 mtu_request=1450 -- remove Interface p1 external_ids a",
    plan: (tables) => [
      ...ensurePort(tables, "br0", { name: "p1", tag: undefined }),
      ...ensureInterface(tables, { name: "p1", mtu_request: 1450, external_ids: new Map([["a", undefined]]) }),
    ],
  },
  {
    name: "del-port",
    given: `${twoBridges} -- add-port br0 p1 -- add-port br0 p2`,
    vsctl: "del-port br0 p1",
    plan: (tables) => removePort(tables, "p1", "br0"),
  },
  {
    name: "add-bond",
    given: "add-br br0",
    vsctl: "add-bond br0 bond0 e1 e2 bond_mode=balance-slb lacp=active",
    plan: (tables) =>
      ensureBond(tables, "br0", {
        name: "bond0",
        interfaces: [{ name: "e1" }, { name: "e2" }],
        bond_mode: "balance-slb",
        lacp: "active",
      }),
  },
  {
    name: "a bond's interfaces added and removed (this ovs-vsctl may lack add-bond-iface)",
    given: "add-br br0 -- add-bond br0 bond0 e1 e2",
    vsctl: "del-port bond0 -- add-bond br0 bond0 e2 e3",
    plan: (tables) => [
      ...removeBondInterface(tables, "bond0", "e1"),
      ...ensureBondInterface(tables, "bond0", { name: "e3" }),
    ],
  },
  {
    name: "a pair of patch ports",
    given: twoBridges,
    vsctl:
      "add-port br0 p01 -- set Interface p01 type=patch options:peer=p10 -- add-port br1 p10 -- set Interface p10 type=patch options:peer=p01",
    plan: (tables) => ensurePatchPair(tables, { bridge: "br0", name: "p01" }, { bridge: "br1", name: "p10" }),
  },
  {
    name: "del-port of both patch ports",
    given: `${twoBridges} -- add-port br0 p01 -- set Interface p01 type=patch options:peer=p10 -- add-port br1 p10 -- set Interface p10 type=patch options:peer=p01`,
    vsctl: "del-port p01 -- del-port p10",
    plan: (tables) => removePatchPair(tables, "p01", "p10"),
  },
  {
    name: "tunnels of each type",
    given: "add-br br0",
    vsctl:
      "add-port br0 v -- set Interface v type=vxlan options:remote_ip=flow options:key=flow options:dst_port=8472 options:exts=gbp -- add-port br0 g -- set Interface g type=geneve options:remote_ip=192.0.2.7 options:key=42 options:csum=true options:tos=inherit -- add-port br0 r -- set Interface r type=gre options:remote_ip=192.0.2.8 options:df_default=false",
    plan: (tables) => [
      ...ensureTunnel(
        tables,
        "br0",
        { name: "v" },
        { type: "vxlan", remote_ip: "flow", key: "flow", dst_port: 8472, exts: ["gbp"] },
      ),
      ...ensureTunnel(
        tables,
        "br0",
        { name: "g" },
        { type: "geneve", remote_ip: "192.0.2.7", key: 42, csum: true, tos: "inherit" },
      ),
      ...ensureTunnel(tables, "br0", { name: "r" }, { type: "gre", remote_ip: "192.0.2.8", df_default: false }),
    ],
  },
  {
    name: "another remote_ip for a tunnel, and del-port of one",
    given:
      "add-br br0 -- add-port br0 v -- set Interface v type=vxlan options:remote_ip=192.0.2.7 options:csum=true -- add-port br0 g -- set Interface g type=gre options:remote_ip=192.0.2.7",
    vsctl: "set Interface v options:remote_ip=192.0.2.9 -- remove Interface v options csum -- del-port g",
    plan: (tables) => [
      ...ensureTunnel(tables, "br0", { name: "v" }, { type: "vxlan", remote_ip: "192.0.2.9" }),
      ...removeTunnel(tables, "g", "br0"),
    ],
  },
  {
    name: "set-controller and set-fail-mode",
    given: "add-br br0 -- set-controller br0 tcp:127.0.0.1:1 tcp:127.0.0.1:2",
    vsctl: "--inactivity-probe=7000 set-controller br0 tcp:127.0.0.1:2 ptcp:0:127.0.0.1 -- set-fail-mode br0 secure",
    plan: (tables) => [
      ...ensureBridge(tables, { name: "br0", fail_mode: "secure" }),
      ...ensureControllers(tables, "br0", [
        { target: "tcp:127.0.0.1:2", inactivity_probe: 7000 },
        { target: "ptcp:0:127.0.0.1", inactivity_probe: 7000 },
      ]),
    ],
  },
  {
    name: "del-controller",
    given: "add-br br0 -- set-controller br0 tcp:127.0.0.1:1 tcp:127.0.0.1:2",
    vsctl: "del-controller br0",
    plan: (tables) => ensureControllers(tables, "br0", []),
  },
  {
    name: "one controller more",
    given: "add-br br0 -- set-controller br0 tcp:127.0.0.1:1",
    vsctl: "set-controller br0 tcp:127.0.0.1:1 tcp:127.0.0.1:2",
    plan: (tables) => ensureController(tables, "br0", { target: "tcp:127.0.0.1:2" }),
  },
  {
    name: "one controller less",
    given: "add-br br0 -- set-controller br0 tcp:127.0.0.1:1 tcp:127.0.0.1:2",
    vsctl: "set-controller br0 tcp:127.0.0.1:1",
    plan: (tables) => removeController(tables, "br0", "tcp:127.0.0.1:2"),
  },
  {
    name: "set-manager",
    given: "set-manager ptcp:0:127.0.0.1 tcp:127.0.0.1:1",
    vsctl: "set-manager tcp:127.0.0.1:1 tcp:127.0.0.1:2",
    plan: (tables) => ensureManagers(tables, [{ target: "tcp:127.0.0.1:1" }, { target: "tcp:127.0.0.1:2" }]),
  },
  {
    name: "del-manager",
    given: "set-manager ptcp:0:127.0.0.1 tcp:127.0.0.1:1",
    vsctl: "del-manager",
    plan: (tables) => ensureManagers(tables, []),
  },
  {
    name: "one manager more",
    given: "set-manager tcp:127.0.0.1:1",
    vsctl: "set-manager tcp:127.0.0.1:2 tcp:127.0.0.1:1 -- set Manager tcp:127.0.0.1:2 inactivity_probe=5000",
    plan: (tables) => ensureManager(tables, { target: "tcp:127.0.0.1:2", inactivity_probe: 5000 }),
  },
  {
    name: "create Mirror",
    given: mirrored,
    vsctl: makeMirror.slice(3),
    plan: (tables) =>
      ensureMirror(tables, "br0", {
        name: "m1",
        select_src_port: new Set(["p1"]),
        select_dst_port: new Set(["p1"]),
        output_port: "p2",
      }),
  },
  {
    name: "remove Bridge br0 mirrors",
    given: `${mirrored} ${makeMirror}`,
    vsctl: "clear Bridge br0 mirrors",
    plan: (tables) => removeMirror(tables, "br0", "m1"),
  },
  {
    name: "create QoS with queues",
    given: "add-br br0 -- add-port br0 p1",
    vsctl: makeQos,
    plan: (tables) =>
      ensureQos(tables, "p1", {
        type: "linux-htb",
        other_config: new Map([["max-rate", "1000000"]]),
        queues: new Map([
          [0, { other_config: new Map([["min-rate", "1000"]]) }],
          [7, { dscp: 10 }],
        ]),
      }),
  },
  {
    name: "other queues for a QoS",
    given: `add-br br0 -- add-port br0 p1 -- ${makeQos}`,
    vsctl:
      "--all destroy QoS -- --all destroy Queue -- set Port p1 qos=@q -- --id=@q create QoS type=linux-hfsc other_config:max-rate=1000000 queues:7=@b queues:8=@c -- --id=@b create Queue dscp=11 -- --id=@c create Queue external_ids:x=y",
    plan: (tables) =>
      ensureQos(tables, "p1", {
        type: "linux-hfsc",
        queues: new Map([
          [7, { dscp: 11 }],
          [8, { external_ids: new Map([["x", "y"]]) }],
        ]),
      }),
  },
  {
    name: "destroy QoS and Queue",
    given: `add-br br0 -- add-port br0 p1 -- ${makeQos}`,
    vsctl: "--all destroy QoS -- --all destroy Queue -- clear Port p1 qos",
    plan: (tables) => removeQos(tables, "p1"),
  },
];

/** Each case runs a dozen commands, which take their time on a busy machine. */
const timeLimitMs = 30_000;

describe.skipIf(missingOpenVSwitch !== undefined)("with Open vSwitch", { timeout: timeLimitMs }, () => {
  let daemon: OvsdbDaemon;
  let client: OvsdbClient;
  let replica: Replica<OpenVswitch, Selection>;
  let tables: Tables;

  beforeAll(async () => {
    daemon = await startOvsdbDaemon({ vswitchd: true });
    await daemon.vsctl("init");
    client = await connectOvsdb({ remote: daemon.remote, clock: systemClock, logger: silentLogger });
    replica = await client.monitor(openVswitch, configurationSelection);
    tables = tablesOf(replica);
  });

  afterAll(async () => {
    await client[Symbol.asyncDispose]();
    await daemon[Symbol.asyncDispose]();
  });

  beforeEach(async () => empty(daemon));

  test.each(cases)("$name shows the same", async ({ given, vsctl, plan }) => {
    const prepare = async (): Promise<void> => {
      await empty(daemon);
      if (given !== undefined) await run(daemon, given);
    };
    await prepare();
    await run(daemon, vsctl);
    const expected = await shownByOvsVsctl((...args) => daemon.vsctl(...args));
    await prepare();
    const before = await shownByOvsVsctl((...args) => daemon.vsctl(...args));
    expect(before, "the command has to change something").not.toEqual(expected);
    // The server tells what ovs-vsctl has written before it answers.
    await client.transact(openVswitch.name, []);
    expect(await configure({ client, replica, tables }, plan)).toBe(true);
    expect(await shownByOvsVsctl((...args) => daemon.vsctl(...args))).toEqual(expected);
    expect(plan(tables), "nothing is left to do").toEqual([]);
  });
});

function run(daemon: OvsdbDaemon, command: string): Promise<string> {
  return daemon.vsctl(...command.split(" "));
}

async function empty(daemon: OvsdbDaemon): Promise<void> {
  const bridges = (await run(daemon, "list-br")).split("\n").filter((name) => name !== "");
  await run(daemon, ["del-manager", ...bridges.map((name) => `del-br ${name}`)].join(" -- "));
  await run(daemon, "--all destroy QoS -- --all destroy Queue");
}
