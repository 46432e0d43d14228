import type { Ip, Uuid } from "@loomstack/core";
import { forgetAddress, forgetLeases, type LearntAddress, learntBy, mostLearntAddresses } from "./learnt-address.ts";
import type { Port } from "./port.ts";
import type { Tx } from "./store.ts";

/** An address that was seen to be a port's. */
export interface SeenAddress extends LearntAddress {
  /** When its lease ends, in milliseconds since the epoch; null where it has none, or one without end. */
  readonly expiresAtMs: number | null;
}

/** What has become of it. */
export type Learning =
  /** It was learnt before, or nothing is learnt of this port. */
  | { readonly kind: "passed-over" }
  /** @property takenFrom the port that it was learnt of before */
  | { readonly kind: "learnt"; readonly takenFrom?: Uuid }
  /** Another port has it, and keeps it. */
  | { readonly kind: "held"; readonly by: Uuid };

const passedOver: Learning = { kind: "passed-over" };

/**
 * Keeps an address of a port. Intent goes before everything. Of what is seen, who has shown an address first keeps it,
 * as long as it is the guests themselves who say so; a DHCP server's word counts more, and of its leases a port has one.
 * No more are learnt of a port than there may be, but for a lease, which takes the place of the oldest.
 */
export async function learnAddress(tx: Tx, { id, networkId }: Port, seen: SeenAddress): Promise<Learning> {
  const { address, source } = seen;
  const told = await holderOf(tx, "port_addresses", networkId, address);
  if (told !== undefined) return told === id ? passedOver : { kind: "held", by: told };
  if (!(await isLearning(tx, id))) return passedOver;
  const holder = await holderOf(tx, "learnt_addresses", networkId, address);
  if (holder === id) return confirm(tx, id, seen);
  if (source !== "dhcp") {
    if (holder !== undefined) return { kind: "held", by: holder };
    const { addresses = [] } = (await learntBy(tx.db, id)) ?? {};
    if (addresses.length >= mostLearntAddresses) return passedOver;
  } else {
    if (holder !== undefined) await forgetAddress(tx, holder, address);
    await makeRoomForLease(tx, id);
  }
  await add(tx, { id, networkId }, seen);
  return { kind: "learnt", ...(holder !== undefined && { takenFrom: holder }) };
}

async function holderOf(
  tx: Tx,
  table: "port_addresses" | "learnt_addresses",
  networkId: Uuid,
  address: Ip,
): Promise<Uuid | undefined> {
  const ofNetwork = tx.db.selectFrom(table).select("port_id").where("network_id", "=", networkId);
  return (await ofNetwork.where("address", "=", address).executeTakeFirst())?.port_id as Uuid | undefined;
}

async function isLearning(tx: Tx, id: Uuid): Promise<boolean> {
  const port = await tx.db
    .selectFrom("ports")
    .innerJoin("networks", "networks.id", "ports.network_id")
    .select("learns_addresses")
    .where("ports.id", "=", id)
    .executeTakeFirst();
  return port?.learns_addresses === 1;
}

/** Seen again: a lease is prolonged, or is known now of what its guest has shown before. */
async function confirm(tx: Tx, id: Uuid, { address, source, expiresAtMs }: SeenAddress): Promise<Learning> {
  const before = await learntBy(tx.db, id);
  if (source !== "dhcp" || before === undefined) return passedOver;
  const isLeased = before.addresses.some((one) => one.address === address && one.source === "dhcp");
  const set = { source, expires_at: expiresAtMs, ...(!isLeased && { revision: tx.revision }) };
  if (!isLeased) await forgetLeases(tx, id);
  await tx.db
    .updateTable("learnt_addresses")
    .set(set)
    .where("port_id", "=", id)
    .where("address", "=", address)
    .execute();
  // Flows don't depend on when a lease ends.
  if (isLeased) return passedOver;
  const after = await learntBy(tx.db, id);
  tx.record({ resource: "learntAddresses", id, before, ...(after && { after }) });
  return { kind: "learnt" };
}

async function makeRoomForLease(tx: Tx, id: Uuid): Promise<void> {
  await forgetLeases(tx, id);
  const { addresses: [oldest, ...others] = [] } = (await learntBy(tx.db, id)) ?? {};
  if (oldest !== undefined && others.length + 1 >= mostLearntAddresses) await forgetAddress(tx, id, oldest.address);
}

async function add(tx: Tx, { id, networkId }: Pick<Port, "id" | "networkId">, seen: SeenAddress): Promise<void> {
  const { address, source, expiresAtMs } = seen;
  const before = await learntBy(tx.db, id);
  const last = await tx.db
    .selectFrom("learnt_addresses")
    .select((select) => select.fn.max("position").as("position"))
    .where("port_id", "=", id)
    .executeTakeFirst();
  const place = { port_id: id, network_id: networkId, position: (last?.position ?? -1) + 1, revision: tx.revision };
  await tx.db
    .insertInto("learnt_addresses")
    .values({ ...place, address, source, expires_at: expiresAtMs })
    .execute();
  const after = { portId: id, addresses: [...(before?.addresses ?? []), { address, source }], revision: tx.revision };
  tx.record({ resource: "learntAddresses", id, ...(before && { before }), after });
}
