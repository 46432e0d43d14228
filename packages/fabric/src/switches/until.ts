import type { Listeners } from "@loomstack/core";

/** Resolves once `holds`, which is looked at whenever `changed` tells of something, or when `signal` aborts. */
export async function until<Event>(
  changed: Listeners<Event>,
  holds: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const look = (): void => {
    if (signal.aborted || holds()) resolve(undefined);
  };
  using _watch = changed.add(look);
  signal.addEventListener("abort", look, { once: true });
  look();
  await promise;
  signal.removeEventListener("abort", look);
}
