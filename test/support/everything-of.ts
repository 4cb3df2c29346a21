/** All that an error can show to anybody: own properties, message and stack. For tests that look for secrets. */
export function everythingOf(error: Error): string {
  return JSON.stringify([Object.entries(error), error.message, error.stack, error.cause]);
}
