import { type Clock, type Ipv4, isLoomstackError, type Logger, messageOf, parseIpv4 } from "@loomstack/core";
import { openVswitch, type OvsdbClient } from "@loomstack/ovsdb";
import { tablesOf } from "@loomstack/ovsdb/open-vswitch";
import { monitored } from "../inventory/monitored.ts";
import { systemIdOf } from "../inventory/observed-bridges.ts";
import { DatabaseSession } from "./database-session.ts";
import type { Shown } from "./identity.ts";
import type { KeptWaiting } from "./kept-waiting.ts";

export interface DialledInOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether whoever shows this may go on. What is refused is told by whoever is asked. */
  readonly judge: (shown: Shown, from: string) => boolean;
  /** Where those wait that may not. */
  readonly waiting: KeptWaiting;
  /** Takes a hypervisor's connection; closes it when it isn't wanted. */
  readonly take: (session: DatabaseSession) => void;
}

/** What tells who a hypervisor is; of one that isn't wanted nothing else is read. */
const identity = { Open_vSwitch: ["external_ids"] } as const;

/**
 * Finds out who has dialled in, and hands over the connection, or ends it: at once, or when it has waited in vain to be
 * accepted. Never rejects.
 */
export async function receiveDialledIn(client: OvsdbClient, options: DialledInOptions): Promise<void> {
  const { clock, logger, take } = options;
  const { remote } = client;
  try {
    if (!(await isLetIn(client, options))) return await client[Symbol.asyncDispose]();
    const replica = await client.monitor(openVswitch, monitored);
    const tables = tablesOf(replica);
    const session = new DatabaseSession({ client, tables, direction: "dialled in", address: addressOf(remote), clock });
    replica.changes.add(() => {
      if (session.isOpen) session.changes.tell(undefined);
    });
    void client.closed.then((error) => session.end(error?.message ?? "we closed the connection"));
    take(session);
  } catch (error) {
    // Connections come and go, and so does whatever is no OVSDB server.
    if (isLoomstackError(error)) logger.debug({ remote, error: messageOf(error) }, "who dialled in could not be read");
    else logger.error({ remote, error: messageOf(error) }, "a hypervisor that dialled in could not be taken");
    await client[Symbol.asyncDispose]();
  }
}

/** Whether it may go on, now or before its time to wait is over. */
async function isLetIn(client: OvsdbClient, { judge, waiting }: DialledInOptions): Promise<boolean> {
  const { remote, peerSubject: certificate } = client;
  using place = waiting.place(client);
  await using replica = await client.monitor(openVswitch, identity);
  const tables = tablesOf(replica);
  let systemId = systemIdOf(tables);
  using _changes = replica.changes.add(() => {
    if (systemIdOf(tables) !== systemId) place.look();
  });
  while (!judge({ systemId, certificate }, remote)) {
    if (!(await place.wait(systemId))) return false;
    systemId = systemIdOf(tables);
  }
  return true;
}

/** The address in `tcp:192.0.2.7:41234`. @throws CORE__INVALID_ADDRESS */
function addressOf(remote: string): Ipv4 {
  return parseIpv4(remote.replace(/^\w+:/, "").replace(/:\d+$/, ""));
}
