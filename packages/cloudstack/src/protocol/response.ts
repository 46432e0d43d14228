/**
 * How the fields of responses are declared; what listApis says of them and what is sent come from the same declaration.
 */

export type FieldType = "string" | "boolean" | "integer" | "long" | "list" | "map" | "object";

interface FieldValues {
  string: string;
  boolean: boolean;
  integer: number;
  long: number;
  list: readonly unknown[];
  map: Readonly<Record<string, string>>;
  object: object;
}

export interface Field<Type extends FieldType = FieldType> {
  readonly type: Type;
  readonly description: string;
}

export type Fields = Readonly<Record<string, Field>>;

/** What is sent: any of the declared fields, each of its type; one that is undefined is left out. */
export type FieldsOf<F extends Fields> = { readonly [K in keyof F]?: FieldValues[F[K]["type"]] | undefined };

/** A kind of object in responses: the key that it stands under, its fields, and how a value is written with them. */
export interface ResponseObject<Value> {
  readonly key: string;
  readonly fields: Fields;
  write(value: Value): object;
}

export function responseObject<const F extends Fields, Value>(
  key: string,
  fields: F,
  write: (value: Value) => FieldsOf<F>,
): ResponseObject<Value> {
  return { key, fields, write };
}

export function field<Type extends FieldType>(type: Type, description: string): Field<Type> {
  return { type, description };
}

/** CloudStack's way to write a time: `2026-01-01T00:00:00+0000`. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "+0000");
}

/** `{ <key>: [...], count }`, or nothing at all for an empty list, as CloudStack has it. */
export function listBody<Value>(
  object: ResponseObject<Value>,
  page: { readonly items: readonly Value[]; readonly count: number },
): object {
  return page.count === 0 ? {} : { count: page.count, [object.key]: page.items.map((item) => object.write(item)) };
}
