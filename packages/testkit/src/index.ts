export { FakeClock } from "./fake-clock.ts";
export { FakeSwitch } from "./fake-switch/fake-switch.ts";
export { missingOpenVSwitch, type OpenVSwitch, startOpenVSwitch } from "./fake-switch/open-vswitch.ts";
export type { Packet } from "./fake-switch/packet.ts";
export type { Output, Walk } from "./fake-switch/walk.ts";
export type { MemberStatus } from "./ovsdb-server/cluster-member.ts";
export {
  type OvsdbCluster,
  type OvsdbClusterOptions,
  type RelayServer,
  startOvsdbCluster,
} from "./ovsdb-server/cluster.ts";
export { Database } from "./ovsdb-server/database.ts";
export { type OvsdbDaemon, type OvsdbDaemonOptions, startOvsdbDaemon } from "./ovsdb-server/daemon.ts";
export { type Fault, hugeReplyBytes } from "./ovsdb-server/faults.ts";
export { type OvsdbServer, type OvsdbServerOptions, startOvsdbServer } from "./ovsdb-server/ovsdb-server.ts";
export { type RefusingRelay, startRefusingRelay } from "./ovsdb-server/refusing-relay.ts";
export { type SchemaDaemon, startSchemaDaemon } from "./ovsdb-server/schema-daemon.ts";
export { makeTlsIdentities, type TlsIdentities } from "./ovsdb-server/tls-identities.ts";
