import { i32, struct, type ValueOf } from "@loomstack/wire";
import { DomainRef } from "./domain.ts";

/** The number of lifecycle events when registering (libvirt-domain.h, virDomainEventID). */
export const lifecycleEventId = 0;
/** The procedure number of the event message (remote_protocol.x, REMOTE_PROC_DOMAIN_EVENT_CALLBACK_LIFECYCLE). */
export const lifecycleProcedure = 318;

/** remote_protocol.x, remote_domain_event_callback_lifecycle_msg. */
export const LifecycleMessage = struct({ callbackId: i32, domain: DomainRef, event: i32, detail: i32 });
export type LifecycleMessage = ValueOf<typeof LifecycleMessage>;

/**
 * What happened, with its details, in the order of their numbers (libvirt-domain.h, virDomainEventType and the details
 * of each).
 */
const lifecycle = [
  ["defined", ["added", "updated", "renamed", "from snapshot"]],
  ["undefined", ["removed", "renamed"]],
  ["started", ["booted", "migrated", "restored", "from snapshot", "woken up"]],
  [
    "suspended",
    [
      "paused",
      "migrated",
      "I/O error",
      "watchdog",
      "restored",
      "from snapshot",
      "API error",
      "post-copy",
      "post-copy failed",
    ],
  ],
  ["resumed", ["unpaused", "migrated", "from snapshot", "post-copy", "post-copy failed"]],
  ["stopped", ["shut down", "destroyed", "crashed", "migrated", "saved", "failed", "from snapshot"]],
  ["shutting down", ["finished", "requested by guest", "requested by host"]],
  ["asleep", ["memory", "disk"]],
  ["crashed", ["panicked", "crash kernel loaded"]],
] as const;

/** The words for a lifecycle event; numbers that a newer libvirt may send stay numbers. */
export function describeLifecycle(message: LifecycleMessage): {
  readonly event: LifecycleEventName | undefined;
  readonly detail: string;
} {
  const [event, details] = lifecycle[message.event] ?? [undefined, []];
  return { event, detail: details[message.detail] ?? `detail ${message.detail}` };
}

export type LifecycleEventName = (typeof lifecycle)[number][0];
