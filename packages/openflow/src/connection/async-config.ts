import type { AsyncConfig } from "../of13/messages/async.ts";
import { asyncConfig } from "../of13/requests.ts";
import type { SwitchConnection } from "./switch-connection.ts";

/**
 * Changes which messages the switch sends unasked on this connection; what `changes` doesn't name stays as it is.
 *
 * @throws OPENFLOW__UNSUPPORTED_BY_VERSION in OpenFlow 1.0, which can't choose, and what request and apply throw
 */
export async function changeAsyncConfig(
  connection: Pick<SwitchConnection, "request" | "apply">,
  changes: Partial<AsyncConfig>,
): Promise<void> {
  const present = await connection.request(asyncConfig());
  await connection.apply([{ kind: "setAsync", ...present, ...changes }]);
}
