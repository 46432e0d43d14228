import { LoomstackError } from "@loomstack/core";
import {
  type Binding,
  deleteNode,
  type Intent,
  type Node,
  nodeName,
  setBinding,
  setTunnelEndpoint,
  type Tx,
  upsertNode,
} from "@loomstack/model";

/** The node that a client calls so. */
export function namesake(intent: Intent, name: string): Node | undefined {
  for (const node of intent.nodes.values()) if (nodeName(node) === name) return node;
  return undefined;
}

/**
 * Makes a hypervisor part of intent, or changes what is known of it. In a transaction, where intent is as of the revision
 * before it. Another one that was called so until now is forgotten.
 *
 * @param isLive whether a hypervisor is connected
 * @returns the one that was forgotten
 * @throws FABRIC__HYPERVISOR_IN_USE when that one is connected, and holds ports
 */
export async function keepNode(
  tx: Tx,
  intent: Intent,
  wanted: Omit<Node, "revision">,
  isLive: (systemId: string) => boolean,
): Promise<string | undefined> {
  const before = namesake(intent, nodeName(wanted));
  const isReplaced = before !== undefined && before.systemId !== wanted.systemId;
  if (isReplaced) await forgetNode(tx, intent, before.systemId, isLive(before.systemId));
  await upsertNode(tx, wanted);
  return isReplaced ? before.systemId : undefined;
}

/**
 * Takes a hypervisor out of intent, and what was bound to it. In a transaction, as `keepNode`.
 *
 * @param keepsPorts whether it stays when it holds ports
 * @throws FABRIC__HYPERVISOR_IN_USE, MODEL__NOT_FOUND
 */
export async function forgetNode(tx: Tx, intent: Intent, systemId: string, keepsPorts: boolean): Promise<void> {
  const bound = [...intent.bindings.values()].filter(
    ({ nodeKey, arrivingAt }) => nodeKey === systemId || arrivingAt === systemId,
  );
  if (keepsPorts && bound.length > 0)
    throw new LoomstackError("FABRIC__HYPERVISOR_IN_USE", { hypervisor: systemId, ports: bound.length });
  for (const binding of bound) await setBinding(tx, binding.portId, without(binding, systemId));
  await setTunnelEndpoint(tx, systemId, undefined);
  await deleteNode(tx, systemId);
}

/** Where a port is that isn't on this hypervisor. */
function without({ nodeKey, arrivingAt }: Binding, systemId: string): { readonly nodeKey: string } | undefined {
  const left = nodeKey === systemId ? arrivingAt : nodeKey;
  return left === undefined ? undefined : { nodeKey: left };
}
