import type { Codec } from "@loomstack/wire";

/** A call of the remote program: its number, what it takes and what it answers. */
export interface Procedure<in Input, out Result> {
  /** As libvirt's documentation calls it, for errors and logs. */
  readonly name: string;
  readonly number: number;
  readonly args: Codec<unknown, Input>;
  readonly result: Codec<Result, never>;
}

export function procedure<Input, Result>(
  name: string,
  number: number,
  args: Codec<unknown, Input>,
  result: Codec<Result, never>,
): Procedure<Input, Result> {
  return { name, number, args, result };
}
