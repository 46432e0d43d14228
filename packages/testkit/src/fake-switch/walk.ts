import { LoomstackError, type OfPort } from "@loomstack/core";
import { type Action, type Flow, Port } from "@loomstack/openflow";
import { destination, transformed } from "./actions.ts";
import { matches } from "./matching.ts";
import { leaving, type Packet, writeBits } from "./packet.ts";

/** A packet that leaves the switch. */
export interface Output {
  /** The port's number; Port.controller or Port.local where it goes there. */
  readonly port: OfPort;
  /** The packet as it leaves, with its tunnel where it has one. */
  readonly packet: Packet;
}

/** What happened to a packet. */
export interface Walk {
  readonly outputs: readonly Output[];
  /** The flows that took it, in order; in a table without a flow for it, it ends. */
  readonly path: readonly Flow[];
}

/** How deep resubmits may be nested, and how many tables one packet may see: as in Open vSwitch. */
const mostDepth = 64;
const mostLookups = 4096;

/**
 * Takes a packet through the tables, from table 0.
 *
 * @throws OPENFLOW__FAKE_SWITCH_LACKS for a packet that goes in circles
 */
export function walk(flows: Iterable<Flow>, packet: Packet, inPort: OfPort): Walk {
  const course = new Course(flows);
  course.lookUp(0, { ...packet, inPort }, inPort);
  return { outputs: course.outputs, path: course.path };
}

class Course {
  readonly outputs: Output[] = [];
  readonly path: Flow[] = [];
  readonly #byTable: ReadonlyMap<number, readonly Flow[]>;
  #lookups = 0;
  #depth = 0;

  constructor(flows: Iterable<Flow>) {
    this.#byTable = Map.groupBy(
      [...flows].sort((a, b) => b.priority - a.priority),
      ({ tableId }) => tableId,
    );
  }

  /**
   * @param inPort the port that the match sees; actions see that of the packet
   * @returns the packet as it is behind this table and all those that follow
   */
  lookUp(tableId: number, packet: Packet, inPort: OfPort): Packet {
    if (++this.#lookups > mostLookups || this.#depth > mostDepth) {
      throw new LoomstackError("OPENFLOW__FAKE_SWITCH_LACKS", {
        what: `a walk of more than ${mostDepth} nested resubmits, or ${mostLookups} tables`,
      });
    }
    const flow = this.#byTable.get(tableId)?.find((candidate) => matches(candidate, { ...packet, inPort }));
    if (flow === undefined) return packet;
    this.path.push(flow);
    const instruction = <K extends Flow["instructions"][number]["kind"]>(kind: K) => {
      return flow.instructions.find(
        (candidate): candidate is Extract<Flow["instructions"][number], { readonly kind: K }> =>
          candidate.kind === kind,
      );
    };
    const applied = (instruction("applyActions")?.actions ?? []).reduce(
      (current, action) => this.#apply(current, action),
      packet,
    );
    const metadata = instruction("writeMetadata");
    const written = metadata === undefined ? applied : writeMetadata(applied, metadata);
    const next = instruction("gotoTable");
    return next === undefined ? written : this.lookUp(next.tableId, written, ownPort(written));
  }

  #apply(packet: Packet, action: Action): Packet {
    if (action.kind === "resubmit")
      return this.#resubmit(packet, action.tableId, resolved(action.inPort ?? Port.inPort, packet));
    const port = destination(packet, action);
    if (port === undefined) return transformed(packet, action);
    // A packet never goes back out of its port unless it is sent to IN_PORT.
    if (port !== packet.inPort) this.outputs.push({ port: resolved(port, packet), packet: leaving(packet) });
    return packet;
  }

  #resubmit(packet: Packet, tableId: number, inPort: OfPort): Packet {
    this.#depth++;
    const behind = this.lookUp(tableId, packet, inPort);
    this.#depth--;
    return behind;
  }
}

function ownPort(packet: Packet): OfPort {
  return packet.inPort ?? Port.any;
}

function resolved(port: OfPort, packet: Packet): OfPort {
  return port === Port.inPort ? ownPort(packet) : port;
}

function writeMetadata(
  packet: Packet,
  { metadata, mask }: { readonly metadata: bigint; readonly mask: bigint },
): Packet {
  const whole = { field: "metadata", start: 0, bits: 64 } as const;
  return writeBits(packet, whole, ((packet.metadata ?? 0n) & ~mask) | (metadata & mask));
}
