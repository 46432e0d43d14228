import type { Clock } from "@loomstack/core";
import { EventThrottle, type TellEvent } from "../event-throttle.ts";
import { type Path, pathKey, type PathProber } from "./path-prober.ts";

/** Broken paths that are remembered, so that it is told when they work again. */
const mostRemembered = 1_000;

/** Tells when paths break that worked, and when they work again. */
export function tellOfPaths(prober: PathProber, clock: Clock, tell: TellEvent): Disposable {
  const events = new EventThrottle(clock, tell);
  const broken = new Set<string>();
  const subscriptions = new DisposableStack();
  subscriptions.use(
    prober.broken.add((path) => {
      const [oldest] = broken;
      if (broken.size >= mostRemembered && oldest !== undefined) broken.delete(oldest);
      broken.add(pathKey(path));
      const message = `${described(path)} carries no probes any more: is the underlay in order?`;
      events.tell("warning", "path-broken", message, { hypervisor: path.from });
    }),
  );
  subscriptions.use(
    prober.confirmed.add((path) => {
      if (!broken.delete(pathKey(path))) return;
      events.tell("info", "path-restored", `${described(path)} carries probes again`, { hypervisor: path.from });
    }),
  );
  return subscriptions;
}

function described({ from, to, encapsulation, endpoint }: Path): string {
  return `the ${encapsulation} tunnel from hypervisor ${from} to ${to} (${endpoint})`;
}
