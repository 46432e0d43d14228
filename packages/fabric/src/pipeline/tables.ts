/**
 * The pipeline: every table of both bridges, in the order in which a packet meets them.
 *
 *      guest ─► br-int: classify ─► portSecurity ─► arpResponder ──────────────┬─► services ─► forward ─► guest, or patch-tun
 *                          ▲             │ IPv6           │ IPv6                │      │           ▲
 *                          │             ▼                ▼                     │      ▼           │
 *                          │     neighbourSecurity ─► ndResponder ──────────────┘  controller      │
 *                          │                              └─► ndAdvertisement ─► guest             │
 *                          └ patch-tun ────────────────────────────────────────────────────────────┘
 *      patch-int ─► br-tun: classify ─► encapsulate ─► tunnel
 *      tunnel    ─► br-tun: classify ─► decapsulate ─► patch-int
 *
 * What a guest may not send goes from classify, portSecurity and neighbourSecurity to refused, where it ends.
 *
 * Numbers are spaced, stable and never reused: dumps of different releases stay comparable. A flow may go only to a
 * table named in `next`, and there is no NORMAL action anywhere. A packet that no flow of a table matches is dropped,
 * unless `miss` names a table.
 */
export const bridgeNames = ["br-int", "br-tun"] as const;
export type BridgeName = (typeof bridgeNames)[number];

export interface TableDefinition {
  readonly bridge: BridgeName;
  readonly id: number;
  readonly name: string;
  readonly miss: "drop" | { readonly goto: string };
  readonly next: readonly string[];
  /** Whether it decides what may come in, so that no flow of it may be in place without the others of a change. */
  readonly guards: boolean;
  /** One sentence: the question that this table answers. */
  readonly doc: string;
}

function table<const Definition extends TableDefinition>(definition: Definition): Definition {
  return definition;
}

export const intClassify = table({
  bridge: "br-int",
  id: 0,
  name: "classify",
  miss: "drop",
  next: ["portSecurity", "refused", "arpResponder", "forward"],
  guards: true,
  doc: "Which network does the packet belong to, and does it come from a guest, from the overlay or from outside?",
});

export const portSecurity = table({
  bridge: "br-int",
  id: 10,
  name: "portSecurity",
  miss: { goto: "refused" },
  next: ["neighbourSecurity", "refused", "arpResponder"],
  guards: true,
  doc: "Does the guest use the MAC and IP addresses of its own port, and no others?",
});

export const neighbourSecurity = table({
  bridge: "br-int",
  id: 15,
  name: "neighbourSecurity",
  miss: { goto: "ndResponder" },
  next: ["refused", "ndResponder"],
  guards: true,
  doc: "Does the guest speak in neighbour discovery of its own addresses only, and not as a router or DHCPv6 server?",
});

export const refused = table({
  bridge: "br-int",
  id: 18,
  name: "refused",
  miss: "drop",
  next: [],
  guards: true,
  doc: "Which guest has sent what it may not send? It is counted for its port, and goes no further.",
});

export const arpResponder = table({
  bridge: "br-int",
  id: 20,
  name: "arpResponder",
  miss: { goto: "services" },
  next: ["ndResponder", "services", "forward"],
  guards: false,
  doc: "Is this an ARP request for an address of the network? It is answered on the spot.",
});

export const ndResponder = table({
  bridge: "br-int",
  id: 25,
  name: "ndResponder",
  miss: { goto: "services" },
  next: ["ndAdvertisement", "services", "forward"],
  guards: false,
  doc: "Is this a neighbour solicitation for an address of the network? It becomes its advertisement on the spot.",
});

export const ndAdvertisement = table({
  bridge: "br-int",
  id: 26,
  name: "ndAdvertisement",
  miss: "drop",
  next: [],
  guards: false,
  doc: "The second half of the answer: what only an advertisement has can be written only once the packet is one.",
});

export const services = table({
  bridge: "br-int",
  id: 28,
  name: "services",
  miss: { goto: "forward" },
  next: ["forward"],
  guards: false,
  doc: "Is this a question that the network itself answers? It is shown to the controller.",
});

export const forward = table({
  bridge: "br-int",
  id: 30,
  name: "forward",
  miss: "drop",
  next: ["arrival"],
  guards: false,
  doc: "Which ports of the network is the packet for? An unknown unicast address is nobody's, unless the network goes on outside.",
});

export const arrival = table({
  bridge: "br-int",
  id: 35,
  name: "arrival",
  miss: "drop",
  next: [],
  guards: false,
  doc: "Does the guest run here already that is on its way to here? Its own first packet says so, and opens the way to it.",
});

export const tunClassify = table({
  bridge: "br-tun",
  id: 0,
  name: "classify",
  miss: "drop",
  next: ["encapsulate", "decapsulate"],
  guards: true,
  doc: "Does the packet come from br-int, or through a tunnel from a hypervisor that we know?",
});

export const encapsulate = table({
  bridge: "br-tun",
  id: 10,
  name: "encapsulate",
  miss: "drop",
  next: [],
  guards: false,
  doc: "Which hypervisors have the receivers? The local VLAN becomes the tunnel key.",
});

export const decapsulate = table({
  bridge: "br-tun",
  id: 20,
  name: "decapsulate",
  miss: "drop",
  next: [],
  guards: false,
  doc: "Which network is the tunnel key? It becomes the local VLAN.",
});

export const pipeline = [
  intClassify,
  portSecurity,
  neighbourSecurity,
  refused,
  arpResponder,
  ndResponder,
  ndAdvertisement,
  services,
  forward,
  arrival,
  tunClassify,
  encapsulate,
  decapsulate,
] as const;
export type Table = (typeof pipeline)[number];

/** The table that `flow` of `bridge` lives in, by its number. */
export function tableOf(bridge: BridgeName, id: number): TableDefinition | undefined {
  return pipeline.find((candidate) => candidate.bridge === bridge && candidate.id === id);
}

/** The table that `from` may go to under that name. */
export function nextTable<From extends Table>(from: From, name: From["next"][number]): TableDefinition {
  const found = pipeline.find((candidate) => candidate.bridge === from.bridge && candidate.name === name);
  if (found === undefined)
    throw new TypeError(`${from.name} names ${name} as a next table, but ${from.bridge} has no such table`);
  return found;
}
