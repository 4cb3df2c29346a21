import { unsetVariable } from "../../lib/env-leftover";
import type { Translate } from "./catalogue";

/** Whole numbers from `min` to `max`. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/**
 * Accepts whole numbers in `range`, the empty text (the runtime then takes its default) and text with `${ENV}`.
 * Source of the two-parameter rule: Node-RED editor, `validateNodeProperty`.
 */
export function wholeNumber(text: Translate, range: Range): RedValidator {
  return fulfils(text, "errors.whole-number", (value) => isInRange(value, range) && Number.isInteger(Number(value)), {
    ...range,
  });
}

/** As {@link wholeNumber}, fractions too. */
export function number(text: Translate, range: Range): RedValidator {
  return fulfils(text, "errors.number", (value) => isInRange(value, range), { ...range });
}

/**
 * Accepts what `isGood` likes, the empty text, and text with `${ENV}`, which only the runtime can judge. What `isGood`
 * throws is a no. `key` names the catalogue's message.
 */
export function fulfils(
  text: Translate,
  key: string,
  isGood: (value: string) => unknown,
  values: Readonly<Record<string, unknown>> = {},
): RedValidator {
  // Two declared parameters: with fewer, Node-RED takes a message for "valid".
  return (value, options) => {
    const given = typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";
    if (given === "" || unsetVariable(given) !== undefined || holds(() => isGood(given))) return true;
    return text(key, { ...values, label: options.label ?? "" });
  };
}

/** Whether `action` neither threw nor said no. */
export function holds(action: () => unknown): boolean {
  try {
    return action() !== false;
  } catch {
    return false;
  }
}

function isInRange(value: string, { min, max }: Range): boolean {
  const amount = Number(value);
  return /^[-+]?[\d.]+$/.test(value) && amount >= min && amount <= max;
}
