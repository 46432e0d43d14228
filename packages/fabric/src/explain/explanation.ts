/** Which flows have to do with an object, and which intent made them. */
import { LoomstackError, type Uuid } from "@loomstack/core";
import type { Binding, ExplainedSubject, Explanation, HypervisorStatus, Intent, Realised } from "@loomstack/model";
import { type Flow, flowFingerprint, flowKey } from "@loomstack/openflow";
import { namesake } from "../connecting/kept-nodes.ts";
import { cookieOf, isOurCookie, isWatchCookie } from "../pipeline/cookies.ts";
import { bridgeNames } from "../pipeline/tables.ts";
import type { ExplainedHypervisor, ExplainedHypervisors } from "./explained-hypervisor.ts";
import { readFlow } from "./flow-reading.ts";
import { countText, flowsOf, flowsOn, flowsText, flowWith, told } from "./found-flows.ts";

/** What explanations are made of. */
export interface ExplainedWorld {
  readonly intent: Intent;
  readonly hypervisors: ExplainedHypervisors;
  readonly realised: Pick<Realised, "port" | "network">;
}

/** @throws MODEL__NOT_FOUND, FABRIC__OTHER_KIND; OPENFLOW__INVALID_TEXT for a flow that can't be read */
export function explain(world: ExplainedWorld, { kind, id }: ExplainedSubject): Explanation {
  const { intent, hypervisors } = world;
  const all = [...hypervisors.keys].flatMap((key) => hypervisors.get(key) ?? []);
  switch (kind) {
    case "port":
      return explainPort(world, all, id);
    case "network":
      return explainNetwork(world, all, id);
    case "hypervisor":
      return explainHypervisor(world, all, id);
    case "flow":
      return /^(cookie=)?0x[\da-f]+$/i.test(id) ? explainCookie(intent, all, id) : explainFlow(intent, all, id);
  }
}

function explainPort(world: ExplainedWorld, all: readonly ExplainedHypervisor[], text: string): Explanation {
  const { intent, realised } = world;
  const port = intent.ports.get(text.toLowerCase() as Uuid);
  if (port === undefined) throw notThere(world, "port", text);
  const [home, target] = hypervisorsOf(intent.bindings.get(port.id));
  const moving = target === undefined ? "" : `, on its way to ${target}`;
  const where = home === undefined ? "on no hypervisor" : `on ${home}${moving}`;
  const owner = `port ${port.id}`;
  const found = flowsOf(concernedBy(intent, all, owner), [owner]);
  const what = `port ${port.id} of network ${port.networkId}, ${where}`;
  return { summary: `${what}: ${countText(found)}; ${statusText(realised.port(port.id))}`, flows: told(found) };
}

/** Its own flows, and those of its ports. */
function explainNetwork(world: ExplainedWorld, all: readonly ExplainedHypervisor[], text: string): Explanation {
  const { intent, realised } = world;
  const network = intent.networks.get(text.toLowerCase() as Uuid);
  if (network === undefined) throw notThere(world, "network", text);
  const ports = intent.portsByNetwork.get(network.id) ?? new Set<Uuid>();
  const own = `network ${network.id}`;
  const found = flowsOf(concernedBy(intent, all, own), [own, ...[...ports].map((id) => `port ${id}`)]);
  const what = `network ${network.id}, tunnel key ${network.tunnelKey}, ports: ${ports.size}`;
  return { summary: `${what}; ${countText(found)}; ${statusText(realised.network(network.id))}`, flows: told(found) };
}

/** What it should hold, and what others should hold because of it. */
function explainHypervisor(world: ExplainedWorld, all: readonly ExplainedHypervisor[], text: string): Explanation {
  const { intent, hypervisors } = world;
  const key = namesake(intent, text)?.systemId ?? text;
  const managed = all.find((one) => one.key === key);
  if (managed === undefined) {
    const candidate = hypervisors.list().find((status) => status.key === key || status.node.id === key);
    if (candidate === undefined) throw notThere(world, "hypervisor", text);
    return { summary: `${conditionText(candidate)}; until it is managed, there are no flows of it`, flows: [] };
  }
  const own = flowsOn([managed]);
  const concerned = concernedBy(intent, all, `hypervisor ${key}`).filter((one) => one !== managed);
  const others = flowsOf(concerned, [`hypervisor ${key}`]);
  const holds = `it should hold ${flowsText(own)}; because of it, others should hold ${flowsText(others)}`;
  return { summary: `${conditionText(managed)}; ${holds}`, flows: told([...own, ...others]) };
}

function explainCookie(intent: Intent, all: readonly ExplainedHypervisor[], text: string): Explanation {
  const cookie = BigInt(text.replace(/^cookie=/i, ""));
  const owner = ownerOf(intent, cookie);
  const name = `cookie 0x${cookie.toString(16)}`;
  if (owner !== undefined) {
    const found = flowsOf(concernedBy(intent, all, owner), [owner]);
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
  const reading = readFlow(all, text);
  const cookie = /cookie=(0x[\da-f]+)/i.exec(text)?.[1];
  const owner = cookie === undefined ? undefined : ownerOf(intent, BigInt(cookie));
  const found = concernedBy(intent, all, owner).flatMap((hypervisor) =>
    bridgeNames.flatMap((bridge) => {
      const flow = reading(hypervisor, bridge);
      const planned = flow && flowWith(hypervisor, bridge, flowKey(flow), owner);
      return flow === undefined || planned === undefined ? [] : [{ hypervisor, planned, flow }];
    }),
  );
  if (found.length === 0) return { summary: "no flow with this table, priority and match is one of ours", flows: [] };
  const same = found.filter(({ planned, flow }) => actionsOf(flow) === actionsOf(planned.flow));
  const places = [...new Set(same.map(({ hypervisor }) => hypervisor.key))].join(", ");
  const where = same.length === found.length ? "" : `; with these actions on ${places === "" ? "none" : places}`;
  return { summary: `${countText(found)} with this table, priority and match${where}`, flows: told(found) };
}

function actionsOf({ instructions }: Flow): string {
  return flowFingerprint({ cookie: 0n, instructions });
}

function statusText({ status, reason }: { readonly status: string; readonly reason: string }): string {
  return status === "ACTIVE" ? "ACTIVE" : `${status}, because ${reason}`;
}

function conditionText({ key, state, reason }: Pick<HypervisorStatus, "key" | "state" | "reason">): string {
  return state === "ready" ? `hypervisor ${key} is ready` : `hypervisor ${key} is ${state}, because ${reason}`;
}

/** That there is no such object, or that what has this id is of another kind. */
function notThere({ intent, hypervisors }: ExplainedWorld, resource: ExplainedSubject["kind"], id: string): Error {
  const uuid = id.toLowerCase() as Uuid;
  const known = { port: intent.ports.has(uuid), network: intent.networks.has(uuid), hypervisor: hypervisors.get(id) };
  const [other] = Object.entries(known).find(([, isThere]) => isThere) ?? [];
  if (other === undefined) return new LoomstackError("MODEL__NOT_FOUND", { resource, id });
  return new LoomstackError("FABRIC__OTHER_KIND", { resource, id, other });
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
