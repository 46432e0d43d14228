/** A hypervisor as its clients see it: an OVSDB server where interfaces of guests appear. */
import { silentLogger, systemClock } from "@loomstack/core";
import {
  connectOvsdb,
  insert,
  mutate,
  namedUuid,
  openVswitch,
  type Operation,
  type OvsdbClient,
  select,
} from "@loomstack/ovsdb";
import type { WorkPort } from "./work.ts";

/** A machine that is busy with all hypervisors at once may be silent for long. */
const probeIntervalMs = 600_000;

export interface Hypervisor {
  readonly index: number;
  /** TCP port of its database. */
  readonly port: number;
  /** Ours, for what a hypervisor's own software would do. */
  readonly client: OvsdbClient;
}

export function connectTo(port: number): Promise<OvsdbClient> {
  const remote = `tcp:127.0.0.1:${port}`;
  return connectOvsdb({ remote, clock: systemClock, logger: silentLogger, limits: { probeIntervalMs } });
}

/** Adds interfaces of guests to br-int as libvirt does, all in one transaction. */
export async function plug({ client }: Hypervisor, ports: readonly WorkPort[]): Promise<void> {
  const names = ports.map(({ name }) => namedUuid(`port_${name}`));
  await client.transact("Open_vSwitch", [
    ...ports.flatMap(interfaceOf),
    mutate(openVswitch, "Bridge", [["name", "==", "br-int"]], [["ports", "insert", new Set(names)]]),
    mutate(openVswitch, "Open_vSwitch", [], [["next_cfg", "+=", 1]]),
  ]);
}

function interfaceOf({ name, id, mac }: WorkPort): readonly Operation[] {
  const identity = new Map([
    ["attached-mac", mac],
    ["iface-id", id],
    ["iface-status", "active"],
  ]);
  return [
    insert(
      openVswitch,
      "Port",
      { name, interfaces: new Set([namedUuid(`interface_${name}`)]) },
      { uuidName: namedUuid(`port_${name}`) },
    ),
    insert(
      openVswitch,
      "Interface",
      { name, type: "dummy", external_ids: identity },
      { uuidName: namedUuid(`interface_${name}`) },
    ),
  ];
}

/** An interface of a bridge that has its OpenFlow port. */
export interface NumberedInterface {
  readonly name: string;
  readonly type: string;
  readonly ofport: number;
  readonly options: ReadonlyMap<string, string>;
}

/** All that have an OpenFlow port, but those that bridges are to the machine itself. */
export async function numberedInterfaces({ client }: Hypervisor): Promise<readonly NumberedInterface[]> {
  const [{ rows }] = await client.transact("Open_vSwitch", [
    select(openVswitch, "Interface", [], ["name", "type", "ofport", "options"]),
  ]);
  return rows.flatMap(({ name, type, ofport, options }) =>
    typeof ofport === "number" && ofport > 0 && ofport < 0xff00 ? [{ name, type, ofport, options }] : [],
  );
}
