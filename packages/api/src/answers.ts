/** What the calls below /api/v1 answer with, for those who make them: types only, which bring no server with them. */
import type { PuntedPackets, StaticFlowStatus, SwitchDetail, SwitchStatistics, SwitchStatus } from "@loomstack/model";

/** `GET /switches`. */
export interface SwitchesAnswer {
  readonly switches: readonly SwitchStatus[];
}

/** `GET` and `POST /switches/{dpid}`. */
export type SwitchAnswer = SwitchDetail;

/** `GET /switches/{dpid}/statistics`. */
export type SwitchStatisticsAnswer = SwitchStatistics;

/** `GET /switches/{dpid}/packets`. */
export type PuntedPacketsAnswer = PuntedPackets;

/** `GET /switches/{dpid}/flows`. */
export interface FlowsAnswer {
  readonly flows: readonly StaticFlowStatus[];
}

/** `POST /switches/{dpid}/flows`. */
export type FlowAnswer = StaticFlowStatus;

/** Whatever the call was, when its status is 400 or more. */
export interface ErrorAnswer {
  readonly error: { readonly code: string; readonly message: string };
}
