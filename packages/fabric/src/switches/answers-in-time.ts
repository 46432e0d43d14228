import type { Clock } from "@loomstack/core";
import type { SwitchConnection } from "@loomstack/openflow";

/** How long a switch may take to show that it is still there, when another connection says that it is the same. */
const answerMs = 2_000;

/** Whether the switch at the other end answers a barrier. */
export async function answersInTime(connection: SwitchConnection, clock: Clock): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  using _timer = clock.after(answerMs, () => resolve(false));
  connection.barrier().then(
    () => resolve(true),
    () => resolve(false),
  );
  return await promise;
}
