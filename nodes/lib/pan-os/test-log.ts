import type { Normalised } from "./normalise";

/** Variables that an admin may have typed as constants, and those that every format carries besides. */
const CONSTANTS: ReadonlySet<string> = new Set([
  "type",
  "subtype",
  "severity",
  "action",
  "device_name",
  "vsys",
  "category",
  "proto",
  "app",
]);

/**
 * True for a firewall's Send Test Log, which posts the template as it is: at least one value is a literal `$name`, and no variable has a
 * value other than those that a template may hold as a constant.
 * Source: PAN-OS Administrator's Guide 8.1, "Forward Logs to an HTTP(S) Destination".
 */
export function isTestLog({ fields, literals }: Normalised, isVariable: (name: string) => boolean): boolean {
  if (literals.length === 0) return false;
  return Object.keys(fields).every((name) => CONSTANTS.has(name) || !isVariable(name));
}
