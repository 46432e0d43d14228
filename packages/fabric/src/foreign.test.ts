/**
 * A hypervisor that has an Open vSwitch life of its own: whatever we do on it, what isn't ours stays as it is, bit for
 * bit. With real Open vSwitch.
 */
import { deleteNetwork, deletePort } from "@loomstack/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ControllerWorld,
  isMissing,
  network,
  otherPort,
  port,
  until,
  withOpenVSwitch,
} from "./controller-under-test.ts";

let world: ControllerWorld;

/** Columns that ovs-vswitchd writes as time goes by, and those of the one row that refers to everybody's bridges. */
const restless = ["statistics", "status", "link_resets", "bridges", "next_cfg", "cur_cfg", "datapaths"];

interface DumpedTable {
  readonly caption: string;
  readonly headings: readonly string[];
  readonly data: readonly (readonly unknown[])[];
}

/** The database without our rows. */
async function foreignRows(): Promise<unknown> {
  const tables = (await world.host.dump())
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as DumpedTable);
  return tables.map(({ caption, headings, data }) => ({
    caption,
    rows: data
      .map((row) => Object.fromEntries(headings.map((heading, index) => [heading, row[index]])))
      .filter((row) => !JSON.stringify(row["external_ids"] ?? "").includes('["loomstack",'))
      .map((row) => Object.fromEntries(Object.entries(row).filter(([column]) => !restless.includes(column))))
      .map((row) => JSON.stringify(row))
      .sort(),
  }));
}

