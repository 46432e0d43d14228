/** The actions ct, nat and clone in ovs-ofctl's syntax. */
import { type Clone, type Ct, type Nat, noTable } from "../nicira/connection-tracking.ts";
import { ipv6 } from "../of13/field-types.ts";
import type { PrintContext } from "./action-text.ts";
import { tableName } from "./names.ts";
import { list, numberOrBits } from "./values.ts";

/** The protocols that have a name, by their ports. */
export const connectionHelpers: ReadonlyMap<number, string> = new Map([
  [21, "ftp"],
  [69, "tftp"],
]);

export function formatCt(
  { flags, zone = 0, tableId = noTable, alg = 0, actions = [] }: Ct,
  context: PrintContext,
): string {
  // A nat in front is written by itself, and the other actions in exec().
  const [first] = actions;
  const leading = first?.kind === "nat" ? [first] : [];
  const others = actions.slice(leading.length);
  const parts = list(
    flags?.commit === true && "commit",
    flags?.force === true && "force",
    tableId !== noTable && `table=${tableName(tableId, context.names)}`,
    zone !== 0 && `zone=${numberOrBits.print(zone, context.names)}`,
    leading.length > 0 && context.actions(leading),
    others.length > 0 && `exec(${context.actions(others)})`,
    alg !== 0 && `alg=${connectionHelpers.get(alg) ?? alg}`,
  );
  return `ct(${parts})`;
}

export function formatNat({ flags = {}, range = {} }: Nat): string {
  if (flags.src !== true && flags.dst !== true) return "nat";
  const addresses = addressRange(range);
  const direction = flags.src === true ? "src" : "dst";
  const parts = list(
    addresses === undefined ? direction : `${direction}=${addresses}${portRange(range)}`,
    flags.persistent === true && "persistent",
    flags.protoHash === true && "hash",
    flags.protoRandom === true && "random",
  );
  return `nat(${parts})`;
}

type Range = NonNullable<Nat["range"]>;

function addressRange({ ipv4Min, ipv4Max, ipv6Min, ipv6Max, protoMin }: Range): string | undefined {
  if (ipv4Min !== undefined) return interval(ipv4Min, ipv4Max);
  if (ipv6Min === undefined) return undefined;
  const text = (address: typeof ipv6Min): string =>
    protoMin === undefined ? ipv6.format(address) : `[${ipv6.format(address)}]`;
  return interval(text(ipv6Min), ipv6Max === undefined ? undefined : text(ipv6Max));
}

function portRange({ protoMin, protoMax }: Range): string {
  return protoMin === undefined ? "" : `:${interval(protoMin.toString(), protoMax?.toString())}`;
}

function interval(least: string, most: string | undefined): string {
  return most === undefined || most === least ? least : `${least}-${most}`;
}

export function formatClone({ actions }: Clone, context: PrintContext): string {
  return `clone(${context.actions(actions)})`;
}
