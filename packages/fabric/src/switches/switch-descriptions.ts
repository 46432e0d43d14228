import { type Logger, messageOf } from "@loomstack/core";
import type { SwitchDescriptionText } from "@loomstack/model";
import { type SwitchConnection, switchDescription } from "@loomstack/openflow";
import { dpidText } from "./datapath-id.ts";

/** What switches say of themselves, asked once a connection. */
export class SwitchDescriptions {
  readonly #logger: Logger;
  readonly #told = new WeakMap<SwitchConnection, SwitchDescriptionText>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Null until the switch has told. */
  of(connection: SwitchConnection): SwitchDescriptionText | null {
    return this.#told.get(connection) ?? null;
  }

  ask(connection: SwitchConnection): void {
    connection.request(switchDescription()).then(
      ({ manufacturer, hardware, software, serialNumber, datapath }) =>
        this.#told.set(connection, { manufacturer, hardware, software, serialNumber, datapath }),
      (error: unknown) =>
        this.#logger.debug(
          { switch: dpidText(connection.dpid), remote: connection.remoteAddress, error: messageOf(error) },
          "a switch doesn't say what it is",
        ),
    );
  }
}
