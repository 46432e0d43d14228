/**
 * What is ours of a hypervisor's database: of the bridges, ports, interfaces and controllers that carry our mark these
 * columns, and in `external_ids` our own keys. Whatever else those rows hold, and every other row, is left as it is.
 * docs/drift.md is generated from this; the types hold what is written against it.
 */
import { isVlanKey, ownerKey } from "../compile/desired-bridges.ts";

/** Tables with rows of ours. */
export type OwnedTable = keyof typeof ownedColumns;

/** For each column of ours what we want of it. */
export const ownedColumns = {
  Bridge: {
    datapath_type: "that of the hypervisor's other bridges: patch ports and tunnels need the same one",
    fail_mode:
      "`secure`: without a controller the bridge goes on with the flows that it has, and never becomes a learning switch",
    protocols: "`OpenFlow13`, and no other",
    ports: "ours are there; other ports, such as the guests', come and go as others like",
    controller: "ours, and no other: a second controller could send flows, and turn ours into a secondary",
    external_ids: "our mark, and on br-int the local VLAN of each network; other keys are not ours",
  },
  Port: {
    interfaces: "one, of the port's name",
    tag: "none",
    external_ids: "our mark; other keys are not ours",
  },
  Interface: {
    type: "`internal`, `patch`, or the encapsulation",
    options: "the patch's other end, or `remote_ip=flow` and `key=flow` of a tunnel, and no others",
    external_ids: "our mark; other keys are not ours",
  },
  Controller: {
    target: "where this controller listens for switches",
    connection_mode: "`out-of-band`: no hidden flows",
    max_backoff: "a second: a controller that starts anew is found at once",
    inactivity_probe: "none, which is Open vSwitch's own 5 s: a dead connection is noticed",
    enable_async_messages: "none, which is on: packets for the controller are sent",
    external_ids: "our mark; other keys are not ours",
  },
} as const;

/** The columns of ours of one table. */
export type OwnedColumn<T extends OwnedTable> = keyof (typeof ownedColumns)[T];

/** Whether a key of `external_ids` is ours. */
export function isOurKey(key: string): boolean {
  return key === ownerKey || isVlanKey(key);
}
