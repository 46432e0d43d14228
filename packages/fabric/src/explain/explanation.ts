/** Which flows have to do with an object, and which intent made them. */
import { isLoomstackError, LoomstackError, type OfPort, type Uuid } from "@loomstack/core";
import type { Binding, ExplainedFlow, ExplainedSubject, Explanation, Intent } from "@loomstack/model";
import { type Flow, flowFingerprint, flowKey, parseFlow } from "@loomstack/openflow";
import { cookieOf, isOurCookie, isWatchCookie } from "../pipeline/cookies.ts";
import type { PlannedFlow } from "../pipeline/planned-flow.ts";
import { type BridgeName, bridgeNames, pipeline, tableOf } from "../pipeline/tables.ts";
import { downReason } from "./drop-reasons.ts";
import { namesake } from "../connecting/kept-nodes.ts";
import type { ExplainedHypervisor, ExplainedHypervisors } from "./explained-hypervisor.ts";
import { flowText } from "./flow-text.ts";
import { type HeldPorts, heldPorts } from "./held-hypervisor.ts";

/** A planned flow, and the hypervisor that should hold it. */
interface Found {
  readonly hypervisor: ExplainedHypervisor;
  readonly planned: PlannedFlow;
}

/** @throws MODEL__NOT_FOUND; OPENFLOW__INVALID_TEXT for a flow that can't be read */
export function explain(intent: Intent, hypervisors: ExplainedHypervisors, subject: ExplainedSubject): Explanation {
  const { kind, id } = subject;
  const all = [...hypervisors.keys].flatMap((key) => hypervisors.get(key) ?? []);
  switch (kind) {
    case "port":
      return explainPort(intent, all, id);
    case "network":
      return explainNetwork(intent, all, id);
    case "hypervisor":
      return explainHypervisor(intent, all, id);
    case "flow":
      return /^(cookie=)?0x[\da-f]+$/i.test(id) ? explainCookie(intent, all, id) : explainFlow(intent, all, id);
  }
}

function explainPort(intent: Intent, all: readonly ExplainedHypervisor[], text: string): Explanation {
  const port = intent.ports.get(text.toLowerCase() as Uuid);
  if (port === undefined) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "port", id: text });
  const [home, target] = hypervisorsOf(intent.bindings.get(port.id));
  const moving = target === undefined ? "" : `, on its way to ${target}`;
  const where = home === undefined ? "on no hypervisor" : `on ${home}${moving}`;
  const owner = `port ${port.id}`;
  const found = search(concernedBy(intent, all, owner), [owner]);
  const down = downReason(intent, port.id);
  const summary = `port ${port.id} of network ${port.networkId}, ${where}: ${countText(found)}`;
  return { summary: down === undefined ? summary : `${summary}, because ${down}`, flows: told(found) };
}

/** Its own flows, and those of its ports. */
function explainNetwork(intent: Intent, all: readonly ExplainedHypervisor[], text: string): Explanation {
  const network = intent.networks.get(text.toLowerCase() as Uuid);
  if (network === undefined) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "network", id: text });
  const ports = intent.portsByNetwork.get(network.id) ?? new Set<Uuid>();
  const own = `network ${network.id}`;
  const found = search(concernedBy(intent, all, own), [own, ...[...ports].map((id) => `port ${id}`)]);
  const what = `network ${network.id}, tunnel key ${network.tunnelKey}, ports: ${ports.size}`;
  return { summary: `${what}; ${countText(found)}`, flows: told(found) };
}

/** What it should hold, and what others should hold because of it. */
function explainHypervisor(intent: Intent, all: readonly ExplainedHypervisor[], keyOrName: string): Explanation {
  const key = namesake(intent, keyOrName)?.systemId ?? keyOrName;
  if (!all.some((one) => one.key === key))
    throw new LoomstackError("MODEL__NOT_FOUND", { resource: "hypervisor", id: key });
  const own = search(all.filter((one) => one.key === key));
  const others = search(
    concernedBy(intent, all, `hypervisor ${key}`).filter((one) => one.key !== key),
    [`hypervisor ${key}`],
  );
  const summary = `hypervisor ${key} should hold ${flowsText(own)}; because of it, others should hold ${flowsText(others)}`;
  return { summary, flows: told([...own, ...others]) };
}

