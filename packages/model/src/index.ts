export { type AllocationPool, allocationPoolLimit, allocationPools, poolNumbers } from "./allocation-pool.ts";
export { type AddressPair, addressPairLimit, formatPairAddress, parsePairAddress } from "./address-pair.ts";
export {
  type Binding,
  type BindingChange,
  isSameLocation,
  listBindings,
  type PortLocation,
  setBinding,
} from "./binding.ts";
export type { Change, ChangeOf } from "./change.ts";
export * from "./cloud/index.ts";
export type {
  BridgeStatus,
  FlowDescription,
  HypervisorRealised,
  HypervisorCounters,
  Hypervisors,
  HypervisorStatus,
  Lacking,
  NodeAddress,
  NodeName,
  ObjectRealised,
  NetworkStatus,
  PortStatus,
  Realised,
} from "./controller-port.ts";
export { nextControllerEpoch } from "./controller-epoch.ts";
export { type Drift, type DriftCounts, type DriftKind, driftKinds, noDrift } from "./drift.ts";
export {
  appendEvent,
  type Event,
  eventLimit,
  type EventTables,
  firstEventId,
  lastEventId,
  listEvents,
} from "./event.ts";
export { administratorsOnly, type CheckedRequest } from "./identity/administrators-only.ts";
export {
  type ApplicationCredential,
  type ApplicationCredentialWithSecret,
  createApplicationCredential,
  deleteApplicationCredential,
  findApplicationCredential,
  listApplicationCredentials,
} from "./identity/application-credential.ts";
export {
  type Authenticate,
  createIdentity,
  type Identity,
  type IdentityOptions,
  type IssuedToken,
  type Login,
} from "./identity/identity.ts";
export {
  type ExplainedFlow,
  explainedKinds,
  type ExplainedSubject,
  type Explanation,
  type Explanations,
  type LiveSightings,
  type LiveTraceRequest,
  type Sighting,
  type Trace,
  type TraceEnd,
  traceEndKinds,
  traceModes,
  type TraceProtocol,
  type TraceRequest,
  type TraceStep,
  type UnwatchedBridge,
} from "./explanations.ts";
export { ensureInitialAdministrator, type InitialCredentials } from "./identity/initial-administrator.ts";
export { hashPassword, type ScryptCost } from "./identity/password.ts";
export type { IdentityTables } from "./identity/identity-tables.ts";
export type { LoginMethod, Principal, WantedScope } from "./identity/principal.ts";
export type { Proof, UserReference } from "./identity/proofs.ts";
export type { ProvingHeaders } from "./identity/shown-proof.ts";
export { type Token, tokensOfOneUser } from "./identity/token.ts";
export {
  createProject,
  deleteProject,
  findProject,
  findProjectByName,
  listProjects,
  type Project,
  type ProjectPatch,
  updateProject,
} from "./identity/project.ts";
export {
  assignRole,
  listAllRoleAssignments,
  listRoleAssignments,
  type RoleAssignment,
  unassignRole,
} from "./identity/role-assignment.ts";
export { type Role, roles, withImplied } from "./identity/role.ts";
export {
  createUser,
  deleteUser,
  findUser,
  findUserByApiKey,
  findUserByName,
  listUsers,
  type NewUser,
  updateUser,
  type User,
  type UserPatch,
  type UserRole,
  type UserWithSecrets,
} from "./identity/user.ts";
export { applyCommit, type Intent, loadIntent } from "./intent.ts";
export { hostNumbers } from "./host-address.ts";
export { defaultRoute, type HostRoute, hostRouteLimit } from "./host-route.ts";
export type { ControllerReading, Measurements } from "./measurements.ts";
export { learnAddress, type Learning, type SeenAddress } from "./learn-address.ts";
export {
  addressSources,
  type AddressSource,
  forgetAddress,
  forgetLeases,
  isLearner,
  type LearntAddress,
  type LearntAddresses,
  listExpiredAddresses,
  listLearntAddresses,
  mostLearntAddresses,
} from "./learnt-address.ts";
export { isNameOfAddress } from "./dns-name.ts";
export {
  checkCarriesIpv6,
  checkMostMtu,
  defaultUnderlayMtu,
  effectiveMtu,
  encapsulationOverhead,
  minimumMtu,
  mtuLimit,
} from "./mtu.ts";
export {
  createNetwork,
  deleteNetwork,
  findNetwork,
  getNetwork,
  listNetworks,
  type Network,
  type NetworkChange,
  type NetworkPatch,
  type NewNetwork,
  updateNetwork,
} from "./network.ts";
export {
  type AddressScope,
  createAddressScope,
  deleteAddressScope,
  getAddressScope,
  listAddressScopes,
  updateAddressScope,
} from "./address-scope.ts";
export { freePrefix } from "./subnet-allocation.ts";
export {
  createSubnetPool,
  deleteSubnetPool,
  getSubnetPool,
  ipVersionOfPool,
  listSubnetPools,
  type NewSubnetPool,
  type SubnetPool,
  type SubnetPoolPatch,
  subnetPoolPrefixLimit,
  updateSubnetPool,
} from "./subnet-pool.ts";
export {
  allProjects,
  createNetworkShare,
  deleteNetworkShare,
  getNetworkShare,
  listNetworkShares,
  type NetworkShare,
  networksSharedWith,
  unshareNetwork,
} from "./network-share.ts";
export {
  checkQuota,
  defaultQuotas,
  findQuotas,
  listProjectsWithQuotas,
  type QuotaResource,
  quotaResources,
  type Quotas,
  quotaUsage,
  resetQuotas,
  setQuotas,
} from "./quota.ts";
export {
  isOverlayType,
  type NetworkType,
  networkTypes,
  type OverlayType,
  overlayTypes,
  type ProviderType,
} from "./network-segment.ts";
export { deleteNode, findNode, listNodes, type Node, type NodeChange, nodeName, upsertNode } from "./node.ts";
export type { FixedIp, FixedIpRequest } from "./port-address.ts";
export {
  createPort,
  deletePort,
  findPort,
  getPort,
  listPorts,
  type NewPort,
  type Port,
  type PortChange,
  type PortPatch,
  updatePort,
} from "./port.ts";
export { type PortSearch, searchPorts } from "./port-search.ts";
export {
  findSwitch,
  listSwitches,
  type RegisteredSwitch,
  registerSwitch,
  type SwitchTraits,
  type SwitchChange,
  unregisterSwitch,
} from "./registered-switch.ts";
export { openSqliteStore } from "./sqlite-store.ts";
export {
  createStaticFlow,
  deleteStaticFlow,
  listStaticFlows,
  type NewStaticFlow,
  replaceStaticFlow,
  type StaticFlow,
  type StaticFlowChange,
} from "./static-flow.ts";
export type { StandardAttributes } from "./standard-attributes.ts";
export type { Commit, Store, StoreReading, Tx } from "./store.ts";
export { createSubnet, deleteSubnet, updateSubnet } from "./subnet-changes.ts";
export { nameserverLimit } from "./subnet-checks.ts";
export {
  findSubnet,
  getSubnet,
  type Ipv6Mode,
  ipv6Modes,
  isIpv6Subnet,
  listSubnets,
  type NewSubnet,
  type Subnet,
  type SubnetChange,
  type SubnetPatch,
} from "./subnet.ts";
export type {
  FlowParts,
  FlowRequest,
  PortCounters,
  PuntedPacket,
  PuntedPackets,
  PuntMeterStatus,
  StaticFlowStatus,
  SwitchCounters,
  SwitchDescriptionText,
  SwitchDetail,
  Switches,
  SwitchPort,
  SwitchStatistics,
  SwitchStatus,
  TableCounters,
} from "./switches.ts";
export type { StoreTables, Tables } from "./tables.ts";
export {
  listTunnelEndpoints,
  setTunnelEndpoint,
  type TunnelEndpoint,
  type TunnelEndpointChange,
} from "./tunnel-endpoint.ts";
export type { NetworkTraffic, PortTraffic, RefusedCounters, Traffic, TrafficCounters } from "./traffic.ts";
export { explainViolation, type Violation } from "./violation.ts";
