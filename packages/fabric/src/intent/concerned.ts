import type { Uuid } from "@loomstack/core";
import type { Change, Intent } from "@loomstack/model";

/** What changes concern: nothing else has to be computed again. */
export interface Concerned {
  readonly networks: Set<Uuid>;
  /** Keys of hypervisors. */
  readonly hypervisors: Set<string>;
}

/**
 * What `changes` concern as `intent` stands. To have everything, ask before they are applied and after: a port that
 * goes concerns those who knew it, one that comes those who will.
 */
export function concerned(intent: Intent, changes: readonly Change[]): Concerned {
  const networks = new Set(changes.flatMap((change) => networksOf(intent, change)));
  const hypervisors = new Set(changes.flatMap((change) => hypervisorsOf(change)));
  for (const network of networks) {
    for (const port of intent.portsByNetwork.get(network) ?? []) {
      const key = intent.bindings.get(port)?.nodeKey;
      if (key !== undefined) hypervisors.add(key);
    }
  }
  return { networks, hypervisors };
}

function networksOf(intent: Intent, change: Change): Uuid[] {
  switch (change.resource) {
    case "network":
      return [change.id];
    case "port":
      return [change.before, change.after].flatMap((port) => port?.networkId ?? []);
    case "binding":
      return networkOfPort(intent, change.id);
    case "tunnelEndpoint":
      return [...intent.bindings.values()]
        .filter(({ nodeKey }) => nodeKey === change.id)
        .flatMap(({ portId }) => networkOfPort(intent, portId));
    default:
      return [];
  }
}

function hypervisorsOf(change: Change): string[] {
  return change.resource === "binding"
    ? [change.before, change.after].flatMap((binding) => binding?.nodeKey ?? [])
    : [];
}

function networkOfPort(intent: Intent, port: Uuid): Uuid[] {
  const network = intent.ports.get(port)?.networkId;
  return network === undefined ? [] : [network];
}