function explainCookie(intent: Intent, all: readonly ExplainedHypervisor[], text: string): Explanation {
  const cookie = BigInt(text.replace(/^cookie=/i, ""));
  const owner = ownerOf(intent, cookie);
  const name = `cookie 0x${cookie.toString(16)}`;
  if (owner !== undefined) {
    const found = search(concernedBy(intent, all, owner), [owner]);
    return { summary: `${name} stands for ${owner}: ${countText(found)}`, flows: told(found) };
  }
  if (isWatchCookie(cookie)) {
    const summary = `${name} is that of a flow that watches a packet which is traced live: it goes within seconds`;
    return { summary, flows: [] };
  }
  const summary = isOurCookie(cookie)
    ? `${name} is one of ours, but nothing that we know now has it: its flows are gone, or about to go`
    : `${name} is not one of ours: whoever made its flows, this controller leaves them alone`;
  return { summary, flows: [] };
}

function explainFlow(intent: Intent, all: readonly ExplainedHypervisor[], text: string): Explanation {
  const flows = readings(all, text);
  const cookie = /cookie=(0x[\da-f]+)/i.exec(text)?.[1];
  const owner = cookie === undefined ? undefined : ownerOf(intent, BigInt(cookie));
  const found = concernedBy(intent, all, owner).flatMap((hypervisor) =>
    bridgeNames.flatMap((bridge) => {
      const flow = flows(hypervisor, bridge);
      const planned = flow && plannedAs(hypervisor, bridge, flowKey(flow), owner);
      return flow === undefined || planned === undefined ? [] : [{ hypervisor, planned, flow }];
    }),
  );
  if (found.length === 0) return { summary: "no flow with this table, priority and match is one of ours", flows: [] };
  const isChanged = found.every(({ planned, flow }) => actionsOf(flow) !== actionsOf(planned.flow));
  const changed = isChanged ? ", but not with these actions" : "";
  return { summary: `${countText(found)} with this table, priority and match${changed}`, flows: told(found) };
}

/** The flow of an identity, looked for among those of `owner` first; where there is none, none is computed. */
function plannedAs(
  hypervisor: ExplainedHypervisor,
  bridge: BridgeName,
  key: string,
  owner: string | undefined,
): PlannedFlow | undefined {
  if (!hypervisor.plans(bridge, key)) return undefined;
  const found = (whose?: string): PlannedFlow | undefined =>
    Iterator.from(hypervisor.planned(whose)).find((planned) => planned.bridge === bridge && planned.key === key);
  return (owner === undefined ? undefined : found(owner)) ?? found();
}

function actionsOf({ instructions }: Flow): string {
  return flowFingerprint({ cookie: 0n, instructions });
}

/**
 * The hypervisors that may hold flows of an owner; of an unknown one, all. Flows are computed anew to be looked at, so
 * as few as can be are.
 */
function concernedBy(
  intent: Intent,
  all: readonly ExplainedHypervisor[],
  owner: string | undefined,
): readonly ExplainedHypervisor[] {
  const [kind, id] = owner?.split(" ") ?? [];
  if (kind === undefined || id === undefined) return all;
  const network = kind === "network" ? (id as Uuid) : intent.ports.get(id as Uuid)?.networkId;
  const networks =
    kind === "hypervisor"
      ? new Set(
          [...intent.bindings.values()].flatMap((one) =>
            hypervisorsOf(one).includes(id) ? networkOf(intent, one) : [],
          ),
        )
      : new Set(network === undefined ? [] : [network]);
  const keys = new Set(
    [...networks].flatMap((one) =>
      [...(intent.portsByNetwork.get(one) ?? [])].flatMap((port) => hypervisorsOf(intent.bindings.get(port))),
    ),
  );
  return all.filter(({ key }) => keys.has(key));
}

/** Where a port is, and where it is on its way to. */
function hypervisorsOf(binding: Binding | undefined): readonly string[] {
  if (binding === undefined) return [];
  return binding.arrivingAt === undefined ? [binding.nodeKey] : [binding.nodeKey, binding.arrivingAt];
}

