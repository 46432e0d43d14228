import { LoomstackError, type Uuid } from "@loomstack/core";
import type { Integer } from "../notation/atom.ts";

/** What a server says of one of its databases (table Database of `_Server`, ovsdb-server(5)). */
export interface DatabaseStatus {
  /** `standalone`, `clustered` or `relay` */
  readonly model: string;
  /** Whether the server is in touch with the other servers of the cluster or, for a relay, with its source. */
  readonly connected: boolean;
  readonly leader: boolean;
  /** The cluster's id. */
  readonly cid: Uuid | undefined;
  /** How far the server's copy is: the place in the cluster's log of the last entry that it contains. */
  readonly index: Integer | undefined;
}

/** The cluster that a database was seen in, and how far it was. */
export interface Sighting {
  readonly cid: Uuid | undefined;
  readonly index: Integer;
}

export const nothingSeen: Sighting = { cid: undefined, index: 0 };

export interface ServerQuestion {
  readonly remote: string;
  readonly database: string;
  /** Undefined when the server doesn't have the database. */
  readonly status: DatabaseStatus | undefined;
  /** On servers that were accepted before. */
  readonly seen: Sighting;
  readonly isLeaderOnly: boolean;
}

/** Either what has been seen now, or why the server can't be used. */
export type Verdict =
  | { readonly seen: Sighting; readonly refusal?: undefined }
  | { readonly seen?: undefined; readonly refusal: LoomstackError };

/**
 * Whether a server can be used for a database. A server with the database for itself always can. Of a cluster it has to
 * be in touch with the others, must lead if that is asked for, and must not take us back to what the database was
 * before. A relay leads nothing, and says nothing of how far it is.
 */
export function judgeServer({ remote, database, status, seen, isLeaderOnly }: ServerQuestion): Verdict {
  if (status === undefined) return refused(new LoomstackError("OVSDB__DATABASE_ABSENT", { remote, database }));
  const { model, connected, leader, cid = seen.cid, index = 0 } = status;
  if (model !== "clustered" && model !== "relay") return { seen };
  const where = { remote, database };
  if (!connected) return refused(new LoomstackError("OVSDB__NOT_IN_CLUSTER", { ...where, model }));
  if (seen.cid !== undefined && cid !== undefined && cid !== seen.cid) {
    return refused(new LoomstackError("OVSDB__OTHER_CLUSTER", { ...where, cid, expectedCid: seen.cid }));
  }
  if (isLeaderOnly && !(leader && model === "clustered")) {
    return refused(new LoomstackError("OVSDB__NOT_LEADER", { ...where, model }));
  }
  if (model === "relay") return { seen };
  if (index < seen.index) {
    return refused(new LoomstackError("OVSDB__STALE", { ...where, index, seenIndex: seen.index }));
  }
  return { seen: { cid, index } };
}

function refused(refusal: LoomstackError): Verdict {
  return { refusal };
}
