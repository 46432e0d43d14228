import type { Compilable, CompiledQuery, Kysely } from "kysely";
import type { Tables } from "./tables.ts";

/** What a column holds. */
type Value = string | number | null;

/** Stands for a value while a query is built. */
class Slot {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A query that is built once and then run with other values: to build one takes several times as long as SQLite takes
 * to answer it. For what is asked for each of thousands of ports.
 *
 * @param build makes the query; it must not look at the values, only put them where a value goes
 */
export function keptQuery<Values extends Readonly<Record<keyof Values, Value>>, Row>(
  build: (db: Kysely<Tables>, values: Values) => Compilable<Row>,
): (db: Kysely<Tables>, values: Values) => Promise<readonly Row[]> {
  let kept: CompiledQuery<Row> | undefined;
  return async (db, values) => {
    kept ??= build(db, slotsFor(values)).compile();
    const parameters = kept.parameters.map((parameter) =>
      parameter instanceof Slot ? values[parameter.name as keyof Values] : parameter,
    );
    const query: CompiledQuery<Row> = { ...kept, parameters };
    return (await db.executeQuery(query)).rows;
  };
}

function slotsFor<Values extends object>(values: Values): Values {
  // Kysely passes on what it finds where a value goes; that it is of the column's type is for the compiler alone.
  return Object.fromEntries(Object.keys(values).map((name) => [name, new Slot(name)])) as Values;
}
