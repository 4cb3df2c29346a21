/** A request that the call does not take; becomes a 500. */
export class NotTaken extends Error {}

/** Makes a predicate of a filter's value. @throws NotTaken when it is of the wrong type */
type Operation<Row> = (value: unknown) => (row: Row) => boolean;

/** What a call lets its rows be filtered by: the operators of one field, as documented for that very call. */
export type FilterField<Row> = Readonly<Record<string, Operation<Row>>>;

/** Values below it are seconds: in milliseconds it is March 1973. */
const FIRST_MILLISECOND_VALUE = 100_000_000_000;

/** `gte` and `lte` on a time; seconds are taken too. */
export function timeField<Row>(read: (row: Row) => number): FilterField<Row> {
  return {
    gte: (value) => {
      const bound = timeOf(value);
      return (row) => read(row) >= bound;
    },
    lte: (value) => {
      const bound = timeOf(value);
      return (row) => read(row) <= bound;
    },
  };
}

/** `in` on texts: one of them has to be among the row's. @param allowed the only ones there are */
export function textsField<Row>(read: (row: Row) => readonly string[], allowed?: readonly string[]): FilterField<Row> {
  return {
    in: (value) => {
      const wanted = new Set(listOf(value, isText, "strings"));
      const odd = [...wanted].find((text) => allowed !== undefined && !allowed.includes(text));
      if (odd !== undefined) throw new NotTaken(`"${odd}" is not one of ${allowed?.join(", ") ?? ""}`);
      return (row) => read(row).some((text) => wanted.has(text));
    },
  };
}

/** `in` on an integer. */
export function integersField<Row>(read: (row: Row) => number): FilterField<Row> {
  return {
    in: (value) => {
      const wanted = new Set(listOf(value, isInteger, "integers"));
      return (row) => wanted.has(read(row));
    },
  };
}

/** `contains` on a text. */
export function containsField<Row>(read: (row: Row) => string): FilterField<Row> {
  return {
    contains: (value) => {
      if (!isText(value)) throw new NotTaken("the value must be a string");
      return (row) => read(row).includes(value);
    },
  };
}

/** `eq` and `neq` on a value that `parse` takes or refuses. */
export function equalField<Row, Value>(read: (row: Row) => Value, parse: (value: unknown) => Value): FilterField<Row> {
  return {
    eq: (value) => {
      const wanted = parse(value);
      return (row) => read(row) === wanted;
    },
    neq: (value) => {
      const unwanted = parse(value);
      return (row) => read(row) !== unwanted;
    },
  };
}

/** True for a string. */
export function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** True for a number without a fraction. */
export function isInteger(value: unknown): value is number {
  return Number.isInteger(value);
}

function timeOf(value: unknown): number {
  if (!isInteger(value)) throw new NotTaken("the value must be an integer");
  return Math.abs(value) < FIRST_MILLISECOND_VALUE ? value * 1000 : value;
}

function listOf<Entry>(value: unknown, isEntry: (entry: unknown) => entry is Entry, what: string): readonly Entry[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isEntry)) {
    throw new NotTaken(`the value must be an array of ${what}, not empty`);
  }
  return value;
}