function networkOf(intent: Intent, { portId }: { readonly portId: Uuid }): readonly Uuid[] {
  const port = intent.ports.get(portId);
  return port === undefined ? [] : [port.networkId];
}

/** Whose flows have this cookie, of all that there is. */
function ownerOf(intent: Intent, cookie: bigint): string | undefined {
  if (!isOurCookie(cookie)) return undefined;
  for (const owner of owners(intent)) if (cookieOf(owner) === cookie) return owner;
  return undefined;
}

function* owners({ ports, networks, nodes }: Intent): Generator<string> {
  yield "pipeline";
  for (const key of nodes.keys()) yield `hypervisor ${key}`;
  for (const id of networks.keys()) yield `network ${id}`;
  for (const id of ports.keys()) yield `port ${id}`;
}

type Readings = (hypervisor: ExplainedHypervisor, bridge: BridgeName) => Flow | undefined;

/** Reads the text of a flow. With names in it, it means what the names stand for on each bridge. */
function readings(all: readonly ExplainedHypervisor[], text: string): Readings {
  const plain = attempt(() => parseFlow(text, { consistent: false }));
  if (!(plain instanceof LoomstackError)) return () => plain;
  const named = new Map<string, Flow>();
  for (const { key, observed } of all) {
    const ports = heldPorts(observed?.bridges ?? new Map<string, never>());
    for (const bridge of bridgeNames) {
      const flow = attempt(() => parseFlow(text, { consistent: false, names: readNames(bridge, ports.get(bridge)) }));
      if (!(flow instanceof LoomstackError)) named.set(`${key} ${bridge}`, flow);
    }
  }
  if (named.size === 0) throw plain;
  return ({ key }, bridge) => named.get(`${key} ${bridge}`);
}

function readNames(bridge: BridgeName, ports: HeldPorts = new Map()) {
  return {
    table: (name: string): number | undefined =>
      pipeline.find((table) => table.bridge === bridge && table.name === name)?.id,
    port: (name: string): OfPort | undefined => [...ports].find(([, port]) => port.name === name)?.[0],
  };
}

function attempt<Value>(read: () => Value): Value | LoomstackError {
  try {
    return read();
  } catch (error) {
    if (isLoomstackError(error)) return error;
    throw error;
  }
}

/** The flows of these owners; of all, where none is named. */
function search(
  hypervisors: readonly ExplainedHypervisor[],
  owners: readonly (string | undefined)[] = [undefined],
): Found[] {
  return hypervisors.flatMap((hypervisor) =>
    owners.flatMap((owner) => [...hypervisor.planned(owner)].map((planned) => ({ hypervisor, planned }))),
  );
}

function countText(found: readonly Found[]): string {
  if (found.length === 0) return flowsText(found);
  const places = new Set(found.map(({ hypervisor }) => hypervisor.key)).size;
  return `${flowsText(found)} on ${places === 1 ? "1 hypervisor" : `${places} hypervisors`}`;
}

function flowsText({ length }: readonly Found[]): string {
  return length === 0 ? "no flows" : length === 1 ? "1 flow" : `${length} flows`;
}

/** In the order of hypervisors, bridges, tables and priorities. */
function told(found: readonly Found[]): ExplainedFlow[] {
  const ports = new Map(
    found.map(({ hypervisor }) => [hypervisor, heldPorts(hypervisor.observed?.bridges ?? new Map<string, never>())]),
  );
  const rank = ({ hypervisor: { key }, planned: { bridge, flow } }: Found): readonly (string | number)[] => [
    ...[key, bridge, flow.tableId, -flow.priority],
  ];
  return [...found]
    .sort((a, b) => compared(rank(a), rank(b)))
    .map(({ hypervisor, planned: { bridge, flow, feature, owner, why } }) => ({
      hypervisor: hypervisor.key,
      bridge,
      table: tableOf(bridge, flow.tableId)?.name ?? String(flow.tableId),
      flow: flowText(flow, bridge, ports.get(hypervisor)?.get(bridge)),
      ...{ feature, owner, why },
    }));
}

function compared(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  const [one, other] = [a[at], b[at]];
  return one === undefined || other === undefined ? 0 : one < other ? -1 : 1;
}
