import type { Clock } from "@loomstack/core";
import type { Realised } from "@loomstack/model";
import type { TellEvent } from "../event-throttle.ts";
import type { HypervisorRegistry } from "../hypervisors.ts";
import type { IntentFollower } from "../intent/intent-follower.ts";
import type { PathProber } from "../paths/path-prober.ts";
import { StateWatch } from "./state-watch.ts";

export interface WatchedParts {
  readonly follower: IntentFollower;
  readonly registry: HypervisorRegistry;
  readonly prober: PathProber;
  readonly realised: Pick<Realised, "port" | "network">;
  readonly clock: Clock;
  readonly tell: TellEvent;
}

/** Has states of ports and networks told as events, from whatever they may change by. */
export function watchStates({ follower, registry, prober, realised, clock, tell }: WatchedParts): Disposable {
  const { intent, placement } = follower;
  const watching = new DisposableStack();
  const watch = watching.use(
    new StateWatch({
      ...{ clock, intent, placement, tell },
      port: (id) => realised.port(id),
      network: (id) => realised.network(id),
      hypervisor: (key) => registry.get(key),
      isStarted: () => registry.reading().hypervisorsUntried === 0,
    }),
  );
  watching.use(follower.steps.add((step) => watch.step(step)));
  watching.use(registry.changed.add((key) => watch.changed(key)));
  watching.use(prober.confirmed.add((path) => watch.path(path, true)));
  watching.use(prober.broken.add((path) => watch.path(path, false)));
  return watching;
}
