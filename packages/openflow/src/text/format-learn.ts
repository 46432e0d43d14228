/** The action learn in ovs-ofctl's syntax. */
import type { Learn, Learn2, LearnSource, LearnSpec } from "../nicira/learn.ts";
import { isWhole, type Subfield } from "../nicira/subfield.ts";
import { fieldRow } from "../of13/oxm.ts";
import type { PrintContext } from "./action-text.ts";
import { formatSetValue } from "./format-masked.ts";
import { tableName } from "./names.ts";
import { formatSubfield, hex, list } from "./values.ts";

export function formatLearn(learn: Learn & Partial<Learn2>, { names }: PrintContext): string {
  const { flags = {}, result } = learn;
  const parts = list(
    `table=${tableName(learn.tableId, names)}`,
    unless0("idle_timeout", learn.idleTimeoutSec),
    unless0("hard_timeout", learn.hardTimeoutSec),
    unless0("fin_idle_timeout", learn.finIdleTimeoutSec),
    unless0("fin_hard_timeout", learn.finHardTimeoutSec),
    (learn.priority ?? 0x8000) !== 0x8000 && `priority=${learn.priority}`,
    flags.sendFlowRemoved === true && "send_flow_rem",
    flags.deleteLearned === true && "delete_learned",
    (learn.cookie ?? 0n) !== 0n && `cookie=${hex(learn.cookie ?? 0n)}`,
    unless0("limit", learn.limit),
    result && `result_dst=${formatSubfield(result)}`,
    ...learn.specs.map(formatSpec),
  );
  return `learn(${parts})`;
}

function unless0(key: string, value: number | undefined): string | false {
  return (value ?? 0) !== 0 && `${key}=${value}`;
}

function formatSpec(spec: LearnSpec): string {
  switch (spec.kind) {
    case "output":
      return `output:${formatSubfield(spec.from)}`;
    case "load":
      return `load:${sourceText(spec.from)}->${formatSubfield(spec.to)}`;
    case "match":
      return typeof spec.from === "bigint" ? conditionText(spec.to, spec.from) : copyText(spec.to, spec.from);
  }
}

function sourceText(source: LearnSource): string {
  return typeof source === "bigint" ? hex(source) : formatSubfield(source);
}

/** A whole field has its own name and form, bits of it have a number. */
function conditionText(to: Subfield, value: bigint): string {
  if (!isWhole(to)) return `${formatSubfield(to)}=${hex(value)}`;
  const row = fieldRow(to.field);
  return `${row.setName}=${formatSetValue(row, row.type.fromInteger(value, to.size), undefined)}`;
}

/** The same bits of the packet and of the match are named once. */
function copyText(to: Subfield, from: Subfield): string {
  const same = to.field === from.field && to.start === from.start;
  return same ? formatSubfield(to) : `${formatSubfield(to)}=${formatSubfield(from)}`;
}
