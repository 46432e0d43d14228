import type { Action } from "@loomstack/openflow";
import type { LocalPort, PlannedNetwork } from "../compile/plan.ts";
import { learntCookieOf } from "../pipeline/cookies.ts";
import { type PlannedFlow, plannedFlow } from "../pipeline/planned-flow.ts";
import { priority } from "../pipeline/priorities.ts";
import { registers } from "../pipeline/registers.ts";
import { arrival as table, intClassify } from "../pipeline/tables.ts";
import { afterClassify, loadNetwork } from "./classify.ts";
import type { Feature } from "./feature.ts";

const name = "arrival";
const { field, start, bits } = registers.network;
const network = { field, start, bits };
const wholeMac = { start: 0, bits: 48 };

/**
 * A live migration plugs the interface where the guest will be long before the guest runs there. All hypervisors are
 * ready for it then, and the moment when it moves is its own: QEMU announces it with a packet (RARP), or it sends one
 * itself, and the switch learns from that, without asking anybody, that packets for it are heard here from now on.
 */
export const arrival: Feature = {
  name,
  doc: "A guest that is on its way to here gets its packets from its own first packet on; until then they would wait for it, and come twice.",
  localPort: (_hypervisor, planned, port) => (port.isArriving === true ? [opening(planned, port)] : []),
};

/** What the switch has learnt goes with this flow (ovs-actions(7), "delete_learned"). */
function opening(planned: PlannedNetwork, port: LocalPort): PlannedFlow {
  const owner = `port ${port.id}`;
  const learn: Action = {
    kind: "learn",
    tableId: table.id,
    priority: priority.exact,
    cookie: learntCookieOf(owner),
    flags: { deleteLearned: true },
    specs: [
      { kind: "match", from: network, to: network },
      { kind: "match", from: { field: "ethSrc", ...wholeMac }, to: { field: "ethDst", ...wholeMac } },
      { kind: "output", from: { field: "nxmInPort", start: 0, bits: 16 } },
    ],
  };
  return plannedFlow({
    table: intClassify,
    priority: priority.exception,
    match: { inPort: port.ofPort, ethSrc: port.mac },
    actions: [loadNetwork(planned), learn],
    goto: afterClassify(port),
    feature: name,
    owner,
    why: "the guest that was on its way to here has sent a packet: it runs",
  });
}
