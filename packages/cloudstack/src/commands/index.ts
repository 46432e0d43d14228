/** The command table: every command that is answered, by name. listApis is written from it. */
import type { CommandTable } from "../protocol/command.ts";
import { accountCommands } from "./accounts.ts";
import { discoveryCommands } from "./discovery.ts";
import { eventCommands } from "./events.ts";
import { hostCommands } from "./hosts.ts";
import { instanceCommands } from "./instances.ts";
import { jobCommands } from "./jobs.ts";
import { networkCommands } from "./networks.ts";
import { nicCommands } from "./nics.ts";
import { offeringCommands } from "./offerings.ts";
import { physicalNetworkCommands } from "./physical-networks.ts";
import { providerCommands } from "./providers.ts";
import { sessionCommands } from "./session.ts";
import { templateCommands } from "./templates.ts";
import { zoneCommands } from "./zones.ts";

export const commands: CommandTable = {
  ...sessionCommands,
  ...discoveryCommands,
  ...jobCommands,
  ...eventCommands,
  ...accountCommands,
  ...zoneCommands,
  ...hostCommands,
  ...physicalNetworkCommands,
  ...providerCommands,
  ...offeringCommands,
  ...templateCommands,
  ...networkCommands,
  ...instanceCommands,
  ...nicCommands,
};
