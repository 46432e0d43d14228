export { type BridgeSettings, bridgeNeeds, ensureBridge, removeBridge } from "./bridge.ts";
export { type BondSettings, ensureBond, ensureBondInterface, removeBondInterface } from "./bond.ts";
export { guardsFirst, type Settings } from "./columns.ts";
export { type ConfigurableSwitch, configure, type ConfigureOptions } from "./configure.ts";
export {
  controllerNeeds,
  type ControllerSettings,
  ensureController,
  ensureControllers,
  removeController,
} from "./controller.ts";
export { ensureInterface, type InterfaceSettings, type MakeOptions } from "./interface.ts";
export { ensureManager, ensureManagers, managerNeeds, type ManagerSettings, removeManager } from "./manager.ts";
export { ensureMirror, mirrorNeeds, type MirrorSettings, removeMirror } from "./mirror.ts";
export {
  type Announcement,
  announceChange,
  isCarriedOut,
  nextCfgNeeds,
  refuseFailedInterfaces,
  touchedInterfaces,
} from "./next-cfg.ts";
export { type Needs, type Observed, type ObservedRow, type ReplicaTablesOf, tablesOf } from "./observed.ts";
export { ensurePatchPair, type PatchEnd, patchNeeds, patchPort, removePatchPair } from "./patch-pair.ts";
export { ensurePort, portNeeds, type PortSettings, removePort } from "./port.ts";
export { ensureQos, qosNeeds, type QosSettings, type QueueSettings, removeQos } from "./qos.ts";
export { configurationSelection } from "./selection.ts";
export {
  ensureTunnel,
  type GeneveOptions,
  type GreOptions,
  removeTunnel,
  type TunnelOptions,
  tunnelPort,
  type VxlanOptions,
} from "./tunnel.ts";
