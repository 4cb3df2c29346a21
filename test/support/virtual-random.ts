/** A source of numbers in [0, 1), as `Math.random`. */
export type Random = () => number;

/** Mulberry32: 32 bits of state, the same numbers for the same seed everywhere. */
export function mulberry32(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** An integer from `min` to `max`, both included. */
export function integerIn(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

/** One of a list, which must not be empty. */
export function pick<T>(random: Random, list: readonly T[]): T {
  const chosen = list[integerIn(random, 0, list.length - 1)];
  if (chosen === undefined) throw new Error("Nothing to pick from.");
  return chosen;
}

/** The list in another order. */
export function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const result = [...list];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = integerIn(random, 0, last);
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}

/** That many hexadecimal digits. */
export function hexText(random: Random, digits: number): string {
  let text = "";
  while (text.length < digits) text += integerIn(random, 0, 15).toString(16);
  return text;
}
