/** The whole numbers from 0 up to, and not with, `Count`. */
type Below<Count extends number, Numbers extends readonly number[] = []> = Numbers["length"] extends Count
  ? Numbers[number]
  : Below<Count, [...Numbers, Numbers["length"]]>;

/** Rows that differ in a number only: `reg0`, `reg1`, … from `first` to `last`. */
export function numbered<Prefix extends string, First extends number, Last extends number, Row>(
  prefix: Prefix,
  first: First,
  last: Last,
  row: (number: number) => Row,
): Readonly<Record<`${Prefix}${Exclude<Below<Last>, Below<First>> | Last}`, Row>> {
  const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const rows = Object.fromEntries(numbers.map((number) => [`${prefix}${number}`, row(number)]));
  return rows as Record<`${Prefix}${Exclude<Below<Last>, Below<First>> | Last}`, Row>;
}
