/**
 * The difference between the bridges that a hypervisor has and those that it should have, as operations for one OVSDB
 * transaction. What is not ours (other bridges, the guests' ports, other keys of external_ids) doesn't occur in it.
 */
import { insert, mutate, namedUuid, type NamedUuid, openVswitch, type Operation, update } from "@loomstack/ovsdb";
import type { Uuid } from "@loomstack/core";
import { type DesiredBridge, type DesiredPort, isVlanKey, ownerKey, ownerMark } from "../compile/desired-bridges.ts";
import type { HypervisorTables } from "../inventory/monitored.ts";
import { type ObservedBridge, observedBridges, type ObservedPort } from "../inventory/observed-bridges.ts";

const owned = new Map([[ownerKey, ownerMark]]);
/**
 * The longest that a bridge waits before it looks for the controller again (ovs-vswitchd.conf.db(5),
 * Controller.max_backoff).
 */
const maxBackoffMs = 1_000;

export function diffBridges(tables: HypervisorTables, desired: readonly DesiredBridge[]): Operation[] {
  const [root] = tables.openVswitch.keys();
  if (root === undefined) return [];
  const observed = observedBridges(tables);
  return desired.flatMap((bridge) => {
    const present = observed.get(bridge.name);
    return present === undefined ? makeBridge(root, bridge) : changeBridge(tables, present, bridge);
  });
}

function makeBridge(root: Uuid, bridge: DesiredBridge): Operation[] {
  const ports = bridge.ports.map(makePort);
  const controller = makeController(bridge);
  const uuidName = namedUuid(`bridge_${identifier(bridge.name)}`);
  const row = {
    name: bridge.name,
    datapath_type: bridge.datapathType,
    fail_mode: bridge.failMode,
    protocols: new Set(bridge.protocols),
    external_ids: bridge.externalIds,
    ports: new Set(ports.map(({ uuid }) => uuid)),
    controller: new Set([controller.uuid]),
  };
  return [
    ...ports.flatMap(({ operations }) => operations),
    controller.operation,
    insert(openVswitch, "Bridge", row, { uuidName }),
    mutate(openVswitch, "Open_vSwitch", [["_uuid", "==", root]], [["bridges", "insert", new Set([uuidName])]]),
  ];
}

function changeBridge(tables: HypervisorTables, present: ObservedBridge, bridge: DesiredBridge): Operation[] {
  return [
    ...changeSettings(present, bridge),
    ...changeController(tables, present, bridge),
    ...changeExternalIds(present, bridge),
    ...bridge.ports.flatMap((port) => {
      const existing = present.ports.get(port.name);
      return existing === undefined ? addPort(present.uuid, port) : changePort(existing, port);
    }),
    ...removePorts(present, bridge),
  ];
}

function changeSettings({ uuid, row }: ObservedBridge, bridge: DesiredBridge): Operation[] {
  const protocols = new Set<string>(bridge.protocols);
  const isRight =
    row.fail_mode === bridge.failMode &&
    row.datapath_type === bridge.datapathType &&
    row.protocols.symmetricDifference(protocols).size === 0;
  if (isRight) return [];
  const settings = {
    fail_mode: bridge.failMode,
    datapath_type: bridge.datapathType,
    protocols: new Set(bridge.protocols),
  };
  return [update(openVswitch, "Bridge", [["_uuid", "==", uuid]], settings)];
}

function changeController(tables: HypervisorTables, { uuid, row }: ObservedBridge, bridge: DesiredBridge): Operation[] {
  const controllers = [...row.controller].flatMap((id) => tables.controllers.get(id) ?? []);
  const [only] = controllers;
  if (controllers.length === 1 && only?.target === bridge.controller && only.connection_mode === "out-of-band")
    return [];
  const controller = makeController(bridge);
  return [
    controller.operation,
    update(openVswitch, "Bridge", [["_uuid", "==", uuid]], { controller: new Set([controller.uuid]) }),
  ];
}

