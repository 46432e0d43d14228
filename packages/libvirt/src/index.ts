export {
  connectLibvirtDaemon,
  type ConnectOptions,
  type LibvirtConnection,
  type LifecycleEvent,
} from "./connection.ts";
export { domainState, type LibvirtDomainState, pausedWhileStarting } from "./domain-state.ts";
export { connectGetHostname, connectGetUri, connectGetVersion } from "./protocol/connect-calls.ts";
export type { DomainRef } from "./protocol/domain.ts";
export {
  connectGetAllDomainStats,
  connectListAllDomains,
  domainCreate,
  domainCreateXml,
  domainDefineXmlFlags,
  domainDestroy,
  domainGetState,
  domainGetXmlDesc,
  domainLookupByUuid,
  domainUndefine,
  stateStatistics,
} from "./protocol/domain-calls.ts";
export type { LifecycleEventName } from "./protocol/lifecycle.ts";
export type { Procedure } from "./protocol/procedure.ts";
export { libvirtErrorNumber } from "./protocol/remote-error.ts";
export type { TypedParameter } from "./protocol/typed-parameter.ts";
export type { CallLimits } from "./session/call-table.ts";
export type { KeepalivePolicy } from "./session/keepalive.ts";
export type { CallOptions } from "./session/session.ts";
