import { Listeners, silentLogger } from "@loomstack/core";
import type { Intent } from "@loomstack/model";
import { NetworkAnswers } from "./network-answers.ts";
import { defaultGuestSettings } from "./service.ts";
import { services } from "./services.ts";

/** What a network answers by an intent that doesn't change. */
export function answersOf(intent: Intent): NetworkAnswers {
  const settings = { underlayMtu: 1500, ...defaultGuestSettings };
  return new NetworkAnswers({ intent, steps: new Listeners(), services, settings, logger: silentLogger });
}
