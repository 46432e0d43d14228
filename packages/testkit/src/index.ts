export { FakeClock } from "./fake-clock.ts";
export { FakeSwitch } from "./fake-switch/fake-switch.ts";
export { missingOpenVSwitch, type OpenVSwitch, startOpenVSwitch } from "./fake-switch/open-vswitch.ts";
export type { Packet } from "./fake-switch/packet.ts";
export type { Output, Walk } from "./fake-switch/walk.ts";
export { Database } from "./ovsdb-server/database.ts";
export { type OvsdbDaemon, type OvsdbDaemonOptions, startOvsdbDaemon } from "./ovsdb-server/daemon.ts";
export type { Fault } from "./ovsdb-server/misbehaviour.ts";
export { type OvsdbServer, type OvsdbServerOptions, startOvsdbServer } from "./ovsdb-server/ovsdb-server.ts";
