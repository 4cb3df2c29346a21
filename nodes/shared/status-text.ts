/** Maps the last part of a catalogue key below `status.` to text. */
export type TranslateStatus = (key: string, values?: Readonly<Record<string, string>>) => string;

/** "12,345" */
export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** "14:05" in the time zone of this machine, as the log has it. */
export function timeOfDay(ms: number, precision?: "seconds"): string {
  const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  return new Date(ms).toLocaleTimeString("en-GB", precision === undefined ? parts : { ...parts, second: "2-digit" });
}
