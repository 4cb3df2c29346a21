import type { Severity } from "../tenant/alert-schema";

/** PAN-OS's severities, lowest first. Source: PAN-OS Administrator's Guide, "Syslog Severity". */
export const PANOS_SEVERITIES = ["informational", "low", "medium", "high", "critical"] as const;
export type PanosSeverity = (typeof PANOS_SEVERITIES)[number];

/** XDR has no Critical: it is sent as High, and the description names it. */
const XDR_SEVERITY: Readonly<Record<PanosSeverity, Severity>> = {
  informational: "Informational",
  low: "Low",
  medium: "Medium",
  high: "High",
  critical: "High",
};

const WORDS: ReadonlyMap<string, PanosSeverity> = new Map<string, PanosSeverity>([
  ...PANOS_SEVERITIES.map((word) => [word, word] as const),
  ...PANOS_SEVERITIES.map((word, index) => [String(index + 1), word] as const),
]);

/** The severity of a record's text, in any case or as PAN-OS's number 1 to 5; undefined when unknown. */
export function parseSeverity(text: string | undefined): PanosSeverity | undefined {
  if (text === undefined) return undefined;
  return WORDS.get(text) ?? WORDS.get(text.trim().toLowerCase());
}

/** What XDR calls it. */
export function xdrSeverity(severity: PanosSeverity | undefined): Severity {
  return severity === undefined ? "Unknown" : XDR_SEVERITY[severity];
}

/** True when `severity` is lower than `least`; an unknown one never is. */
export function isBelow(severity: PanosSeverity | undefined, least: PanosSeverity): boolean {
  return severity !== undefined && PANOS_SEVERITIES.indexOf(severity) < PANOS_SEVERITIES.indexOf(least);
}
