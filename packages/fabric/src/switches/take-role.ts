import { isLoomstackError } from "@loomstack/core";
import type { SwitchConnection } from "@loomstack/openflow";

/**
 * Makes us the switch's primary controller. One that knows no roles has one controller, or doesn't tell them apart.
 *
 * @param generationId grows with each start of the controller
 * @throws OPENFLOW__REQUEST_REFUSED when another controller has become the primary one since, and other OPENFLOW__…
 */
export async function takeRole(connection: SwitchConnection, generationId: bigint): Promise<void> {
  try {
    await connection.setRole("primary", generationId);
  } catch (error) {
    const isUnknown =
      isLoomstackError(error, "OPENFLOW__UNSUPPORTED_REQUEST") ||
      isLoomstackError(error, "OPENFLOW__UNSUPPORTED_BY_VERSION");
    if (!isUnknown) throw error;
  }
}
