import { code } from "../code.ts";

export const fabricCodes = {
  FABRIC__FLOW_OUTSIDE_PIPELINE: code("bug", "a flow for {bridge} is not what the pipeline allows ({reason}): {flow}"),
  FABRIC__HYPERVISOR_UNREACHABLE: code(
    "environment",
    "Failed to connect to hypervisor {hypervisor} at {address}:{port}: {reason}. Is ovsdb-server listening there (ovs-vsctl set-manager ptcp:6640)?",
  ),
  FABRIC__HYPERVISOR_REFUSED: code(
    "environment",
    "hypervisor {hypervisor} at {address}:{port} can't be managed: {reason}",
  ),
  FABRIC__HYPERVISOR_NOT_READY: code(
    "environment",
    "hypervisor {hypervisor} at {address}:{port} was reached, but did not become ready in time: {reason}",
  ),
  FABRIC__OTHER_KIND: code("caller", "there is no {resource} {id}, but a {other} that is called so; ask for that"),
  FABRIC__INVALID_SYSTEM_ID: code(
    "caller",
    "{systemId} can't be a system-id: it has from 1 to 255 characters, and no blanks; ovs-vsctl get Open_vSwitch . external_ids:system-id tells it",
  ),
  FABRIC__HYPERVISOR_IN_USE: code("caller", "hypervisor {hypervisor} still holds {ports} ports"),
  FABRIC__LOCAL_VLANS_EXCEEDED: code(
    "environment",
    "hypervisor {hypervisor} has no local VLAN left for network {network}: it holds 4094 networks already",
  ),
  FABRIC__FLOW_INVALID: code("caller", "the flow can't be meant so: {reason}"),
  FABRIC__FLOW_NOT_EXPRESSIBLE: code(
    "caller",
    "OpenFlow {version}, which switch {switch} speaks, can't say this flow: {reason}",
  ),
  FABRIC__SWITCH_OF_HYPERVISOR: code(
    "caller",
    "switch {switch} belongs to hypervisor {hypervisor}, whose flows the controller makes; it takes no static ones",
  ),
  FABRIC__PACKET_IMPOSSIBLE: code("caller", "port {port} can't send such a packet: {reason}"),
  FABRIC__LIVE_TRACE_IMPOSSIBLE: code(
    "environment",
    "no packet can be sent for port {port} now: {reason}. A trace without --live says more",
  ),
  FABRIC__LIVE_TRACE_LIMITED: code(
    "caller",
    "live traces put flows into switches, so there are at most {burst} at once, and then one in {everySec} s: try again",
  ),
  FABRIC__SWITCH_NOT_CONNECTED: code("environment", "switch {switch} isn't connected: {reason}"),
} as const;