function changeExternalIds({ uuid, row }: ObservedBridge, bridge: DesiredBridge): Operation[] {
  const missing = new Map([...bridge.externalIds].filter(([key, value]) => row.external_ids.get(key) !== value));
  const surplus = [...row.external_ids.keys()].filter((key) => isVlanKey(key) && !bridge.externalIds.has(key));
  const replaced = [...missing.keys()].filter((key) => row.external_ids.has(key));
  if (missing.size === 0 && surplus.length === 0) return [];
  return [
    mutate(
      openVswitch,
      "Bridge",
      [["_uuid", "==", uuid]],
      [
        ["external_ids", "delete", new Set([...surplus, ...replaced])],
        ["external_ids", "insert", missing],
      ],
    ),
  ];
}

function addPort(bridge: Uuid, port: DesiredPort): Operation[] {
  const { uuid, operations } = makePort(port);
  return [
    ...operations,
    mutate(openVswitch, "Bridge", [["_uuid", "==", bridge]], [["ports", "insert", new Set([uuid])]]),
  ];
}

function changePort(existing: ObservedPort, port: DesiredPort): Operation[] {
  const operations: Operation[] = [];
  const [first] = existing.interfaces;
  if (first !== undefined && (normalType(first.row.type) !== port.type || !sameMap(first.row.options, port.options))) {
    operations.push(
      update(openVswitch, "Interface", [["_uuid", "==", first.uuid]], { type: port.type, options: port.options }),
    );
  }
  if (existing.row.tag !== undefined)
    operations.push(update(openVswitch, "Port", [["_uuid", "==", existing.uuid]], { tag: undefined }));
  if (existing.row.external_ids.get(ownerKey) !== ownerMark) {
    operations.push(mutate(openVswitch, "Port", [["_uuid", "==", existing.uuid]], [["external_ids", "insert", owned]]));
  }
  return operations;
}

/** Ports that we once made, and that nothing needs any more. */
function removePorts({ uuid, ports }: ObservedBridge, bridge: DesiredBridge): Operation[] {
  const wanted = new Set(bridge.ports.map(({ name }) => name));
  const surplus = [...ports].filter(
    ([name, port]) => !wanted.has(name) && port.row.external_ids.get(ownerKey) === ownerMark,
  );
  if (surplus.length === 0) return [];
  return [
    mutate(
      openVswitch,
      "Bridge",
      [["_uuid", "==", uuid]],
      [["ports", "delete", new Set(surplus.map(([, port]) => port.uuid))]],
    ),
  ];
}

function makePort(port: DesiredPort): { readonly uuid: NamedUuid; readonly operations: Operation[] } {
  const interfaceName = namedUuid(`interface_${identifier(port.name)}`);
  const uuid = namedUuid(`port_${identifier(port.name)}`);
  return {
    uuid,
    operations: [
      insert(
        openVswitch,
        "Interface",
        { name: port.name, type: port.type, options: port.options, external_ids: owned },
        { uuidName: interfaceName },
      ),
      insert(
        openVswitch,
        "Port",
        { name: port.name, interfaces: new Set([interfaceName]), external_ids: owned },
        { uuidName: uuid },
      ),
    ],
  };
}

function makeController(bridge: DesiredBridge): { readonly uuid: NamedUuid; readonly operation: Operation } {
  const uuid = namedUuid(`controller_${identifier(bridge.name)}`);
  const row = {
    target: bridge.controller,
    connection_mode: "out-of-band",
    max_backoff: maxBackoffMs,
    external_ids: owned,
  } as const;
  return { uuid, operation: insert(openVswitch, "Controller", row, { uuidName: uuid }) };
}

/** A name as an `<id>` of RFC 7047, 3.1. */
function identifier(name: string): string {
  return name.replace(/\W/g, "_");
}

/** An Interface without a type is a "system" one. */
function normalType(type: string): string {
  return type === "" ? "system" : type;
}

function sameMap(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
