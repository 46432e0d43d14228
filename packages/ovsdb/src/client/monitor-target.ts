import type { LoomstackError, Uuid } from "@loomstack/core";
import type { Json, JsonObject } from "../notation/json.ts";
import type { Dialect } from "./dialects.ts";
import type { MonitorScope } from "./monitor-scope.ts";

/** Who gets what a monitor tells. */
export interface MonitorTarget extends MonitorScope {
  /** Whether another connection goes on where this one ends. */
  readonly isResumed: boolean;
  /** The last transaction that is known already; zero: all rows are needed. */
  readonly since: Uuid;
  /** `<monitor-requests>` (RFC 7047, 4.1.5). */
  readonly requests: JsonObject;
  /** Whether messages of this form can carry what is asked for. */
  canUse(dialect: Dialect): boolean;
  /** The answer to the request. @throws OVSDB__MALFORMED_VALUE, OVSDB__INCONSISTENT_UPDATE */
  begin(dialect: Dialect, answer: Json): void;
  /** The parameters of a notification. @throws as `begin`: then nothing that follows can be trusted */
  receive(dialect: Dialect, params: readonly Json[]): void;
  /** Changed conditions were sent, and nobody knows whether the server has taken them. */
  doubtConditions(): void;
  /** Nothing more will come. */
  end(error: LoomstackError): void;
}
