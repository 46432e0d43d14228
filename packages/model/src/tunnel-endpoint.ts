import type { Ipv4, Revision } from "@loomstack/core";
import type { Kysely } from "kysely";
import type { ChangeOf } from "./change.ts";
import type { Tx } from "./store.ts";
import type { Tables } from "./tables.ts";

/** Where the tunnels of a hypervisor end, as it last said; kept for the same reason as bindings. */
export interface TunnelEndpoint {
  /** Key of the hypervisor: its system-id. */
  readonly nodeKey: string;
  readonly address: Ipv4;
  readonly revision: Revision;
}

/** The id of the change is the hypervisor's key. */
export type TunnelEndpointChange = ChangeOf<"tunnelEndpoint", TunnelEndpoint, string>;

export async function listTunnelEndpoints(db: Kysely<Tables>): Promise<TunnelEndpoint[]> {
  const rows = await db.selectFrom("tunnel_endpoints").selectAll().execute();
  return rows.map((row) => ({
    nodeKey: row.node_key,
    address: row.address as Ipv4,
    revision: row.revision as Revision,
  }));
}

/** Sets where the tunnels of a hypervisor end; undefined when it is no longer one of ours. */
export async function setTunnelEndpoint(tx: Tx, nodeKey: string, address: Ipv4 | undefined): Promise<void> {
  const row = await tx.db.selectFrom("tunnel_endpoints").selectAll().where("node_key", "=", nodeKey).executeTakeFirst();
  const before: TunnelEndpoint | undefined = row && {
    nodeKey,
    address: row.address as Ipv4,
    revision: row.revision as Revision,
  };
  if (before?.address === address) return;
  if (address === undefined) {
    await tx.db.deleteFrom("tunnel_endpoints").where("node_key", "=", nodeKey).execute();
  } else {
    const values = { node_key: nodeKey, address, revision: tx.revision };
    await tx.db
      .insertInto("tunnel_endpoints")
      .values(values)
      .onConflict((conflict) => conflict.column("node_key").doUpdateSet(values))
      .execute();
  }
  const after: TunnelEndpoint | undefined =
    address === undefined ? undefined : { nodeKey, address, revision: tx.revision };
  tx.record({ resource: "tunnelEndpoint", id: nodeKey, ...(before && { before }), ...(after && { after }) });
}
