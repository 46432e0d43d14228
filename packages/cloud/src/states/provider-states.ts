import type { ProviderState } from "@loomstack/model";
import { stateMachine } from "./state-table.ts";

/** What an administrator asks a provider to become. */
export type ProviderEvent = "Enabled" | "Disabled" | "Shutdown";

/** Shutdown can't be left: the provider is added again instead. */
export const providerStates = stateMachine<ProviderState, ProviderEvent>("network service provider", {
  Disabled: { Enabled: "Enabled", Disabled: "Disabled", Shutdown: "Shutdown" },
  Enabled: { Enabled: "Enabled", Disabled: "Disabled", Shutdown: "Shutdown" },
  Shutdown: { Shutdown: "Shutdown" },
});
