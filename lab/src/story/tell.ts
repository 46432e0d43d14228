import { Storyteller, type StoryListener, type StepReport, type World } from "./story.ts";
import { hypervisorsRun } from "./steps/1-hypervisors.ts";
import { zoneIsMade } from "./steps/2-zone.ts";
import { networkIsAllocated } from "./steps/3-allocated-network.ts";
import { firstInstanceRuns } from "./steps/4-first-instance.ts";
import { secondInstanceRuns } from "./steps/5-second-instance.ts";
import { guestsAreIsolated, guestsPing } from "./steps/6-isolation.ts";
import { controllerMayDie } from "./steps/7-restart.ts";

export interface Told {
  readonly ok: boolean;
  readonly steps: readonly StepReport[];
}

/**
 * Tells the story; `whole` with what disturbs the guests (forgery, a killed controller), otherwise only until they ping
 * each other. Never throws.
 */
export async function tellStory(world: World, listener: StoryListener, whole: boolean): Promise<Told> {
  const teller = new Storyteller(listener);
  try {
    await teller.step(1, "two hypervisors run Open vSwitch and libvirt, nothing else is prepared", () =>
      hypervisorsRun(world),
    );
    const zone = await teller.step(
      2,
      "the administrator adds an ODL physical network, the controller, the provider, offerings",
      () => zoneIsMade(world),
    );
    const network = await teller.step(3, "a user creates a network: Allocated, nothing is touched", () =>
      networkIsAllocated(world, zone),
    );
    const a1 = await teller.step(4, "the first instance: its hypervisor is connected, the network implemented", () =>
      firstInstanceRuns(world, zone, network),
    );
    const a2 = await teller.step(5, "the second instance, on the other hypervisor: tunnel and flows", () =>
      secondInstanceRuns(world, zone, network, a1),
    );
    if (whole) {
      await teller.step(
        6,
        "the guests ping; forged addresses reach nobody; the same addresses elsewhere hear nothing",
        () => guestsAreIsolated(world, zone, network, a1, a2),
      );
      await teller.step(7, "the controller is killed mid-ping and restarted; a flow is deleted by hand", () =>
        controllerMayDie(world, a1, a2),
      );
    } else {
      await teller.step(6, "the guests ping each other", () => guestsPing(a1, a2));
    }
    return { ok: true, steps: teller.reports };
  } catch {
    // The step that failed is the last report, with its error.
    return { ok: false, steps: teller.reports };
  }
}
