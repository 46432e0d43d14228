/** The messages that more than one version of OpenFlow has, each declared once. */
import { bytesToEnd } from "@loomstack/wire";
import { switchConfigFields } from "./config.ts";
import { errorBody } from "./error.ts";
import { featuresReplyFields } from "./features.ts";
import { helloFields } from "./hello.ts";
import { meterModFields } from "./meter-mod.ts";
import { packetInFields } from "./packet-in.ts";
import { roleFields } from "./role.ts";

/** Those that are the same in 1.0, 1.3 and 1.5. @see OpenFlow 1.0.0, 5.1; 1.3.5, 7.1.1; 1.5.1, 7.1.1 (ofp_type) */
export const rowsOfAllVersions = {
  hello: [0, helloFields],
  error: [1, errorBody],
  echoRequest: [2, { data: bytesToEnd }],
  echoReply: [3, { data: bytesToEnd }],
  featuresRequest: [5, {}],
  getConfigRequest: [7, {}],
  getConfigReply: [8, switchConfigFields],
  setConfig: [9, switchConfigFields],
} as const;

/** Those that are the same in 1.3 and 1.5. */
export const rowsSince13 = {
  ...rowsOfAllVersions,
  featuresReply: [6, featuresReplyFields],
  packetIn: [10, packetInFields],
  barrierRequest: [20, {}],
  barrierReply: [21, {}],
  roleRequest: [24, roleFields],
  roleReply: [25, roleFields],
  getAsyncRequest: [26, {}],
  meterMod: [29, meterModFields],
} as const;
