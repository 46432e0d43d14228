import { inside, u32, variants } from "@loomstack/wire";
import { bundleAddFields, bundleControlFields } from "./bundle.ts";
import { requestForwardFields, roleStatusFields } from "./controller-status.ts";
import { onf } from "./onf.ts";

/**
 * The experimenter messages of the Open Networking Foundation that we speak, with the numbers that Open vSwitch has
 * them by.
 */
export const onfMessages = inside(
  onf,
  u32,
  variants({
    bundleControl: [2300, bundleControlFields],
    bundleAdd: [2301, bundleAddFields],
    flowMonitorCancel: [1870, { monitorId: u32 }],
    /** The switch has more to tell than we read, and tells nothing of the changes until flowMonitorResumed. */
    flowMonitorPaused: [1871, {}],
    flowMonitorResumed: [1872, {}],
    roleStatus: [1911, roleStatusFields],
    requestForward: [2350, requestForwardFields],
  }),
);
