import type { OfPort } from "@loomstack/core";
import { type Flow, type FlowMod, flowMod } from "@loomstack/openflow";
import { changed, type FlowTable } from "./flow-table.ts";
import type { Packet } from "./packet.ts";
import { type Walk, walk } from "./walk.ts";

/**
 * A switch in memory, for tests of pipelines: it holds flows, and says where a packet goes and what it looks like then.
 *
 * @example
 * const fake = FakeSwitch.with(flows);
 * expect(fake.inject(arpRequest, port(5)).outputs).toEqual([{ port: port(5), packet: arpReply }]);
 */
export class FakeSwitch {
  #flows: FlowTable = new Map();

  /** A switch that has these flows and no others. @throws OPENFLOW__FLOW_REFUSED */
  static with(flows: readonly Flow[]): FakeSwitch {
    const fake = new FakeSwitch();
    fake.apply(flows.map((flow) => flowMod("add", flow)));
    return fake;
  }

  get flows(): readonly Flow[] {
    return [...this.#flows.values()];
  }

  /**
   * Makes all changes, or none, as a bundle does.
   *
   * @throws OPENFLOW__FLOW_REFUSED for what a switch would refuse; OPENFLOW__FAKE_SWITCH_LACKS for what only this one
   * can't do
   */
  apply(mods: readonly FlowMod[]): void {
    this.#flows = changed(this.#flows, mods);
  }

  /** Where a packet that comes in by `inPort` goes, and by which flows. */
  inject(packet: Packet, inPort: OfPort): Walk {
    return walk(this.#flows.values(), packet, inPort);
  }
}