/** What the switch of a bridge holds. */
async function held(bridge: string): Promise<string[]> {
  const lines = [];
  for (const command of ["dump-flows", "dump-groups", "dump-meters", "dump-ports-desc"])
    lines.push(
      ...(await world.host.ofctl(command, bridge, ...(command === "dump-flows" ? ["--no-stats"] : []))).split("\n"),
    );
  // Our flows and ports on a bridge of ours are not foreign; the transaction id is the program's.
  return lines
    .map((line) => line.trim())
    .filter((line) => !/cookie=0x4c|xid=|^config:|^state:|^speed:|^current:/.test(line))
    .filter((line) => !/\((?:patch-|br-int|tap|loom-)|meter=controller/.test(line))
    .sort();
}

const run = (text: string): Promise<string> => world.host.vsctl("--no-wait", ...text.split(" "));

/** Everything that others may have made, on a bridge of their own. */
async function furnish(): Promise<void> {
  await run("set Open_vSwitch . other_config:stats-update-interval=3600000 external_ids:theirs=1");
  await run(
    "add-br br-ex -- set Bridge br-ex fail_mode=standalone other_config:hwaddr=02:00:00:00:00:ee external_ids:by=them",
  );
  await run(
    "add-port br-ex x1 -- set Interface x1 type=dummy -- add-port br-ex x2 tag=7 -- set Interface x2 type=dummy",
  );
  await run("set-controller br-ex ptcp:0:127.0.0.1");
  // Not the target that the fixture has given to ovsdb-server already: that one would be listened for anew, on another port.
  await run("set-manager ptcp:0:127.0.0.2");
  await run("set-ssl /nonexistent/key /nonexistent/certificate /nonexistent/ca");
  await run(
    "set Port x1 qos=@q -- --id=@q create QoS type=linux-htb queues:1=@u -- --id=@u create Queue other_config:max-rate=1000",
  );
  await run(
    "set Bridge br-ex mirrors=@m -- --id=@x get Port x2 -- --id=@m create Mirror name=m1 select_all=true output-port=@x",
  );
  await run('set Bridge br-ex netflow=@n -- --id=@n create NetFlow targets="127.0.0.1:9"');
  await world.host.vsctl("list-br");
  await world.host.ofctl("add-flow", "br-ex", "table=3,cookie=0x7,priority=9,in_port=1,actions=drop");
  await world.host.ofctl("add-group", "br-ex", "group_id=4,type=all,bucket=output:1");
  await world.host.ofctl("add-meter", "br-ex", "meter=2,kbps,band=type=drop,rate=100");
}

/** What others may add to a bridge of ours. */
async function furnishOurs(): Promise<void> {
  await run("add-port br-int x3 -- set Interface x3 type=dummy external_ids:by=them");
  await run(
    "set Bridge br-int other_config:theirs=1 external_ids:theirs=1 mirrors=@m -- --id=@x get Port x3 -- --id=@m create Mirror name=m2 output-port=@x",
  );
  await run("set Port patch-tun other_config:theirs=1 -- set Interface patch-tun external_ids:theirs=1");
  await world.host.ofctl("add-flow", "br-int", "table=99,cookie=0x7,priority=3,actions=drop");
  await world.host.ofctl("add-group", "br-int", "group_id=4,type=all,bucket=output:1");
  await world.host.ofctl("add-meter", "br-int", "meter=2,kbps,band=type=drop,rate=100");
}

const theirsOnOurs = (): Promise<string> =>
  run(
    "get Bridge br-int other_config external_ids:theirs mirrors -- get Port patch-tun other_config -- get Interface patch-tun external_ids:theirs -- list-ports br-ex",
  );

describe.skipIf(isMissing)(`a hypervisor with a life of its own, ${withOpenVSwitch}`, { timeout: 60_000 }, () => {
  beforeAll(async () => {
    world = await ControllerWorld.start();
    await furnish();
    await world.host.vsctl("set", "Open_vSwitch", ".", "external_ids:settled=1");
  }, 30_000);
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  test("connect, networks, drift, a restart and the end of it all leave what isn't ours as it was", async () => {
    const [rows, switches] = [await foreignRows(), await held("br-ex")];
    expect(JSON.stringify(rows)).toContain("br-ex");
    expect(switches.filter((line) => /cookie=0x7|group_id=4|meter=2/.test(line))).toHaveLength(3);
    const same = async (): Promise<void> => {
      expect(await foreignRows()).toEqual(rows);
      expect(await held("br-ex")).toEqual(switches);
    };

    await world.connect("a", world.host);
    await same();
    for (const [n, id] of [port, otherPort].entries()) {
      await world.makePort(id, `02:00:00:00:00:0${n + 1}`);
      await world.plug(world.host, `tap${n}`, id);
      expect(await world.settled(id)).toMatchObject({ status: "ACTIVE" });
    }
    const withGuests = await foreignRows();
    await furnishOurs();
    const [all, ours, onOurs] = [await foreignRows(), await held("br-int"), await theirsOnOurs()];
    expect(all).not.toEqual(withGuests);
    expect(ours.filter((line) => /cookie=0x7|group_id=4|meter=2/.test(line))).toHaveLength(3);

    await world.host.ofctl("del-flows", "br-int", "table=30");
    await run("set Bridge br-int fail_mode=standalone -- set-controller br-tun tcp:127.0.0.1:1 -- del-port patch-int");
    await until(() => (world.status("system-a")?.counters.driftRepaired ?? 0) >= 4);
    await world.ready("system-a");
    expect(await foreignRows()).toEqual(all);
    await world.restart();
    await world.ready("system-a");
    expect([await foreignRows(), await held("br-int"), await theirsOnOurs()]).toEqual([all, ours, onOurs]);
    expect(await held("br-ex")).toEqual(switches);

    for (const name of ["tap0", "tap1", "x3"]) await run(`del-port br-int ${name}`);
    await until(() => world.controller.realised.port(port).hypervisor === null);
    await world.store.transact(async (tx) => {
      for (const id of [port, otherPort]) await deletePort(tx, id);
      await deleteNetwork(tx, network);
    });
    await until(async () => !(await run("get Bridge br-int external_ids")).includes("loomstack-vlan"));
    await world.controller.hypervisors.disconnect("OVS", "a");
    await world.host.vsctl("del-br", "br-int", "--", "del-br", "br-tun");
    await same();
  });
});
