/** Actions that copy and set fields, in ovs-ofctl's syntax. */
import type { Move } from "../nicira/field-actions.ts";
import { type FieldName, fieldRow } from "../of13/oxm.ts";
import { formatSetValue } from "./format-masked.ts";
import { formatSubfield, hex } from "./values.ts";

const allBits64 = 2n ** 64n - 1n;

export function formatSetField(action: {
  readonly field: FieldName;
  readonly value: unknown;
  readonly mask?: unknown;
}): string {
  const row = fieldRow(action.field);
  return `set_field:${formatSetValue(row, action.value, action.mask)}->${row.setName}`;
}

export function formatMove({ from, to }: Move): string {
  return `move:${formatSubfield(from)}->${formatSubfield(to)}`;
}

export function formatWriteMetadata({ metadata, mask }: { readonly metadata: bigint; readonly mask: bigint }): string {
  return `write_metadata:${hex(metadata)}${mask === allBits64 ? "" : `/${hex(mask)}`}`;
}
